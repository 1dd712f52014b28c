"""The command ``status``: how a live session is doing, while it runs or after."""

import argparse
import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

from livermore.cli._parsing import Commands, add_command, add_folder
from livermore.console import print_text
from livermore.dates import minute
from livermore.formatting import age

if TYPE_CHECKING:
    from livermore.live import ModelView, RouteView, SessionView

__all__ = ["add_commands", "utc"]


def add_commands(commands: Commands) -> None:
    """Add the command of this module."""
    status = add_command(
        commands, "status", _status, "Show a live session: positions, orders, model in force, why nothing is opened."
    )
    status.add_argument("name", help="name of the session")
    status.add_argument("--json", action="store_true", help="print all that is known as one line of JSON")
    add_folder(status)


def _status(options: argparse.Namespace) -> int:
    from livermore.research import live_session_view

    view = live_session_view(options.name, options.folder)
    if options.json:
        print(json.dumps(view.as_dict()))
    else:
        print_text("\n".join(_lines(view)))
    return 0


def _lines(view: "SessionView") -> Iterator[str]:
    yield f"session {view.session}: {'running' if view.is_running else 'not running'}; it began at {utc(view.start)}"
    if view.last_minute is None or view.feed_age_ms is None:
        yield "last minute: none yet"
    else:
        yield f"last minute: {utc(view.last_minute)}, over for {age(view.feed_age_ms / 1000)}"
    yield f"entries: {view.entries}"
    if view.equity is not None and view.equity_at is not None:
        yield f"equity: {view.equity:,.2f} at {utc(view.equity_at)}"
    for route in view.routes:
        yield from _route_lines(route)
    for model in view.models:
        yield _model_line(model)


def _route_lines(route: "RouteView") -> Iterator[str]:
    entry = "" if route.entry_price is None else f" from {route.entry_price:.8g}"
    trades = f"{route.trades:,} trades, profit {route.pnl:,.2f}"
    yield f"{route.symbol} {route.timeframe}, {route.strategy}: position {route.position:.8g}{entry}, {trades}"
    for order in route.orders:
        only = ", reduce only" if order.reduce_only else ""
        yield f"  {order.type} {order.qty:.8g} at {order.price:.8g}{only}, since {utc(order.submitted_at)}"
    yield f"  why no trade: {route.why_no_trade}"


def _model_line(model: "ModelView") -> str:
    named = "" if model.model is None else f" {model.model}"
    alarms = ", ".join(model.alarms) or "none"
    return (
        f"model of {model.route}{named}: version {model.version or 'unknown'}, in force since {utc(model.since)}, "
        f"{model.labels:,} labels, alarms: {alarms}"
    )


def utc(time_ms: int) -> str:
    """Return a time in UTC ms as these commands print it."""
    return f"{minute(time_ms / 1000)} UTC"
