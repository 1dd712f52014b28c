"""Small conversions of values, lists and dicts."""

import math
from collections.abc import Iterator, Mapping
from typing import Any

__all__ = [
    "class_iter",
    "float_or_none",
    "get_class_name",
    "insert_list",
    "is_almost_equal",
    "merge_dicts",
    "normalize_bool",
    "round_or_none",
    "str_or_none",
]


def float_or_none(item: Any) -> float | None:
    """Return a value as a float; None for None and for an empty text.

    Examples
    --------
    >>> float_or_none("1.5"), float_or_none(""), float_or_none(None)
    (1.5, None, None)
    """
    return None if item is None or item == "" else float(item)


def str_or_none(item: Any, encoding: str = "utf-8") -> str | None:
    """Return a value as a text, bytes decoded; None for None.

    Examples
    --------
    >>> str_or_none(1), str_or_none(b"ab"), str_or_none(None)
    ('1', 'ab', None)
    """
    if item is None:
        return None
    return item.decode(encoding) if isinstance(item, bytes) else str(item)


def round_or_none(x: float | None, digits: int = 0) -> float | None:
    """Round a number; None for None.

    Examples
    --------
    >>> round_or_none(1.256, 2), round_or_none(None)
    (1.26, None)
    """
    return None if x is None else round(x, digits)


def normalize_bool(v: Any) -> bool:
    """Return a bool for a bool, a text, a number or None.

    False are None, an empty text, texts that say ``false``, and all numbers but 1.

    Examples
    --------
    >>> [normalize_bool(v) for v in (True, "true", "1", 1, None, "", "false", 0, 2)]
    [True, True, True, True, False, False, False, False, False]
    """
    if isinstance(v, str):
        return v.strip().lower() not in ("", "false", "0")
    return v is not None and bool(v == 1)


def is_almost_equal(a: float, b: float, tolerance: float = 1e-8) -> bool:
    """Tell whether two numbers differ by no more than a share of the larger one.

    Examples
    --------
    >>> is_almost_equal(1.0, 1.0 + 1e-9), is_almost_equal(1.0, 1.0001)
    (True, False)
    """
    return math.isclose(a, b, rel_tol=tolerance)


def insert_list(index: int, item: Any, arr: list[Any]) -> list[Any]:
    """Return a copy of a list with one item more; -1 appends it.

    Examples
    --------
    >>> insert_list(1, "x", ["a", "b"]), insert_list(-1, "x", ["a", "b"])
    (['a', 'x', 'b'], ['a', 'b', 'x'])
    """
    if index == -1:
        return [*arr, item]
    return [*arr[:index], item, *arr[index:]]


def merge_dicts(d1: Mapping[Any, Any], d2: Mapping[Any, Any]) -> dict[Any, Any]:
    """Merge two dicts, and the dicts inside them; where both have a value, the second one's counts.

    Examples
    --------
    >>> merge_dicts({"a": {"x": 1}, "b": 2}, {"a": {"y": 2}, "b": 3})
    {'a': {'x': 1, 'y': 2}, 'b': 3}
    """
    merged = dict(d1)
    for key, value in d2.items():
        mine = merged.get(key)
        both = isinstance(mine, Mapping) and isinstance(value, Mapping)
        merged[key] = merge_dicts(mine, value) if both else value  # type: ignore[arg-type]  # a Mapping, if both are
    return merged


def class_iter(Class: type) -> Iterator[Any]:
    """Yield the values of a class's attributes that are neither methods nor dunder names.

    Examples
    --------
    >>> from livermore.jesse.enums import sides
    >>> list(class_iter(sides))
    ['buy', 'sell']
    """
    return (value for name, value in vars(Class).items() if not callable(value) and not name.startswith("__"))


def get_class_name(cls: type) -> str:
    """Return the name of a class.

    Examples
    --------
    >>> get_class_name(int)
    'int'
    """
    return cls.__name__
