# cython: annotation_typing=False
"""The checks on what a strategy records: features, labels, and what else a sample carries. Compiled.

A value that no data set can hold is refused when it is recorded, for then the strategy and the bar are known, and the
samples recorded before are not lost. `livermore.ml.dataset` refuses the same values in samples from elsewhere.
"""

import math
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from numbers import Integral, Real
from typing import Any

import cython
import numpy as np

from livermore.dates import minute
from livermore.errors import FeatureError, warn_uncompiled

if not cython.compiled:
    warn_uncompiled()

__all__ = ["Origin", "checked_extra", "checked_features", "checked_key", "checked_label"]

NUMPY_FLOAT = np.float64
INFINITY = math.inf
#: All whole numbers up to here are exact as floats.
EXACT = 2**53
#: Columns of the sample file that are not features.
RESERVED_NAMES = frozenset(("time", "label_name", "label_value"))
#: A longer name cannot be read back from a CSV file.
LONGEST_NAME = 1000
SIDES = ("long", "short", "buy", "sell", 1, -1, 0)
#: What a sample may carry besides features and label. The files of samples keep these and no others.
EXTRA_NAMES = ("side", "weight", "payoff", "key")


@dataclass(frozen=True, slots=True)
class Origin:
    """Where something was recorded, for messages: the strategy, and the time in UTC seconds."""

    strategy: Any
    time: int

    def __str__(self) -> str:
        name, symbol = type(self.strategy).__name__, self.strategy.symbol
        return f"{name} on {symbol} at {minute(self.time)} UTC"


def checked_features(features: object, strategy: Any, time: int, known_names: set[str]) -> dict[str, Any]:
    """Return the features as a new dict of names and plain Python values.

    Parameters
    ----------
    features : object
        What the strategy recorded.
    strategy, time
        The strategy and the time (UTC seconds), for messages.
    known_names : set of str
        The names that were found right before; new ones are added. A name is checked once, not on every bar.

    Raises
    ------
    FeatureError
        If `features` is no mapping, a name cannot be that of a feature, or a value is neither a finite number, NaN,
        a bool nor None.
    """
    given: dict[Any, Any] = features if type(features) is dict else _as_dict(features, strategy, time)
    checked = given.copy()
    for name, value in given.items():
        if name not in known_names:
            _check_name(name, Origin(strategy, time))
            known_names.add(name)
        kind = type(value)
        # Nearly all values are floats, Python's or numpy's: they are looked at in C.
        if kind is float or kind is NUMPY_FLOAT:
            number = value
            if -INFINITY < number < INFINITY or number != number:
                if kind is NUMPY_FLOAT:
                    checked[name] = number
                continue
        elif value is None or kind is bool:
            continue
        checked[name] = _plain_value(value, f"the feature {name!r}", Origin(strategy, time), missing=True)
    return checked


def checked_label(name: object, value: bool | int | float, strategy: Any, time: int) -> bool | int | float:
    """Return the label as a Python bool, int or float.

    Raises
    ------
    FeatureError
        If the name is no string, or one that no file can hold, or the value is no finite number.
    """
    # Nearly all labels are one of these. Building the origin of a message and asking abstract classes takes 2 µs.
    if type(name) is str and name.isascii() and len(name) <= LONGEST_NAME:
        kind = type(value)
        if kind is bool or (kind is int and -EXACT <= value <= EXACT):
            return value
        if kind is float and -INFINITY < value < INFINITY:
            return value
    origin = Origin(strategy, time)
    if not isinstance(name, str):
        raise FeatureError(f"{origin}: the label's name {_short(name)} must be a string")
    if len(name) > LONGEST_NAME or not _is_encodable(name):
        raise FeatureError(
            f"{origin}: the label's name {_short(name)} must have at most {LONGEST_NAME} characters and no half of one "
            "(surrogate), or no file can hold it"
        )
    plain: bool | int | float = _plain_value(value, f"the label {name!r}", origin, missing=False)
    if plain != plain:
        raise FeatureError(f"{origin}: the label {name!r} is nan. Record a label only when it is known")
    return plain


def checked_extra(extra: dict[str, Any], strategy: Any, time: int) -> None:
    """Refuse a side, weight or payoff that no data set can hold, and everything else, which no file keeps.

    Raises
    ------
    FeatureError
        If ``side`` is no side, ``weight`` is no finite number of at least 0, ``payoff`` is infinite or no number, or
        there is anything else.
    """
    side, origin = extra.get("side"), Origin(strategy, time)
    for name in extra:
        if name not in EXTRA_NAMES:
            raise FeatureError(
                f"{origin}: a sample cannot carry {name!r}: only side, weight, payoff and key can be given. Its times, "
                "market and label are set by the run; everything else is a feature"
            )
    if side is not None and not (isinstance(side, str | int | np.integer) and side in SIDES):
        raise FeatureError(f"{origin}: side must be 'long' or 'short', got {_short(side)}")
    if extra.get("weight") is not None:
        weight = _plain_value(extra["weight"], "weight", origin, missing=False)
        if not weight >= 0:
            raise FeatureError(f"{origin}: weight must be a number of at least 0, got {_short(extra['weight'])}")
    if extra.get("payoff") is not None:
        _plain_value(extra["payoff"], "payoff", origin, missing=True)


