"""Checks of recorded samples, and their columns: what `Dataset.from_samples` is built from.

Each check names the sample (its place in the list and its time) and the feature, for that is what a user looks for.
Whole columns are taken by compiled kernels; samples are looked at one by one only where a column is not all plain.
"""

import math
import numbers
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from difflib import get_close_matches
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from livermore.dates import minute
from livermore.errors import DatasetError, FeatureError
from livermore.ml.dataset._fast_columns import have, shared, take_features, take_labels, take_times

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Sample = dict[str, Any]
Label = bool | int | float

RESERVED_NAMES = ("time", "label_name", "label_value")
# Later than the year 5000 in seconds: such a number is a time in milliseconds.
TOO_LATE = 100_000_000_000
PLAIN = frozenset((bool, int, float))
LARGE = 2.0**62
SIDES = {"long": 1, "short": -1, "buy": 1, "sell": -1}


class FeatureColumns(NamedTuple):
    """The features of all samples, in the order of the samples."""

    names: tuple[str, ...]
    values: Floats
    booleans: frozenset[str]


def describe(index: int, sample: Any) -> str:
    """Name a sample as a user can find it: its place in the list, and its time if it has one."""
    time = sample.get("time") if isinstance(sample, Mapping) else None
    seconds = plain_number(time)
    if seconds is None or not abs(seconds) < TOO_LATE:
        return f"sample {index}"
    return f"sample {index} (time {seconds:.0f}, {minute(seconds)} UTC)"


def check_shape(samples: Any) -> None:
    """Refuse anything but a non-empty sequence of sample dicts."""
    if isinstance(samples, str | bytes | Mapping) or not isinstance(samples, Sequence):
        raise DatasetError(
            f"samples must be a list of dicts with 'time', 'features' and 'label', not a {type(samples).__name__}. "
            "gather_ml_data returns them under 'data_points'; load_ml_data_csv reads them from a file."
        )
    if not samples:
        raise DatasetError("there are no samples: the data is empty. Gather some with gather_ml_data first.")
    if have(samples, ("time", "features", "label")):
        return
    for index, sample in enumerate(samples):
        if not _is_mapping(sample):
            raise DatasetError(f"sample {index} must be a dict, not {sample!r}.")
        if not ("time" in sample and "features" in sample and "label" in sample):
            lacking = [key for key in ("time", "features", "label") if key not in sample]
            raise DatasetError(
                f"{describe(index, sample)} has no {' and no '.join(map(repr, lacking))}; "
                "a sample is {'time': …, 'features': {…}, 'label': {'name': …, 'value': …}}."
            )


def feature_columns(samples: Sequence[Mapping[str, Any]]) -> FeatureColumns:
    """Check and collect the features of all samples, sorted by name."""
    names = _feature_names(samples[0])
    plain = _plain_columns(samples, names)
    if plain is not None:
        return plain
    rows = _cells(samples, names)
    values = np.empty((len(samples), len(names)))
    booleans = set()
    for position, (name, column) in enumerate(zip(names, zip(*rows, strict=True), strict=True)):
        kinds = set(map(type, column))
        values[:, position] = _numbers(column, kinds, name, samples)
        if kinds - {type(None)} and kinds <= {bool, np.bool_, type(None)}:
            booleans.add(name)
    return FeatureColumns(names, values, frozenset(booleans))


def labels_of(samples: Sequence[Mapping[str, Any]]) -> tuple[str, tuple[Label, ...]]:
    """Check and collect the label's name and all its values, as plain Python numbers."""
    plain = _or_none(take_labels, samples, LARGE)
    if plain is not None:
        return plain[0], tuple(plain[1])
    name = None
    values = []
    for index, sample in enumerate(samples):
        label = sample["label"]
        if not _is_mapping(label) or "name" not in label or "value" not in label:
            raise DatasetError(f"the label of {describe(index, sample)} must be {{'name', 'value'}}, not {label!r}.")
        if name is None:
            name = label["name"]
        if label["name"] != name:
            raise DatasetError(
                f"{describe(index, sample)} is labelled {label['name']!r}, sample 0 {name!r}. One data set has one "
                "label: gather and train once for each."
            )
        values.append(_label(label["value"], index, sample))
    return str(name), tuple(values)


