# cython: language_level=3
"""The fast path of a prediction, compiled: from a dict of features to a cached result.

Both classes handle the usual case only, and return None or call the slow path for everything else: unknown names, types
that need conversion, values outside of the training's ranges, times within the training. What happens to those is
written once, in `_monitor`, `_features` and `_predictor`. So the fast path never returns anything that the slow path
would not have returned.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import cython
import numpy as np

from livermore.errors import warn_uncompiled
from livermore.typing import Floats

if not cython.compiled:
    warn_uncompiled()

__all__ = ["CachedRowModel", "MonitorFastPath"]

# 2**64 divided by the golden ratio: the multiplier of Fibonacci hashing (Knuth, The Art of Computer Programming,
# volume 3, section 6.4).
_MIXER = cython.declare(cython.ulonglong, 0x9E3779B97F4A7C15)
if not cython.compiled:
    _MIXER = 0x9E3779B97F4A7C15

#: Types besides float whose conversion to float runs no code of a user's.
_NUMBERS = frozenset(
    (
        bool,
        int,
        *(np.bool_, np.float16, np.float32),
        *(np.int8, np.int16, np.int32, np.int64, np.uint8, np.uint16, np.uint32, np.uint64),
    )
)


@cython.cclass
class CachedRowModel:
    """One output of a model (number or probabilities) for dicts of features, with a cache.

    The cache is a hash table of `slots` rows without chains: of two rows of features that fall on the same slot the
    later one stays. Rows are compared bit by bit.

    Parameters
    ----------
    model : RowModel
        Its `row` and its `lock`.
    run : callable
        Fills `output` from the model's row.
    output : ndarray
        What `run` fills.
    classes : tuple of int or None
        The classes that `output` holds the probabilities of; None if it is one number.
    may_miss : sequence of bool
        For each feature, whether NaN is a value like any other.
    slots : int
        A power of two.
    """

    margin = cython.declare(cython.double, visibility="readonly")
    # Public so that tests can count calls.
    run = cython.declare(object, visibility="public")
    acquire: Callable[[], object]
    release: Callable[[], object]
    classes: tuple[Any, ...]
    float64: Any
    numbers: frozenset[Any]
    count: cython.Py_ssize_t
    width: cython.Py_ssize_t
    # Of `Any`: Cython would check the type of each name at each look-up.
    names: list[Any]
    order: cython.Py_ssize_t[::1]
    low: cython.double[::1]
    high: cython.double[::1]
    may_miss: cython.uchar[::1]
    values: cython.double[::1]
    bits: cython.longlong[::1]
    row: cython.double[::1]
    output: cython.double[::1]
    slots: cython.Py_ssize_t
    keys: cython.ulonglong[::1]
    rows: cython.longlong[:, ::1]
    outputs: cython.double[:, ::1]

    def __init__(
        self,
        model: Any,
        run: Callable[[], object],
        output: Floats,
        classes: tuple[int, ...] | None,
        may_miss: Sequence[bool],
        slots: int,
    ) -> None:
        values = np.zeros(model.n_features)
        self.run = run
        self.acquire, self.release = model.lock.acquire, model.lock.release
        self.classes = () if classes is None else classes
        # Kept on the object: a look-up of a module's global costs more than one of a slot.
        self.float64, self.numbers = np.float64, _NUMBERS
        self.count = model.n_features
        self.width = len(output)
        self.names = []
        self.order = np.zeros(self.count, np.intp)
        self.may_miss = np.array(may_miss, np.uint8)
        self.margin = -1.0
        # One piece of memory seen as numbers and as bits, so that hashing needs no conversion.
        self.values, self.bits = values, values.view(np.int64)
        self.row, self.output = model.row, output
        self.slots = slots
        self.keys = np.zeros(slots, np.uint64)
        self.rows = np.empty((slots, self.count), np.int64)
        self.outputs = np.empty((slots, self.width))

    def set_bounds(self, margin: float, low: Floats, high: Floats) -> None:
        """Take the ranges of usual values, shape (f,) each, and the margin that they were made with."""
        self.acquire()
        self.margin = margin
        self.low, self.high = low, high
        self.release()

    def set_feature_order(self, features: Mapping[str, Any], names: Sequence[str]) -> bool:
        """Take the order in which the names come in a dict that fits the model, whose own order is `names`.

        Returns whether it is another order than before.
        """
        given = list(features)
        if given == self.names or len(given) != self.count or not all(type(name) is str for name in given):
            return False
        place = {name: i for i, name in enumerate(names)}
        order = np.array([place[name] for name in given], np.intp)
        self.acquire()
        self.names, self.order = given, order
        self.release()
        return True

    def cached_rows(self) -> int:
        """Return how many rows are cached."""
        return int(np.count_nonzero(self.keys))

    @cython.ccall
    def predict_proba(self, features: Any, margin: cython.double) -> Any:
        """Return class to probability; None where the slow path decides."""
        c: cython.Py_ssize_t
        slot: cython.Py_ssize_t
        if type(features) is not dict:
            return None
        self.acquire()
        try:
            slot = self.find(features, margin)
            if slot < 0:
                return None
            found: dict[Any, Any] = {}
            for c in range(self.width):
                found[self.classes[c]] = float(self.outputs[slot, c])
            return found
        finally:
            self.release()

    @cython.ccall
    def predict(self, features: Any, margin: cython.double) -> Any:
        """Return the one number; None where the slow path decides."""
        slot: cython.Py_ssize_t
        if type(features) is not dict:
            return None
        self.acquire()
        try:
            slot = self.find(features, margin)
            return None if slot < 0 else float(self.outputs[slot, 0])
        finally:
            self.release()

    @cython.cfunc
    @cython.exceptval(-2)
    def find(self, features: dict[Any, Any], margin: cython.double) -> cython.Py_ssize_t:
        """Return the slot of the result, computed if need be; -1 where the slow path decides."""
        i: cython.Py_ssize_t
        slot: cython.Py_ssize_t
        key: cython.ulonglong
        if margin != self.margin or not self.load(features):
            return -1
        key = self.key()
        # `slots` is a power of two, so this is the remainder without a division.
        slot = key & (self.slots - 1)
        if self.keys[slot] == key and self.is_row(slot):
            return slot
        for i in range(self.count):
            self.row[i] = self.values[i]
        # If this raises, the slot still holds the row before it, whole.
        self.run()
        self.keys[slot] = key
        for i in range(self.count):
            self.rows[slot, i] = self.bits[i]
        for i in range(self.width):
            self.outputs[slot, i] = self.output[i]
        return slot

    @cython.cfunc
    @cython.exceptval(-1)
    def load(self, features: dict[Any, Any]) -> cython.bint:
        """Fill `values` in the model's order; return whether all names and values are usual."""
        k: cython.Py_ssize_t = 0
        i: cython.Py_ssize_t
        number: cython.double
        if len(features) != len(self.names):
            return False
        for name, value in features.items():
            known = self.names[k]
            # Names are most often literals in the strategy's code, so the same object comes each time.
            if name is not known and (type(name) is not str or name != known):
                return False
            if type(value) is float or type(value) is self.float64:
                number = value
            elif value is None:
                number = np.nan
            elif type(value) in self.numbers:
                try:
                    number = float(value)
                except OverflowError:
                    return False
            else:
                return False
            i = self.order[k]
            # NaN fails both comparisons.
            if not self.low[i] <= number <= self.high[i] and not (number != number and self.may_miss[i]):
                return False
            self.values[i] = number
            k += 1
        return k > 0

    @cython.cfunc
    def key(self) -> cython.ulonglong:
        """Hash the values' bits; never 0, which marks an empty slot."""
        i: cython.Py_ssize_t
        mixed: cython.ulonglong = 1
        for i in range(self.count):
            if cython.compiled:
                mixed = (mixed ^ cython.cast(cython.ulonglong, self.bits[i])) * _MIXER
            else:
                mixed = (mixed ^ (int(self.bits[i]) & 0xFFFFFFFFFFFFFFFF)) * _MIXER & 0xFFFFFFFFFFFFFFFF
            # The slot is taken from the low bits, the product moves differences to the high ones.
            mixed ^= mixed >> 32
        return mixed if mixed != 0 else 1

    @cython.cfunc
    def is_row(self, slot: cython.Py_ssize_t) -> cython.bint:
        """Return whether the cached row is the one in `values`, bit by bit: -0 and 0 divide differently."""
        i: cython.Py_ssize_t = 0
        while i < self.count and self.rows[slot, i] == self.bits[i]:
            i += 1
        return i == self.count


