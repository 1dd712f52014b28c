"""The checks on what a strategy records: features, and labels."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from numbers import Real
from typing import Any

import numpy as np

from livermore.dates import minute
from livermore.errors import FeatureError
from livermore.strategies._plain_features import plain_features

__all__ = ["DEFAULT_KEY", "Origin", "checked_features", "checked_label"]

#: The key of the point that `record_features` opens without a key.
DEFAULT_KEY: Hashable = None
#: Types that need no further look.
PLAIN = frozenset((bool, int, float))
NUMPY = (np.generic, np.ndarray)


@dataclass(frozen=True, slots=True)
class Origin:
    """Where something was recorded, for messages: the strategy, and the time in seconds."""

    strategy: Any
    time: int

    def __str__(self) -> str:
        name, symbol = type(self.strategy).__name__, self.strategy.symbol
        return f"{name} on {symbol} at {minute(self.time)} UTC"


def checked_features(features: object, strategy: Any, time: int) -> dict[str, Any]:
    """Return the features as a dict of plain names and numbers, or say what is wrong with them, where and when.

    Raises
    ------
    FeatureError
        If it is no mapping, a name is no string, or a value neither a real number, a bool nor None.
    """
    plain: dict[str, Any] | None = plain_features(features) if type(features) is dict else None
    if plain is not None:
        return plain
    origin = Origin(strategy, time)
    if not isinstance(features, Mapping):
        raise FeatureError(f"{origin}: features must be a dict of names and numbers, got {type(features).__name__}")
    checked: dict[str, Any] = {}
    for name, value in features.items():
        if not isinstance(name, str):
            raise FeatureError(f"{origin}: the feature name {name!r} must be a string")
        checked[name] = value if type(value) in PLAIN else _feature(name, value, origin)
    return checked


def checked_label(name: object, value: object, strategy: Any, time: int) -> bool | int | float:
    """Return the label as a Python bool, int or float.

    Raises
    ------
    FeatureError
        If the name is no string, or the value is none of the three.
    """
    if type(name) is str and type(value) in PLAIN:
        return value  # type: ignore[return-value]
    origin = Origin(strategy, time)
    if not isinstance(name, str):
        raise FeatureError(f"{origin}: the label's name {name!r} must be a string")
    plain = value.item() if isinstance(value, NUMPY) and value.size == 1 else value
    if isinstance(plain, bool | int | float):
        return plain
    raise FeatureError(f"{origin}: the label {name!r} must be a bool, int or float, got {value!r}")


def _feature(name: str, value: object, origin: Origin) -> Any:
    plain = value.item() if isinstance(value, NUMPY) and value.size == 1 else value
    if plain is None or isinstance(plain, Real):
        return plain
    hint = ""
    if isinstance(plain, np.ndarray):
        hint = "; take one value of it, such as [-1]"
    raise FeatureError(f"{origin}: the feature {name!r} must be a number, bool or None, got {_short(value)}{hint}")


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