def times_of(samples: Sequence[Mapping[str, Any]]) -> Integers:
    """Check and collect the times of the features, in UTC seconds."""
    found = np.empty(len(samples), np.int64)
    if not _or_none(take_times, samples, "time", TOO_LATE, found):
        found[:] = _seconds_of_each("time", samples)
    return found


def label_times_of(samples: Sequence[Mapping[str, Any]], times: Integers) -> Integers | None:
    """Check and collect the times at which labels became known, in UTC seconds; None if any sample has none."""
    found = np.empty(len(samples), np.int64)
    if not _or_none(take_times, samples, "label_time", TOO_LATE, found):
        if any(sample.get("label_time") is None for sample in samples):
            return None
        found[:] = _seconds_of_each("label_time", samples)
    early = np.flatnonzero(found < times)
    if len(early):
        index = int(early[0])
        raise DatasetError(
            f"the label of {describe(index, samples[index])} became known at {found[index]}, before its features were "
            "recorded: label_time must not be smaller than time (both in UTC seconds)."
        )
    return found


def texts_of(samples: Sequence[Mapping[str, Any]], key: str) -> npt.NDArray[np.str_] | None:
    """Collect a text that names the samples' origin; None if no sample has it, "" for those that have none."""
    same = shared(samples, key)
    if type(same) is str:
        return np.full(len(samples), same)
    found = _recorded(samples, key)
    if found is None:
        return None
    return np.array(["" if text is None else str(text) for text in found])


def sides_of(samples: Sequence[Mapping[str, Any]]) -> Integers | None:
    """Collect the sides of the signals: 1 long, -1 short, 0 where a sample has none; None if no sample has one."""
    found = _recorded(samples, "side")
    if found is None:
        return None
    return np.array([_side(side, index, samples[index]) for index, side in enumerate(found)], np.int64)


def weights_of(samples: Sequence[Mapping[str, Any]]) -> Floats | None:
    """Collect the weights of the samples, 1 where a sample has none; None if no sample has one."""
    found = _recorded(samples, "weight")
    if found is None:
        return None
    return np.array([_weight(weight, index, samples[index]) for index, weight in enumerate(found)])


def payoffs_of(samples: Sequence[Mapping[str, Any]]) -> Floats | None:
    """Collect the payoffs of the signals, NaN where a sample has none; None if no sample has one."""
    found = _recorded(samples, "payoff")
    if found is None:
        return None
    return np.array([_payoff(payoff, index, samples[index]) for index, payoff in enumerate(found)])


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


def _is_mapping(value: Any) -> bool:
    """Whether a value is a dict, as nearly all are, or something like it, which takes long to find out."""
    return type(value) is dict or isinstance(value, Mapping)


def _recorded(samples: Sequence[Mapping[str, Any]], key: str) -> list[Any] | None:
    """Return what stands under a key in each sample; None if no sample has it."""
    if shared(samples, key) is None:
        return None
    found = [sample.get(key) for sample in samples]
    return found if any(value is not None for value in found) else None


def _or_none(take: Callable[..., Any], *arguments: Any) -> Any:
    """Return what a kernel returns; None where a number is too large for it."""
    try:
        return take(*arguments)
    except OverflowError:
        return None


def _plain_columns(samples: Sequence[Any], names: tuple[str, ...]) -> FeatureColumns | None:
    """Return the columns of features that are plain, finite Python numbers or NaN; None where any is anything else."""
    values = np.empty((len(samples), len(names)))
    booleans = np.zeros(len(names), np.int64)
    if not _or_none(take_features, samples, names, values, booleans):
        return None
    throughout = [name for name, count in zip(names, booleans.tolist(), strict=True) if count == len(samples)]
    return FeatureColumns(names, values, frozenset(throughout))


def _cells(samples: Sequence[Mapping[str, Any]], names: tuple[str, ...]) -> list[list[Any]]:
    """Return the features of each sample in the order of `names`, which all must have, and no others."""
    expected = frozenset(names)
    rows = []
    for index, sample in enumerate(samples):
        features = sample["features"]
        if not _is_mapping(features) or features.keys() != expected:
            raise _differing_features(index, sample, samples[0], expected)
        rows.append([features[name] for name in names])
    return rows


