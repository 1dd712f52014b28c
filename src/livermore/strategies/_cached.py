"""The `cached` decorator: a method's value is computed once per bar."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

__all__ = ["cached"]

Value = TypeVar("Value")


def cached(method: Callable[..., Value]) -> Callable[..., Value]:
    """Compute a strategy's method once per bar and arguments, and return the same value for the rest of the bar.

    Under ``@property`` it goes below it. A value that was computed in a hook of an event, such as `on_open_position`,
    between two bars is computed again in the next bar, so it is never stale. In Jesse it is not; a strategy that relies
    on that sets ``cached_like_jesse = True``.

    Parameters
    ----------
    method : callable
        A method whose arguments are hashable.

    Examples
    --------
    >>> from livermore.strategies import Strategy
    >>> class Trend(Strategy):
    ...     calls = 0
    ...     @property
    ...     @cached
    ...     def level(self):
    ...         self.calls += 1
    ...         return 7
    ...     def should_long(self): return False
    ...     def go_long(self): pass
    >>> trend = Trend()
    >>> trend.level + trend.level, trend.calls
    (14, 1)
    """

    @wraps(method)
    def remembered(self: Any, *args: Any, **kwargs: Any) -> Value:
        state = self._livermore
        cache = state.cache
        if state.cached_at != self.index:
            cache.clear()
            state.cached_at = self.index
        key = (method, args, tuple(kwargs.items())) if kwargs else (method, args)
        try:
            value: Value = cache[key]
        except KeyError:
            value = cache[key] = method(self, *args, **kwargs)
        return value

    return remembered
