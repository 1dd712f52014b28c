"""What the framework knows of an indicator."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Generic, TypeVar, cast

from livermore.indicators._forming import Forming
from livermore.indicators._parameters import ParameterCheck

R = TypeVar("R")


@dataclass(frozen=True, eq=False)
class IndicatorSpec(Generic[R]):
    """What the framework knows of an indicator; see `indicator` for the meaning."""

    name: str
    compute: Callable[..., R]
    signature: inspect.Signature
    names: tuple[str, ...]
    check: ParameterCheck
    series_ok: bool
    windowed: bool
    window_series: bool
    batched: bool
    lookback: Callable[..., int] | None
    ends: Callable[..., Any] | None
    forming: Forming | None
    min_rows: Callable[..., int] | None
    last: Callable[[Any], Any] | None
    finish: Callable[[Any], Any] | None
    sequential_at: int

    @cached_property
    def forming_key(self) -> object:
        """Under which the memo of a series has the tables for bars that form."""
        return object()

    def is_sequential(self, args: tuple[Any, ...]) -> bool:
        """Whether a call asks for the whole series; `args` are all that is behind the candles."""
        return self.sequential_at >= 0 and bool(args[self.sequential_at])

    def named(self, args: tuple[Any, ...]) -> dict[str, Any]:
        """Return all that is behind the candles by name."""
        return dict(zip(self.names, args, strict=True))

    def value(self, result: Any) -> Any:
        """Return the last value of what a pass returned."""
        if self.last is not None:
            return self.last(result)
        value = each(result, lambda field: field[-1])
        return value if self.finish is None else self.finish(value)


def each(result: Any, part: Callable[[Any], Any]) -> Any:
    """Take a part of a series, or of each field of a NamedTuple."""
    if isinstance(result, tuple):
        return cast(Any, result)._make(map(part, result))
    return part(result)
