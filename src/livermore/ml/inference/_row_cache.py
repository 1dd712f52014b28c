# cython: language_level=3
"""The quick way from the features of a sample to its answer, compiled; where anything is odd, it says None.

What an odd sample is, and what becomes of it, the slow way says, in `_guard` and `_predictor`: the quick way only ever
gives answers that it would have given, too.
"""

import cython
import numpy as np

from livermore.errors import warn_uncompiled

if not cython.compiled:
    warn_uncompiled()

__all__ = ["QuickAnswers", "QuickGuard"]

_MIXER = cython.declare(cython.ulonglong, 0x9E3779B97F4A7C15)
if not cython.compiled:
    _MIXER = 0x9E3779B97F4A7C15

#: Types besides float that turn into one without running anybody's code.
_NUMBERS = frozenset(
    (
        bool,
        int,
        *(np.bool_, np.float16, np.float32),
        *(np.int8, np.int16, np.int32, np.int64, np.uint8, np.uint16, np.uint32, np.uint64),
    )
)


@cython.cclass
class QuickAnswers:
    """One model's answers to dicts of features, for the names and the order that it was taught, and remembered.

    An answer goes with the values, all of them, bit by bit. There is a place for `slots` answers; of two that belong to
    the same place the later one stays.

    Parameters
    ----------
    function : RowFunction
        Its `row` and its `lock`.
    run : callable
        Fills `answer` from the function's row.
    answer : ndarray
        What `run` fills.
    classes : tuple of int or None
        What the numbers of `answer` are the chances of; None if it is one number.
    may_miss : sequence of bool
        For each feature, whether NaN is a value like any other.
    slots : int
        A power of two.
    """

    margin = cython.declare(cython.double, visibility="readonly")
    #: Replaced by tests that count.
    run = cython.declare(object, visibility="public")
    acquire: object
    release: object
    classes: tuple
    float64: object
    numbers: frozenset
    count: cython.Py_ssize_t
    width: cython.Py_ssize_t
    names: list
    order: cython.Py_ssize_t[::1]
    low: cython.double[::1]
    high: cython.double[::1]
    may_miss: cython.uchar[::1]
    values: cython.double[::1]
    bits: cython.longlong[::1]
    asked: cython.double[::1]
    answer: cython.double[::1]
    slots: cython.Py_ssize_t
    keys: cython.ulonglong[::1]
    rows: cython.longlong[:, ::1]
    answers: cython.double[:, ::1]

    def __init__(self, function, run, answer, classes, may_miss, slots) -> None:
        values = np.zeros(function.n_features)
        self.run = run
        self.acquire, self.release = function.lock.acquire, function.lock.release
        self.classes = () if classes is None else classes
        self.float64, self.numbers = np.float64, _NUMBERS
        self.count = function.n_features
        self.width = len(answer)
        self.names = []
        self.order = np.zeros(self.count, np.intp)
        self.may_miss = np.array(may_miss, np.uint8)
        self.margin = -1.0
        self.values, self.bits = values, values.view(np.int64)
        self.asked, self.answer = function.row, answer
        self.slots = slots
        self.keys = np.zeros(slots, np.uint64)
        self.rows = np.empty((slots, self.count), np.int64)
        self.answers = np.empty((slots, self.width))

    def set_bounds(self, margin, low, high) -> None:
        """Take the range of values that are not odd, shape (f,) each, and the margin that it was made with."""
        self.acquire()
        self.margin = margin
        self.low, self.high = low, high
        self.release()

    def learn(self, features, names) -> bool:
        """Take the order in which the names come in a dict that fits the model, whose own order is `names`.

        Returns whether that is news.
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

    def remembered(self) -> int:
        """Return how many answers are remembered."""
        return int(np.count_nonzero(self.keys))

    @cython.ccall
    def chances(self, features, margin: cython.double):
        """Return class to probability; None if anything is odd."""
        c: cython.Py_ssize_t
        slot: cython.Py_ssize_t
        if type(features) is not dict:
            return None
        self.acquire()
        try:
            slot = self.find(features, margin)
            if slot < 0:
                return None
            found: dict = {}
            for c in range(self.width):
                found[self.classes[c]] = float(self.answers[slot, c])
            return found
        finally:
            self.release()

    @cython.ccall
    def value(self, features, margin: cython.double):
        """Return the one number; None if anything is odd."""
        slot: cython.Py_ssize_t
        if type(features) is not dict:
            return None
        self.acquire()
        try:
            slot = self.find(features, margin)
            return None if slot < 0 else float(self.answers[slot, 0])
        finally:
            self.release()

    @cython.cfunc
    @cython.exceptval(-2)
    def find(self, features: dict, margin: cython.double) -> cython.Py_ssize_t:
        """Return the place of the answer, asked for if need be; -1 if anything is odd."""
        i: cython.Py_ssize_t
        slot: cython.Py_ssize_t
        key: cython.ulonglong
        if margin != self.margin or not self.load(features):
            return -1
        key = self.key()
        slot = key & (self.slots - 1)
        if self.keys[slot] == key and self.is_row(slot):
            return slot
        for i in range(self.count):
            self.asked[i] = self.values[i]
        self.run()
        self.keys[slot] = key
        for i in range(self.count):
            self.rows[slot, i] = self.bits[i]
        for i in range(self.width):
            self.answers[slot, i] = self.answer[i]
        return slot

    @cython.cfunc
    @cython.exceptval(-1)
    def load(self, features: dict) -> cython.bint:
        """Fill `values` in the model's order; return whether all names and values are usual ones."""
        k: cython.Py_ssize_t = 0
        i: cython.Py_ssize_t
        number: cython.double
        if len(features) != len(self.names):
            return False
        for name, value in features.items():
            known = self.names[k]
            # The same words in other objects are rare: names are most often written in the code.
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
            if not self.low[i] <= number <= self.high[i] and not (number != number and self.may_miss[i]):
                return False
            self.values[i] = number
            k += 1
        return k > 0

    @cython.cfunc
    def key(self) -> cython.ulonglong:
        """Mix the values' bits; never 0, which marks an empty place."""
        i: cython.Py_ssize_t
        mixed: cython.ulonglong = 1
        for i in range(self.count):
            if cython.compiled:
                mixed = (mixed ^ cython.cast(cython.ulonglong, self.bits[i])) * _MIXER
            else:
                mixed = (mixed ^ (int(self.bits[i]) & 0xFFFFFFFFFFFFFFFF)) * _MIXER & 0xFFFFFFFFFFFFFFFF
            mixed ^= mixed >> 32
        return mixed if mixed != 0 else 1

    @cython.cfunc
    def is_row(self, slot: cython.Py_ssize_t) -> cython.bint:
        """Return whether the row at a place is the one in `values`, bit by bit: -0 and 0 divide differently."""
        i: cython.Py_ssize_t = 0
        while i < self.count and self.rows[slot, i] == self.bits[i]:
            i += 1
        return i == self.count


