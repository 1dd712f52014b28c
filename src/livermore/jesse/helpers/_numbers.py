"""Numbers and lists: rounding, scaling, searching, cleaning."""

import math
from bisect import bisect_left
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

__all__ = [
    "binary_search",
    "clean_infinite_values",
    "clean_nan_values",
    "convert_number",
    "dna_to_hp",
    "floor_with_precision",
    "normalize",
    "round_decimals_down",
    "unique_list",
]

# The letters of a strand of DNA: their codes are scaled to the hyperparameter's range.
_FIRST_LETTER, _LAST_LETTER = 40, 119

Item = TypeVar("Item", bound=Hashable)


def floor_with_precision(num: float, precision: int = 0) -> float:
    """Round down to a number of decimals.

    The arithmetic is that of floats: 0.29 is a little less than 29 hundredths, and gives 0.28.

    Examples
    --------
    >>> floor_with_precision(1.239, 2), floor_with_precision(-1.239, 2)
    (1.23, -1.24)
    """
    factor = 10.0**precision
    return math.floor(num * factor) / factor


def round_decimals_down(number: npt.ArrayLike, decimals: int = 2) -> Any:
    """Round a number, or an array of them, down to a number of decimals.

    Raises
    ------
    TypeError
        If `decimals` is not an integer.

    Examples
    --------
    >>> round_decimals_down(1.239), round_decimals_down(np.array([1.99, 2.01]), 1)
    (1.23, array([1.9, 2. ]))
    """
    if not isinstance(decimals, int):
        raise TypeError(f"decimals must be an integer, not {decimals!r}")
    factor = 10.0**decimals
    rounded = np.floor(np.asarray(number) * factor) / factor
    return rounded if np.ndim(number) else float(rounded)


def normalize(x: float, x_min: float, x_max: float) -> float:
    """Return where `x` is between two numbers: 0 at the first one, 1 at the second.

    Examples
    --------
    >>> normalize(5, 0, 20)
    0.25
    """
    return (x - x_min) / (x_max - x_min)


def convert_number(old_max: float, old_min: float, new_max: float, new_min: float, old_value: float) -> float:
    """Move a number from one range to the same place of another one.

    Examples
    --------
    >>> convert_number(10, 0, 100, 50, 5)
    75.0
    """
    if old_value > old_max or old_value < old_min:
        raise ValueError(f"{old_value} is outside of the range from {old_min} to {old_max}")
    return (old_value - old_min) * (new_max - new_min) / (old_max - old_min) + new_min


def binary_search(arr: Sequence[Any], item: Any) -> int:
    """Return where an item is in a sorted sequence, the first place if there are several; -1 if it is not there.

    Examples
    --------
    >>> binary_search([1, 3, 5], 3), binary_search([1, 3, 5], 4)
    (1, -1)
    """
    place = bisect_left(arr, item)
    return place if place < len(arr) and arr[place] == item else -1


def unique_list(arr: Iterable[Item]) -> list[Item]:
    """Return the items without repetitions, in the order in which they first come.

    Examples
    --------
    >>> unique_list([1, 2, 1, 3, 2])
    [1, 2, 3]
    """
    return list(dict.fromkeys(arr))


def clean_nan_values(obj: Any) -> Any:
    """Return a structure of dicts and lists with None in place of NaN, as JSON needs it.

    Examples
    --------
    >>> clean_nan_values({"a": float("nan"), "b": [1.0, float("nan")]})
    {'a': None, 'b': [1.0, None]}
    """
    return _without(obj, math.isnan)


def clean_infinite_values(obj: Any) -> Any:
    """Return a structure of dicts and lists with None in place of infinite numbers, as JSON needs it.

    Examples
    --------
    >>> clean_infinite_values([1.0, float("-inf")])
    [1.0, None]
    """
    return _without(obj, math.isinf)


def dna_to_hp(strategy_hp: Sequence[Mapping[str, Any]], dna: str) -> dict[str, float]:
    """Read hyperparameters from a strand of DNA, one letter each.

    Parameters
    ----------
    strategy_hp : sequence of dict
        As a strategy's `hyperparameters` returns them: name, type (int or float), min, max.
    dna : str
        A letter from ``(`` (the lowest value) to ``w`` (the highest) per hyperparameter.

    Raises
    ------
    TypeError
        If a type is neither int nor float.

    Examples
    --------
    >>> dna_to_hp([{"name": "period", "type": int, "min": 1, "max": 80}], "(")
    {'period': 1}
    """
    values: dict[str, float] = {}
    for letter, parameter in zip(dna, strategy_hp, strict=False):
        if parameter["type"] not in (int, float):
            raise TypeError(f"hyperparameter {parameter['name']!r}: its type must be int or float")
        value = convert_number(_LAST_LETTER, _FIRST_LETTER, parameter["max"], parameter["min"], ord(letter))
        values[parameter["name"]] = round(value) if parameter["type"] is int else value
    return values


def _without(obj: Any, is_bad: Callable[[float], bool]) -> Any:
    if isinstance(obj, Mapping):
        return {name: _without(value, is_bad) for name, value in obj.items()}
    if isinstance(obj, list):
        return [_without(value, is_bad) for value in obj]
    return None if isinstance(obj, float) and is_bad(obj) else obj