def _feature_names(sample: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the sorted names of the first sample's features, by which all others are measured."""
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


def _numbers(column: tuple[Any, ...], kinds: set[type], name: str, samples: Sequence[Mapping[str, Any]]) -> Floats:
    """Turn one feature's values into floats, missing ones into NaN, and refuse what is no finite number."""
    if not kinds <= {float, int, bool, np.float64, np.int64, np.bool_}:
        column = tuple(_number(value, name, index, samples) for index, value in enumerate(column))
    try:
        values = np.array(column, dtype=np.float64)
    except OverflowError:
        index = next(i for i, value in enumerate(column) if value is not None and abs(value) > sys.float_info.max)
        raise FeatureError(f"feature {name!r} of {describe(index, samples[index])} is too large for a float.") from None
    infinite = np.flatnonzero(np.isinf(values))
    if len(infinite):
        index = int(infinite[0])
        raise FeatureError(
            f"feature {name!r} of {describe(index, samples[index])} is {values[index]}, which no model can use "
            f"({len(infinite)} of {len(values)} samples). Was it divided by zero? Record None where it has no value."
        )
    return values


def _number(value: Any, name: str, index: int, samples: Sequence[Mapping[str, Any]]) -> float | int:
    """Turn one value into a plain number, NaN if it is None."""
    if value is None:
        return math.nan
    number = plain_number(value)
    if number is not None:
        return number
    hint = " Record one number of it, such as the last: x[-1]." if np.ndim(value) or isinstance(value, tuple) else ""
    raise FeatureError(
        f"feature {name!r} of {describe(index, samples[index])} must be a real number, a bool or None, "
        f"not {type(value).__name__} {value!r}.{hint}"
    )


def _label(value: Any, index: int, sample: Mapping[str, Any]) -> Label:
    """Turn one label into a plain bool, int or float, and refuse what is none or not finite."""
    number = plain_number(value)
    if number is None:
        raise DatasetError(f"the label of {describe(index, sample)} must be a bool, an int or a float, not {value!r}.")
    if isinstance(number, float) and not math.isfinite(number):
        raise DatasetError(
            f"the label of {describe(index, sample)} is {number}: a label must be finite. Do not record it, or label "
            "the sample otherwise."
        )
    if abs(number) >= 2**63 and isinstance(number, int):
        raise DatasetError(f"the label of {describe(index, sample)} is too large: {number}.")
    return number


def _seconds_of_each(key: str, samples: Sequence[Mapping[str, Any]]) -> list[int]:
    """Turn one time of each sample into whole UTC seconds."""
    return [_seconds(sample[key], key, index, sample) for index, sample in enumerate(samples)]


def _seconds(value: Any, key: str, index: int, sample: Mapping[str, Any]) -> int:
    """Turn one time into whole UTC seconds."""
    number = plain_number(value)
    if number is None or isinstance(number, bool) or not math.isfinite(number) or number != int(number):
        raise DatasetError(f"{key} of {describe(index, sample)} must be whole UTC seconds, not {value!r}.")
    if abs(number) >= TOO_LATE:
        raise DatasetError(
            f"{key} of sample {index} is {value!r}: that looks like milliseconds. Samples are stamped in UTC seconds."
        )
    return int(number)


def _side(value: Any, index: int, sample: Mapping[str, Any]) -> int:
    """Turn one side into 1, -1, or 0 for none."""
    if value is None:
        return 0
    side = SIDES.get(value) if isinstance(value, str) else plain_number(value)
    if side not in (-1, 0, 1):
        raise DatasetError(
            f"the side of {describe(index, sample)} must be 'long' or 'short' (or 1, -1, 0), not {value!r}."
        )
    return int(side)


def _weight(value: Any, index: int, sample: Mapping[str, Any]) -> float:
    """Turn one weight into a float that is finite and not negative."""
    number = 1.0 if value is None else plain_number(value)
    if number is None or not math.isfinite(number) or number < 0:
        raise DatasetError(f"the weight of {describe(index, sample)} must be a number of at least 0, not {value!r}.")
    return float(number)


def _payoff(value: Any, index: int, sample: Mapping[str, Any]) -> float:
    """Turn one payoff into a finite float; NaN where there is none."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return math.nan
    number = plain_number(value)
    if number is None or not math.isfinite(number):
        raise DatasetError(f"the payoff of {describe(index, sample)} must be a finite number or None, not {value!r}.")
    return float(number)
