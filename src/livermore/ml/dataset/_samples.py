"""Checks of recorded samples, and their columns: what `Dataset.from_samples` is built from.

A compiled loop takes each column out of the samples. The rules about its values stand here, once, and are applied to
whole columns; values are looked at one by one only where a column holds other things than plain Python numbers. Each
message names the sample (its place in the list and its time) and the feature, for that is what a user looks for.
"""

import math
import numbers
from collections.abc import Callable, Iterable, Mapping, Sequence
from difflib import get_close_matches
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from livermore.dates import minute
from livermore.errors import DatasetError, FeatureError
from livermore.formatting import shown
from livermore.ml.dataset._columns import BOOL, FLOAT, NONE, OTHER, column, complete, matrix
from livermore.typing import Floats, Integers

Sample = dict[str, Any]
Label = bool | int | float
Samples = Sequence[Mapping[str, Any]]

RESERVED_NAMES = ("time", "label_name", "label_value")
REQUIRED_KEYS = ("time", "features", "label")
# Later than the year 5000 in seconds: such a number is a time in milliseconds.
TOO_LATE = 100_000_000_000
KIND_OF = {bool: BOOL, float: FLOAT, type(None): NONE}
PLAIN = frozenset((bool, int, float))
SIDES = {"long": 1, "short": -1, "buy": 1, "sell": -1}
SIDE_NAMES = {1: "long", -1: "short"}
# The csv module reads no cell of more than 131,072 characters.
LONGEST_NAME = 10_000


class FeatureColumns(NamedTuple):
    """The features of all samples, in the order of the samples.

    Attributes
    ----------
    names : tuple of f str
        Sorted.
    values : ndarray of shape (n, f)
    booleans : frozenset of str
        Features that are bool in all samples that have them.
    kinds : ndarray of shape (f,), int64
        Which kinds of values each column was recorded with; see `livermore.ml.dataset._columns`.
    """

    names: tuple[str, ...]
    values: Floats
    booleans: frozenset[str]
    kinds: Integers


def describe(index: int, sample: Any) -> str:
    """Name a sample as a user can find it: its place in the list, and its time if it has one."""
    time = sample.get("time") if isinstance(sample, Mapping) else None
    seconds = plain_number(time)
    if seconds is None or not abs(seconds) < TOO_LATE:
        return f"sample {index}"
    return f"sample {index} (time {seconds:.0f}, {minute(seconds)} UTC)"


def is_masked(value: Any) -> bool:
    """Whether a value is the one that numpy's masked arrays have in masked places."""
    # That value is an array; looking at numpy.ma imports it (12 ms), which other values need not.
    return isinstance(value, np.ndarray) and value is np.ma.masked


def plain_number(value: Any) -> bool | int | float | None:
    """Turn a number of any library into the plain Python number that it is; None if it is not a real number."""
    if type(value) in PLAIN:
        plain: bool | int | float = value
        return plain
    if isinstance(value, bool | np.bool_):
        return bool(value)
    if isinstance(value, numbers.Integral):
        return int(value)
    if isinstance(value, numbers.Real):
        return float(value)
    return None


def checked_samples(samples: Any) -> list[dict[str, Any]]:
    """Refuse anything but a non-empty sequence of samples with the keys that all need, and return them as dicts."""
    if isinstance(samples, str | bytes | Mapping) or not isinstance(samples, Sequence):
        raise DatasetError(
            f"samples must be a list of dicts with 'time', 'features' and 'label', not a {type(samples).__name__}. "
            "gather_ml_data returns them under 'data_points'; load_ml_data_csv reads them from a file."
        )
    if not samples:
        raise DatasetError("there are no samples: the data is empty. Gather some with gather_ml_data first.")
    if complete(samples, REQUIRED_KEYS):
        return list(samples)
    found = [sample if type(sample) is dict else _as_dict(index, sample) for index, sample in enumerate(samples)]
    for index, sample in enumerate(found):
        if not ("time" in sample and "features" in sample and "label" in sample):
            lacking = [key for key in REQUIRED_KEYS if key not in sample]
            raise DatasetError(
                f"{describe(index, sample)} has no {' and no '.join(map(repr, lacking))}; "
                "a sample is {'time': …, 'features': {…}, 'label': {'name': …, 'value': …}}."
            )
    return found


