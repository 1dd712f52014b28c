"""How many of the last candles an indicator looks at when it is asked for one value of a plain array."""

from contextvars import ContextVar

# Outside a run 240, as in Jesse; a run sets it to its config's `warm_up_candles` and resets it. 0 means all rows.
indicator_window: ContextVar[int] = ContextVar("indicator_window", default=240)

__all__ = ["indicator_window"]
