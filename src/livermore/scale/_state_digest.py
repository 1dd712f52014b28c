"""What is compared at a seam: the state in which two backtests, of the part before it and of the part after it, are.

A backtest that begins shortly before a seam continues as one that began long before if both are in the same state:
the strategy's attributes, its position, its orders, and its open samples. What follows depends on that state and on the
candles alone. It does not compare what grows all the time: balance, closed trades, `trades_count`; a second comparison,
of samples that both backtests made, finds strategies whose samples depend on these.
"""

import hashlib
import types
from collections import deque
from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from enum import Enum
from pathlib import PurePath
from typing import Any

import numpy as np

from livermore.strategies import Strategy, state_of

__all__ = ["UnknownStateError", "digest", "sample_digest", "state_digest"]

#: Attributes that a session sets and that differ between two runs, or follow from others.
NOT_COMPARED = frozenset(
    ("id", "position", "broker", "trade", "charts", "trades_count", "_metrics", "name", "exchange", "timeframe")
)
_PLAIN = (type(None), bool, int, float, complex, str, bytes, Decimal, date, timedelta, PurePath, Enum)
_NAMED = (type, types.FunctionType, types.BuiltinFunctionType, types.ModuleType)


class UnknownStateError(Exception):
    """A value whose state cannot be told, such as a generator, is part of a strategy."""


def state_digest(strategy: Strategy) -> str | None:
    """Return a hash of the state of a strategy in the middle of a run; None if it cannot be told."""
    state = state_of(strategy)
    own = {
        name: value
        for name, value in vars(strategy).items()
        if name not in NOT_COMPARED and not name.startswith("_livermore")
    }
    position = strategy.position
    orders = [(o.type, o.side, o.qty, o.price, o.status) for o in (*strategy.entry_orders, *strategy.exit_orders)]
    try:
        return digest(
            {
                "attributes": own,
                "shared": dict(strategy.shared_vars),
                "position": (position.qty, position.entry_price, position.opened_at),
                "orders": orders,
                "order variables": state.order_variables,
                "open samples": {k: (s.time, s.features, s.extra) for k, s in state.open_samples.items()},
                "observations": [
                    (point.time, point.features, point.extra, observer)
                    for point, observer in state.open_observations.pending()
                ],
            }
        )
    except (UnknownStateError, RecursionError):
        return None


def sample_digest(sample: Mapping[str, Any]) -> str:
    """Return a hash of a sample."""
    return digest(dict(sample))


def digest(value: Any) -> str:
    """Return a hash of a value made of numbers, texts, arrays, containers and plain objects.

    Raises
    ------
    UnknownStateError
        If there is something else in it.

    Examples
    --------
    >>> digest({"a": 1, "b": [1.5]}) == digest({"b": [1.5], "a": 1})
    True
    >>> digest(1) == digest(1.0)
    False
    """
    return hashlib.sha256(_text(value, frozenset()).encode()).hexdigest()


def _text(value: Any, above: frozenset[int]) -> str:
    """Return a text that equal values share; `above` holds the containers that this one is in."""
    kind = type(value).__qualname__
    if isinstance(value, _PLAIN):
        return f"{kind}:{value!r}"
    if isinstance(value, np.generic):
        return f"{kind}:{value.item()!r}"
    if isinstance(value, _NAMED):
        return f"{kind}:{getattr(value, '__module__', '')}.{getattr(value, '__qualname__', value.__name__)}"
    if id(value) in above:
        raise UnknownStateError
    inside = above | {id(value)}
    if isinstance(value, np.ndarray):
        if value.dtype.hasobject:
            return f"{kind}{value.shape}:{_texts(value.tolist(), inside)}"
        return f"{kind}{value.shape}{value.dtype}:{hashlib.sha256(np.ascontiguousarray(value).tobytes()).hexdigest()}"
    if isinstance(value, Mapping):
        pairs = sorted((_text(key, inside), _text(item, inside)) for key, item in value.items())
        return f"{kind}{{{pairs}}}"
    if isinstance(value, set | frozenset):
        return f"{kind}{{{sorted(_text(item, inside) for item in value)}}}"
    if isinstance(value, list | tuple | deque):
        return f"{kind}[{_texts(value, inside)}]"
    return f"{kind}({_text(_attributes(value), inside)})"


def _texts(values: Any, inside: frozenset[int]) -> str:
    return ",".join(_text(value, inside) for value in values)


def _attributes(value: Any) -> dict[str, Any]:
    """Return the attributes of an object, from its dict and its slots."""
    if isinstance(value, types.GeneratorType | types.MethodType | Strategy):
        raise UnknownStateError
    slots = [name for kind in type(value).__mro__ for name in _slots_of(kind)]
    if not slots and not hasattr(value, "__dict__"):
        raise UnknownStateError
    return {**getattr(value, "__dict__", {}), **{name: getattr(value, name) for name in slots if hasattr(value, name)}}


def _slots_of(kind: type) -> tuple[str, ...]:
    slots = kind.__dict__.get("__slots__", ())
    return (slots,) if isinstance(slots, str) else tuple(slots)