def feature_columns(samples: Sequence[dict[str, Any]]) -> FeatureColumns:
    """Check and collect the features of all samples, sorted by name."""
    names = _feature_names(samples[0])
    rows = column(samples, "features")
    values, kinds = np.empty((len(rows), len(names))), np.zeros(len(names), np.int64)
    differing = matrix(rows, names, values, kinds)
    if differing >= 0:
        rows = [dict(row) if isinstance(row, Mapping) else row for row in rows]
        kinds[:] = 0
        differing = matrix(rows, names, values, kinds)
    if differing >= 0:
        raise _differing_features(differing, samples[differing], samples[0], names)
    for position in np.flatnonzero(kinds & OTHER):
        cells = enumerate(column(rows, names[position]))
        plain = [_feature(value, names[position], index, samples[index]) for index, value in cells]
        values[:, position] = np.array(plain, dtype=np.float64)  # None becomes NaN
        kinds[position] = OTHER | sum(KIND_OF[kind] for kind in set(map(type, plain)))
    check_finite(names, values, samples)
    booleans = frozenset(
        name for name, kind in zip(names, kinds.tolist(), strict=True) if kind & ~(NONE | OTHER) == BOOL
    )
    return FeatureColumns(names, values, booleans, kinds)


def labels_of(samples: Sequence[dict[str, Any]]) -> tuple[str, tuple[Label, ...]]:
    """Check and collect the label's name and all its values, as plain Python numbers."""
    labels = column(samples, "label")
    if set(map(type, labels)) != {dict}:
        labels = [dict(label) if isinstance(label, Mapping) else {} for label in labels]
    names, values = column(labels, "name"), column(labels, "value")
    first = names[0]
    kinds = set(map(type, values))
    is_text = set(map(type, names)) == {str}
    if is_text and names.count(first) == len(names) and kinds <= PLAIN and _within(values, kinds):
        check_name(str(first), "the label's name", DatasetError)
        return str(first), tuple(values)
    for index, name in enumerate(names):
        if not isinstance(name, str) or values[index] is None:
            raise DatasetError(
                f"the label of {describe(index, samples[index])} must be {{'name', 'value'}}, "
                f"not {shown(samples[index]['label'])}."
            )
        if name != first:
            raise DatasetError(
                f"{describe(index, samples[index])} is labelled {name!r}, sample 0 {first!r}. One data set has one "
                "label: gather and train once for each."
            )
    check_name(str(first), "the label's name", DatasetError)
    return str(first), tuple(_label(value, index, samples[index]) for index, value in enumerate(values))


def times_of(samples: Sequence[dict[str, Any]], key: str = "time") -> Integers:
    """Check and collect one time of each sample, in UTC seconds."""
    values = column(samples, key)
    if set(map(type, values)) == {int}:
        found = np.array(values)
        if found.dtype == np.int64 and ((found > -TOO_LATE) & (found < TOO_LATE)).all():
            return found
    return np.array([_seconds(value, key, index, samples[index]) for index, value in enumerate(values)], np.int64)


def label_times_of(samples: Sequence[dict[str, Any]], times: Integers) -> Integers | None:
    """Check and collect the times at which labels became known, in UTC seconds; None if any sample has none."""
    if type(None) in map(type, column(samples, "label_time")):
        return None
    found = times_of(samples, "label_time")
    check_label_times(found, times, samples)
    return found