@cython.cclass
class MonitorFastPath:
    """Counts predictions, and makes those that need nothing of the slow path: see `PredictionMonitor`, its subclass.

    Attributes
    ----------
    source : object
        What predicts.
    asked : int
        How many predictions were asked for.
    on_bad, margin : object
        The strategy's settings when they were last looked at, to be compared by identity.
    needs_time : bool
        Whether the time of a prediction matters.
    """

    source = cython.declare(object, visibility="readonly")
    asked = cython.declare(cython.longlong, visibility="readonly")
    on_bad = cython.declare(object, visibility="readonly")
    margin = cython.declare(object, visibility="readonly")
    needs_time = cython.declare(cython.bint, visibility="readonly")
    width: cython.double
    first: cython.double
    last: cython.double
    probability_model: CachedRowModel | None
    value_model: CachedRowModel | None

    def __init__(self, source: Any) -> None:
        self.source = source
        self.asked = 0
        self.on_bad = self.margin = None
        self.needs_time = False
        self.width = -1.0
        self.first = self.last = 0.0
        self.probability_model = self.value_model = None

    def set_policy(self, on_bad: Any, margin: Any) -> None:
        """Take settings that have been checked, as the objects that they are.

        Annotated as float, the margin would pass through a C double and come out as another object, and the strategy,
        which compares by identity, would set its policy before each prediction.
        """
        self.on_bad, self.margin = on_bad, margin
        self.width = margin

    def set_models(self, value_model: Any, probability_model: Any, interval: tuple[int, int] | None) -> None:
        """Take a model's fast paths, and first and last second of its training; None for not known."""
        self.value_model, self.probability_model = value_model, probability_model
        self.needs_time = interval is not None
        if interval is not None:
            self.first, self.last = interval

    @cython.ccall
    def predict(self, features: Any, time: Any, context: Any) -> Any:
        """Predict the label, or return NaN where the policy skips or there is no model yet.

        Parameters
        ----------
        features : dict
            Name to number.
        time : float or None
            Opening time of the current candle, UTC ms; only needed if the monitor `needs_time`.
        context : callable
            Returns the `PredictionContext`; called by the slow path alone.
        """
        self.asked += 1
        if self.value_model is not None and (not self.needs_time or self.is_out_of_sample(time)):
            found = self.value_model.predict(features, self.width)
            if found is not None:
                return found
        return self.slow_predict(features, context())

    @cython.ccall
    def predict_proba(self, features: Any, time: Any, context: Any) -> Any:
        """Predict the probability of each class, or NaN for each where the policy skips or there is no model yet."""
        self.asked += 1
        if self.probability_model is not None and (not self.needs_time or self.is_out_of_sample(time)):
            found = self.probability_model.predict_proba(features, self.width)
            if found is not None:
                return found
        return self.slow_predict_proba(features, context())

    def slow_predict(self, features: Any, context: Any) -> Any:
        """Predict the label, whatever the features."""
        raise NotImplementedError

    def slow_predict_proba(self, features: Any, context: Any) -> Any:
        """Predict the probability of each class, whatever the features."""
        raise NotImplementedError

    @cython.cfunc
    def is_out_of_sample(self, time: Any) -> cython.bint:
        """Return whether a time is known, and not one of the training."""
        seconds: cython.double
        if time is None:
            return False
        seconds = time
        seconds = seconds / 1000.0
        return seconds < self.first or seconds >= self.last + 1.0
