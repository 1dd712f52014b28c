# cython: annotation_typing=False, nonecheck=True
"""Bars of a route while it is idle, compiled: flat and without orders, so that nothing but its hooks is touched."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import cython

from livermore.errors import warn_uncompiled
from livermore.strategies.state import state_of

if TYPE_CHECKING:
    from livermore.engine.route_runner import RouteRunner
    from livermore.market.clock import SessionClock
    from livermore.strategies import Strategy

if not cython.compiled:
    warn_uncompiled()


def run_idle_bars(runner: "RouteRunner", events: Sequence[int], clock: "SessionClock", strategy: "Strategy") -> None:
    """Run bars until one of them leaves the route with orders or a position.

    Parameters
    ----------
    runner : RouteRunner
        The route.
    events : sequence of int
        The minutes at which bars complete.
    clock : SessionClock
        The session's.
    strategy : Strategy
        The route's. Its `index` goes up by one with each bar.
    """
    before, should_short, should_long, after, chart = runner.idle_hooks
    observers = runner.observers
    index = strategy.index
    state = state_of(strategy)
    changed = state.order_variables_changed
    # Nearly always the bars are evenly apart: then no Python number is made of each.
    step = events.step if isinstance(events, range) else 0
    first = events.start if step else 0
    for bar in range(len(events)):
        clock.event = first + step * bar if step else events[bar]
        if observers:
            runner.show_candle()
        if before is not None:
            before()
            changed = state.order_variables_changed
        if changed:
            runner.forget_intents()
        short = False if should_short is None else should_short()
        long = should_long()
        if short or long:
            runner.enter(bool(long), bool(short))
        if after is not None:
            after()
        if chart is not None:
            chart()
        index += 1
        strategy.index = index
        changed = state.order_variables_changed
        if changed and not runner.is_idle:
            return