def check_label_times(label_times: Integers, times: Integers, samples: Samples) -> None:
    """Refuse labels that became known before their samples were taken."""
    early = np.flatnonzero(label_times < times)
    if len(early):
        index = int(early[0])
        raise DatasetError(
            f"the label of {describe(index, samples[index])} became known at {label_times[index]}, before its features "
            "were recorded: label_time must not be smaller than time (both in UTC seconds)."
        )


def optional_columns(samples: Sequence[dict[str, Any]]) -> dict[str, npt.NDArray[Any]]:
    """Check and collect what samples may have besides: the columns of `OPTIONAL` that any sample has."""
    found = {}
    for key, convert in OPTIONAL.items():
        values = column(samples, key)
        # Compared by type: an array compared with None is an array.
        if values[0] is not None or set(map(type, values)) != {type(None)}:
            found[key] = convert(values, samples)
    return found


def check_name(name: str, what: str, error: type[DatasetError]) -> None:
    """Refuse a name that a file cannot hold."""
    try:
        name.encode()
    except UnicodeEncodeError:
        raise error(f"{what} {name!r} holds half of a character and cannot be written to a file.") from None
    if len(name) > LONGEST_NAME:
        raise error(f"{what} has {len(name):,} characters, at most {LONGEST_NAME:,} are possible: {name[:50]!r}…")


def _as_dict(index: int, sample: Any) -> dict[str, Any]:
    if not isinstance(sample, Mapping):
        raise DatasetError(f"sample {index} must be a dict, not {sample!r}.")
    return dict(sample)


