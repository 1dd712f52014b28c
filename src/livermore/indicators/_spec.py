"""What is known of an indicator: the pass that computes it, and the options of `livermore.indicators.indicator`."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Generic, TypeVar, cast

from livermore.indicators._kernels.recursions import Recursion
from livermore.indicators._parameters import ParameterCheck

R = TypeVar("R")


@dataclass(frozen=True, eq=False)
class IndicatorSpec(Generic[R]):
    """A pass and its options; see `livermore.indicators.indicator`."""

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
    recursion: Callable[..., Recursion | None] | None
    min_rows: Callable[..., int] | None
    last: Callable[[Any], Any] | None
    finish: Callable[[Any], Any] | None
    sequential_at: int

    @cached_property
    def partial_key(self) -> object:
        """Key of the tables for partial bars in the cache of a series; the spec itself is that of completed bars."""
        return object()

    @cached_property
    def kind(self) -> type | None:
        """The NamedTuple that the pass returns, None where it returns an array; as its annotation says."""
        returned = self.signature.return_annotation
        return returned if isinstance(returned, type) and issubclass(returned, tuple) else None

    def is_sequential(self, args: tuple[Any, ...]) -> bool:
        """Tell whether a call asks for the whole series; `args` are all parameters after the candles."""
        return self.sequential_at >= 0 and bool(args[self.sequential_at])

    def named(self, args: tuple[Any, ...]) -> dict[str, Any]:
        """Return all parameters after the candles by name."""
        return dict(zip(self.names, args, strict=True))

    def fewest_rows(self, params: dict[str, Any]) -> int:
        """Return the number of rows below which a pass returns something else than the beginning of a longer one."""
        return 0 if self.min_rows is None else self.min_rows(**params)

    def rows_back(self, params: dict[str, Any]) -> int:
        """Return how many rows the last value depends on; 0 where that is all of them, or not known."""
        return 0 if self.lookback is None else max(self.lookback(**params), 1)

    def value(self, result: Any) -> Any:
        """Return the last value of what a pass returned."""
        if self.last is not None:
            return self.last(result)
        value = each(result, lambda field: field[-1])
        return value if self.finish is None else self.finish(value)


def each(result: Any, part: Callable[[Any], Any]) -> Any:
    """Apply a function to a series, or to each field of a NamedTuple."""
    if isinstance(result, tuple):
        return cast(Any, result)._make(map(part, result))
    return part(result)