def checked_key(key: object, strategy: Any, time: int) -> Hashable:
    """Return the key of a sample as a str, a Python number, or a tuple of such, which files keep as they are.

    Raises
    ------
    FeatureError
        If the key is anything else, a number that is not finite, or an integer beyond 64 bits.
    """
    if type(key) is str:
        return key
    if isinstance(key, np.bool_ | np.integer | np.floating):
        key = key.item()
    if type(key) is tuple:
        return tuple(None if part is None else checked_key(part, strategy, time) for part in key)
    if isinstance(key, str | bool):
        return key
    if isinstance(key, int) and -(2**63) <= key < 2**63:
        return key
    if isinstance(key, float) and math.isfinite(key):
        return key
    raise FeatureError(
        f"{Origin(strategy, time)}: key must be a string or an integer of at most 64 bits (or a tuple of them), got "
        f"{_short(key)}"
    )


def _as_dict(features: object, strategy: Any, time: int) -> dict[Any, Any]:
    """Return any mapping as a dict."""
    if not isinstance(features, Mapping):
        raise FeatureError(
            f"{Origin(strategy, time)}: features must be a dict of names and numbers, got {type(features).__name__}"
        )
    return dict(features)


def _check_name(name: object, origin: Origin) -> None:
    """Refuse a name that a feature cannot have."""
    if not isinstance(name, str):
        raise FeatureError(f"{origin}: the feature name {_short(name)} must be a string")
    if not name or "\0" in name or len(name) > LONGEST_NAME:
        raise FeatureError(
            f"{origin}: the feature name {_short(name)} must have 1 to {LONGEST_NAME} characters and no NUL among them"
        )
    if not _is_encodable(name):
        raise FeatureError(f"{origin}: the feature name {name!r} holds half of a character, which no file can hold")
    if name in RESERVED_NAMES:
        raise FeatureError(
            f"{origin}: a feature cannot be named {name!r}, which is another column of the sample file. Rename it"
        )


def _plain_value(value: object, what: str, origin: Origin, *, missing: bool) -> Any:
    """Return a value as a Python bool, int or float, or as None where it may be `missing`."""
    plain = value
    if isinstance(value, np.generic | np.ndarray):
        # A numpy scalar cannot be masked, and looking at numpy.ma imports it (12 ms).
        if isinstance(value, np.ndarray) and np.ma.is_masked(value):
            raise FeatureError(f"{origin}: {what} is masked, so it has no value. Record None instead")
        plain = value.item() if value.size == 1 else value
    if isinstance(plain, bool) or (plain is None and missing):
        return plain
    if isinstance(plain, Integral):
        return _exact_int(int(plain), what, origin)
    if isinstance(plain, Real):
        return _finite_float(plain, what, origin)
    hint = "; take one value of it, such as [-1]" if isinstance(plain, np.ndarray) else ""
    allowed = "number, bool or None" if missing else "bool, int or float"
    raise FeatureError(f"{origin}: {what} must be a {allowed}, got {_short(value)}{hint}")


def _exact_int(number: int, what: str, origin: Origin) -> int:
    """Refuse an int that a float cannot hold exactly: data sets and models hold floats."""
    try:
        exact = float(number) == number
    except OverflowError:
        exact = False
    if not exact:
        raise FeatureError(f"{origin}: {what} is {_short(number)}, which loses digits as a float. Scale it down")
    return number


def _finite_float(number: Real, what: str, origin: Origin) -> float:
    """Return a real number as a float, and refuse an infinite one."""
    try:
        plain = float(number)
    except OverflowError:
        plain = INFINITY
    if plain in (INFINITY, -INFINITY):
        raise FeatureError(
            f"{origin}: {what} is {_short(number)}, which no model can use. Was it divided by zero? "
            "Record None where a feature has no value"
        )
    return plain


def _is_encodable(name: str) -> bool:
    """Whether UTF-8 can hold a name; half of a surrogate pair it cannot."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _short(value: object) -> str:
    try:
        text = repr(value)
    except ValueError:
        # Python refuses to print ints of more than some 4,300 digits.
        text = f"an {type(value).__name__} of many digits"
    except Exception:
        text = f"a {type(value).__name__} without a repr"
    return text if len(text) <= 60 else f"{text[:57]}..."