def _feature_names(sample: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the sorted names of the first sample's features, which all others must have."""
    features = sample["features"]
    if not isinstance(features, Mapping):
        raise FeatureError(f"the features of {describe(0, sample)} must be a dict of name to number, not {features!r}.")
    if not features:
        raise FeatureError(f"{describe(0, sample)} has no features: record_features was called with an empty dict.")
    for name in features:
        if not isinstance(name, str) or not name:
            raise FeatureError(f"a feature's name must be a text, not {name!r} (in {describe(0, sample)}).")
        if name in RESERVED_NAMES:
            raise FeatureError(
                f"a feature cannot be named {name!r}: that is a column of the CSV that is not a feature. Rename it."
            )
        check_name(name, "the feature's name", FeatureError)
    return tuple(sorted(features))


def _differing_features(
    index: int, sample: Mapping[str, Any], first: Mapping[str, Any], expected: Iterable[str]
) -> FeatureError:
    """Say which names a sample lacks or has on top of those of the first."""
    features = sample["features"]
    if not isinstance(features, Mapping):
        return FeatureError(
            f"the features of {describe(index, sample)} must be a dict of name to number, not {features!r}."
        )
    lacking = sorted(set(expected) - features.keys())
    unknown = sorted(map(str, features.keys() - set(expected)))
    parts = []
    if lacking:
        parts.append(f"lacks {', '.join(map(repr, lacking))}, which {describe(0, first)} has")
    if unknown:
        parts.append(f"has {', '.join(map(_with_hint(lacking), unknown))}, which {describe(0, first)} has not")
    return FeatureError(
        f"{describe(index, sample)} {' and '.join(parts)}. All samples must have the same features; record None for a "
        "value that is missing."
    )


def _with_hint(candidates: Sequence[str]) -> Callable[[str], str]:
    """Return a function that quotes a name and adds the candidate that it resembles."""

    def quoted(name: str) -> str:
        close = get_close_matches(name, candidates, n=1)
        return f"{name!r} (did you mean {close[0]!r}?)" if close else repr(name)

    return quoted


def _feature(value: Any, name: str, index: int, sample: Mapping[str, Any]) -> bool | float | None:
    """Turn one value into a bool or float; None if it is missing (None, or masked by numpy)."""
    if value is None or is_masked(value):
        return None
    number = plain_number(value)
    where = f"feature {name!r} of {describe(index, sample)}"
    if number is None:
        array = np.ndim(value) or isinstance(value, tuple)
        hint = " Record one number of it, such as the last: x[-1]." if array else ""
        raise FeatureError(
            f"{where} must be a real number, a bool or None, not {type(value).__name__} {value!r}.{hint}"
        )
    if isinstance(number, int) and not isinstance(number, bool):
        return _exact_float(number, where)
    return number


def _exact_float(number: int, where: str) -> float:
    """Return the float that is this integer; refuse integers that no float is."""
    try:
        found = float(number)
    except OverflowError:
        raise FeatureError(f"{where} is too large for a float.") from None
    if int(found) != number:
        raise FeatureError(
            f"{where} is {number}, which no float holds exactly. Record float(...) of it, or fewer digits."
        )
    return found


def check_finite(names: tuple[str, ...], values: Floats, samples: Samples) -> None:
    """Refuse infinite features; NaN stands for what is missing."""
    if np.isfinite(values).all():
        return
    infinite = np.isinf(values)
    for position in np.flatnonzero(infinite.any(axis=0)):
        rows = np.flatnonzero(infinite[:, position])
        index = int(rows[0])
        raise FeatureError(
            f"feature {names[position]!r} of {describe(index, samples[index])} is {values[index, position]}, which no "
            f"model can use ({len(rows)} of {len(values)} samples). Was it divided by zero? Record None where it has "
            "no value."
        )


def _within(labels: Sequence[Label], kinds: set[type]) -> bool:
    """Whether all labels are finite and integers fit into 64 bits."""
    if kinds == {bool}:
        return True
    try:
        found = np.array(labels)
    except OverflowError:
        return False
    return found.dtype.kind in "bi" or (found.dtype.kind == "f" and bool((np.abs(found) < 2.0**62).all()))


def _label(value: Any, index: int, sample: Mapping[str, Any]) -> Label:
    """Turn one label into a plain bool, int or float, and refuse what is none or not finite."""
    number = None if is_masked(value) else plain_number(value)
    if number is None:
        raise DatasetError(
            f"the label of {describe(index, sample)} must be a bool, an int or a float, not {shown(value)}."
        )
    if isinstance(number, float) and not math.isfinite(number):
        raise DatasetError(
            f"the label of {describe(index, sample)} is {number}: a label must be finite. Do not record it, or label "
            "the sample otherwise."
        )
    if isinstance(number, int) and not -(2**63) <= number < 2**63:
        raise DatasetError(f"the label of {describe(index, sample)} is too large: {shown(number)}.")
    return number


def _seconds(value: Any, key: str, index: int, sample: Mapping[str, Any]) -> int:
    """Turn one time into whole UTC seconds."""
    number = None if is_masked(value) else plain_number(value)
    if number is None or isinstance(number, bool) or not _is_whole(number):
        raise DatasetError(f"{key} of {describe(index, sample)} must be whole UTC seconds, not {shown(value)}.")
    if abs(number) >= TOO_LATE:
        raise DatasetError(
            f"{key} of sample {index} is {shown(value)}: that looks like milliseconds. Samples are stamped in UTC "
            "seconds."
        )
    return int(number)


def _is_whole(number: int | float) -> bool:
    return isinstance(number, int) or number.is_integer()


def _texts(values: list[Any], samples: Samples) -> npt.NDArray[Any]:
    """Turn texts that name the samples' origin into an array, "" where a sample has none."""
    first = values[0]
    is_text = set(map(type, values)) == {str}
    if is_text and first.isascii() and "\0" not in first and values.count(first) == len(values):
        return np.full(len(values), first)
    texts = []
    for index, value in enumerate(values):
        if value is not None and not isinstance(value, str):
            raise DatasetError(
                f"{describe(index, samples[index])} names {shown(value)}: exchange, symbol and timeframe must be texts."
            )
        text = value or ""
        if "\0" in text:  # numpy would cut it off there
            raise DatasetError(f"{describe(index, samples[index])} names {text!r}: a name must not hold a NUL.")
        if not text.isascii():
            check_name(text, f"a name of {describe(index, samples[index])},", DatasetError)
        texts.append(text)
    return np.array(texts)


def _keys(values: list[Any], samples: Samples) -> npt.NDArray[Any]:
    """Keep the keys of samples as they are: any hashable objects, None where a sample has none."""
    for index, value in enumerate(values):
        try:
            hash(value)
        except TypeError:
            raise DatasetError(f"the key of {describe(index, samples[index])} cannot be one: {shown(value)}.") from None
        if isinstance(value, int) and not -(2**63) <= value < 2**63:
            raise DatasetError(f"the key of {describe(index, samples[index])} is too large: {shown(value)}.")
    # Not `array[:] = values`, which takes tuples apart.
    return np.fromiter(values, dtype=object, count=len(values))


def _sides(values: list[Any], samples: Samples) -> npt.NDArray[Any]:
    """Turn sides into 1, -1, or 0 for none."""
    known: dict[Any, int] = {None: 0, **SIDES}
    # Nearly all are of these few; numbers go the longer way.
    if set(map(type, values)) <= {str, type(None)} and known.keys() >= set(values):
        return np.array([known[value] for value in values], np.int64)
    return np.array([_side(value, index, samples) for index, value in enumerate(values)], np.int64)


def _side(value: Any, index: int, samples: Samples) -> int:
    if value is None:
        return 0
    side = SIDES.get(value) if isinstance(value, str) else plain_number(value)
    if side not in (-1, 0, 1):
        raise DatasetError(
            f"the side of {describe(index, samples[index])} must be 'long' or 'short' (or 1, -1, 0), not "
            f"{shown(value)}."
        )
    return int(side)


def _weights(values: list[Any], samples: Samples) -> npt.NDArray[Any]:
    """Turn weights into floats that are finite and not negative, 1 where a sample has none."""
    found = _floats(values, 1.0, "weight", "a number of at least 0", samples)
    _refuse(~(np.isfinite(found) & (found >= 0)), "weight", "a number of at least 0", values, samples)
    return found


def _payoffs(values: list[Any], samples: Samples) -> npt.NDArray[Any]:
    """Turn payoffs into finite floats, NaN where a sample has none."""
    found = _floats(values, math.nan, "payoff", "a finite number or None", samples)
    _refuse(np.isinf(found), "payoff", "a finite number or None", values, samples)
    return found


def _floats(values: list[Any], missing: float, what: str, wanted: str, samples: Samples) -> Floats:
    """Turn numbers of any kind into floats, None into `missing`."""
    if set(map(type, values)) == {float}:
        return np.array(values)
    # A masked weight is refused, since a default would be a guess; a masked payoff is a missing one.
    masked = missing if math.isnan(missing) else None
    plain = [missing if value is None else masked if is_masked(value) else plain_number(value) for value in values]
    _refuse(np.array([number is None for number in plain]), what, wanted, values, samples)
    try:
        return np.array(plain, dtype=np.float64)
    except OverflowError:
        large = np.array([isinstance(number, int) and abs(number) > 2**1000 for number in plain])
        _refuse(large, what, wanted, values, samples)
        raise


def _refuse(is_bad: npt.NDArray[np.bool_], what: str, wanted: str, values: list[Any], samples: Samples) -> None:
    """Name the first sample whose value is bad."""
    if is_bad.any():
        index = int(is_bad.argmax())
        raise DatasetError(
            f"the {what} of {describe(index, samples[index])} must be {wanted}, not {shown(values[index])}."
        )


# What a sample may carry besides its time, features and label, and how a column of it is checked and converted.
OPTIONAL: dict[str, Callable[[list[Any], Samples], npt.NDArray[Any]]] = {
    "exchange": _texts,
    "symbol": _texts,
    "timeframe": _texts,
    "side": _sides,
    "weight": _weights,
    "payoff": _payoffs,
    "key": _keys,
}