@cython.cclass
class QuickGuard:
    """Counts what a strategy asks, and answers where its model is known, quick, and not asked about its own training.

    Attributes
    ----------
    source : object
        What is asked.
    asked : int
        How often.
    on_bad, margin
        The strategy's settings, as they were when they were last looked at.
    timed : bool
        Whether it matters when the model is asked.
    """

    source = cython.declare(object, visibility="readonly")
    asked = cython.declare(cython.longlong, visibility="readonly")
    on_bad = cython.declare(object, visibility="readonly")
    margin = cython.declare(object, visibility="readonly")
    timed = cython.declare(cython.bint, visibility="readonly")
    wide: cython.double
    first: cython.double
    last: cython.double
    chances_of: QuickAnswers
    value_of: QuickAnswers

    def __init__(self, source) -> None:
        self.source = source
        self.asked = 0
        self.on_bad = self.margin = None
        self.timed = False
        self.wide = -1.0
        self.first = self.last = 0.0
        self.chances_of = self.value_of = None

    def settle(self, on_bad, margin) -> None:
        """Take settings that have been checked."""
        self.on_bad, self.margin = on_bad, margin
        self.wide = margin

    def quicken(self, value_of, chances_of, interval) -> None:
        """Take a model's quick answers, and first and last second of its training; None is for not known."""
        self.value_of, self.chances_of = value_of, chances_of
        self.timed = interval is not None
        if interval is not None:
            self.first, self.last = interval

    @cython.ccall
    def predict(self, features, time, moment):
        """Predict the label, or return NaN where the policy skips or there is no model yet.

        Parameters
        ----------
        features : dict
            Name to number.
        time : float or None
            Opening time of the current candle, UTC ms; asked for only where the guard is `timed`.
        moment : callable
            Returns the `Moment`, where more of it is needed.
        """
        self.asked += 1
        if self.value_of is not None and (not self.timed or self.is_out_of_sample(time)):
            found = self.value_of.value(features, self.wide)
            if found is not None:
                return found
        return self.value_slowly(features, moment())

    @cython.ccall
    def predict_proba(self, features, time, moment):
        """Predict the probability of each class, or NaN for each where the policy skips or there is no model yet."""
        self.asked += 1
        if self.chances_of is not None and (not self.timed or self.is_out_of_sample(time)):
            found = self.chances_of.chances(features, self.wide)
            if found is not None:
                return found
        return self.chances_slowly(features, moment())

    def value_slowly(self, features, moment):
        """Answer where anything is odd."""
        raise NotImplementedError

    def chances_slowly(self, features, moment):
        """Answer where anything is odd."""
        raise NotImplementedError

    @cython.cfunc
    def is_out_of_sample(self, time) -> cython.bint:
        """Return whether a time is known, and not one of the training."""
        seconds: cython.double
        if time is None:
            return False
        seconds = time
        seconds = seconds / 1000.0
        return seconds < self.first or seconds >= self.last + 1.0
