"""Adds to an error that left a strategy's hook where in the run it happened."""

from collections.abc import Sequence
from types import TracebackType

from livermore.dates import minute
from livermore.engine.route import TradedRoute
from livermore.market.clock import SessionClock
from livermore.strategies import Strategy

__all__ = ["add_location"]


def add_location(error: BaseException, runners: Sequence[TradedRoute], clock: SessionClock) -> None:
    """Add a note to an error: strategy, route, bar, time and hook. The error itself stays what it was."""
    found = _outermost_hook(error.__traceback__)
    if found is None:
        # Compiled code has no frames: it is the strategy whose hooks were running.
        found = next(((runner.strategy, "") for runner in runners if runner.in_hooks), None)
    if found is None:
        return
    strategy, hook = found
    if strategy not in [runner.strategy for runner in runners]:
        return
    error.add_note(
        f"in strategy {type(strategy).__name__}, {strategy.symbol} {strategy.timeframe}, "
        f"bar {strategy.index} ({minute(clock.now / 1000)} UTC)" + (f", in {hook}()" if hook else "")
    )


def _outermost_hook(traceback: TracebackType | None) -> tuple[Strategy, str] | None:
    """Return the first method of a strategy on the way to the error: the hook that the session called."""
    found = None
    while traceback is not None:
        frame = traceback.tb_frame
        owner = frame.f_locals.get("self")
        name = frame.f_code.co_name
        if isinstance(owner, Strategy):
            if not name.startswith("_"):
                return owner, name
        elif isinstance(owner, TradedRoute) and found is None:
            found = owner.strategy, name
        traceback = traceback.tb_next
    return found
