"""Bars of a route while it is idle, compiled: flat and without orders, so that nothing but its hooks is touched."""

import cython

from livermore.errors import warn_uncompiled

if not cython.compiled:
    warn_uncompiled()


@cython.ccall
@cython.locals(index=cython.Py_ssize_t, event=cython.Py_ssize_t, changed=cython.bint)
def run_idle_bars(runner, events, clock, strategy):
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
    changed = strategy._changed
    for event in events:
        clock.event = event
        if observers:
            runner.show_candle()
        if before is not None:
            before()
            changed = strategy._changed
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
        changed = strategy._changed
        if changed and not runner.is_idle:
            return
