"""The way from an indicator's call to the value that is already there."""

from collections.abc import Callable
from typing import Any

import cython

from livermore.errors import warn_uncompiled

if not cython.compiled:
    warn_uncompiled()


def lookup(compute: Callable[..., Any], answer: Callable[..., Any]) -> Callable[..., Any]:
    """Return the function that users call in place of a pass.

    Parameters
    ----------
    compute : callable
        The pass, and the first part of the memo's key; see `spelled` for the others.
    answer : callable
        From what the call got, its positional and its keyword arguments, to the value where there is no table yet.
    """

    def call(candles: Any, *args: Any, sequential: Any = None, **kwargs: Any) -> Any:
        table: Any = None
        try:
            if not candles.forming:
                memo = candles.series.memo
                table = memo[compute, args, sequential, *kwargs.items()] if kwargs else memo[compute, args, sequential]
        except (AttributeError, KeyError, TypeError):
            pass
        if table is not None:
            return table[candles.end]
        if sequential is not None:
            kwargs["sequential"] = sequential
        return answer(candles, args, kwargs)

    return call


def spelled(compute: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Any, ...]:
    """Return the memo's key of a call, however it spells its parameters."""
    others = [item for item in kwargs.items() if item[0] != "sequential"]
    return (compute, args, kwargs.get("sequential"), *others)
