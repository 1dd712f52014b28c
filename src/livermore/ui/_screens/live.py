"""Live sessions: positions, orders, age of the feed, models in force, why nothing is opened, and the kill switch."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlencode

from livermore.errors import LivermoreError
from livermore.live import KillSwitch, SessionView, session_view
from livermore.live._kill_switch import COMMANDS, RELEASE
from livermore.typing import Rows
from livermore.ui._charts import candle_series, line_series
from livermore.ui._journals import account_of, fills, last_candles, predictions_since, route_symbols
from livermore.ui._pages import render_part
from livermore.ui._project import session_folders
from livermore.ui._screen import Asked, Moved, NotInProjectError, Screen, Shown, choose

__all__ = ["SCREEN", "live_message"]

#: Minutes of the chart.
MOST_MINUTES = 720
#: More fills than these are signs without quantities, which would cover each other.
MOST_TEXTS = 20


class Listed(NamedTuple):
    """A session in the list, and where its orders go; or why nothing can be said of it."""

    name: str
    view: SessionView | None
    account: str
    problem: str


def show(asked: Asked) -> Shown:
    """Show all sessions."""
    listed = [_listed(name, folder) for name, folder in session_folders(asked.root).items()]
    return Shown("live", "Live sessions", {"sessions": listed})


def show_session(asked: Asked) -> Shown:
    """Show one session. The part that changes is sent again by `live_message`."""
    name = asked["name"]
    folder = choose(session_folders(asked.root), name, "session")
    found = _listed(name, folder)
    symbols = [route.symbol for route in found.view.routes] if found.view else []
    values = {"name": name, "symbols": symbols, "commands": COMMANDS, "part": _part(found)}
    return Shown("live_session", f"Session {name}", values)


def live_message(asked: Asked) -> Mapping[str, Any]:
    """Return what of the page of a session changes by itself.

    Returns
    -------
    mapping
        `html`: the part, escaped; `minute`: when the last minute opened, UTC ms; `entries`: whether something may be
        opened, which screen readers are told when it changes.
    """
    name = asked["name"]
    folder = session_folders(asked.root).get(name)
    found = Listed(name, None, "", "There is no such session any more.") if folder is None else _listed(name, folder)
    entries = f"Entries: {found.view.entries}" if found.view else found.problem
    return {"html": str(_part(found)), "minute": found.view.last_minute if found.view else None, "entries": entries}


def chart(asked: Asked) -> Mapping[str, Any]:
    """Return the last candles of a route with its fills, and below them its predictions."""
    folder = choose(session_folders(asked.root), asked["name"], "session")
    choose(dict.fromkeys(route_symbols(folder), True), asked["symbol"], "route of this session on")
    rows = last_candles(folder, asked["symbol"], MOST_MINUTES)
    panes = [[candle_series(rows, asked["symbol"], _markers(folder, asked["symbol"], rows))]]
    predicted = predictions_since(folder, asked["symbol"], int(rows[0, 0])) if len(rows) else ()
    if predicted:
        times, values = [p.made_at // 1000 for p in predicted], [p.result for p in predicted]
        panes.append([line_series(times, values, "prediction")])
    return {"panes": panes}


def kill(asked: Asked) -> Moved:
    """Set the kill switch of a session, or release it."""
    name, command = asked["name"], asked["command"]
    switch = KillSwitch(choose(session_folders(asked.root), name, "session"))
    if command == RELEASE:
        switch.release()
    elif command in COMMANDS:
        switch.set(command)
    else:
        raise NotInProjectError(f"the kill switch does not know {command[:20]!r}")
    return Moved(f"/live/session?{urlencode({'name': name})}")


def _listed(name: str, folder: Path) -> Listed:
    try:
        return Listed(name, session_view(folder), account_of(folder), "")
    except (LivermoreError, OSError) as error:
        return Listed(name, None, "", str(error))
    except (LookupError, TypeError, ValueError) as error:
        said = f"the journal of session {name} is damaged, or of another release: {type(error).__name__}: {error}"
        return Listed(name, None, "", said)


def _part(found: Listed) -> str:
    return render_part("live_part", view=found.view, account=found.account, problem=found.problem)


def _markers(folder: Path, symbol: str, rows: Rows) -> Sequence[Mapping[str, Any]]:
    """Return a sign for each fill on the minute in which it happened."""
    if not len(rows):
        return []
    found, signs = fills(folder, symbol, int(rows[0, 0])), []
    for fill in found:
        is_buy = fill.qty > 0
        signs.append(
            {
                # An order fills at the end of a minute at the latest.
                "time": (fill.time - 1) // 60_000 * 60,
                "position": "belowBar" if is_buy else "aboveBar",
                "shape": "arrowUp" if is_buy else "arrowDown",
                "color": "up" if is_buy else "down",
                "text": f"{fill.qty:+.6g}" if len(found) <= MOST_TEXTS else "",
            }
        )
    return signs


SCREEN = Screen(
    "/live",
    "Live",
    {"/live": show, "/live/session": show_session},
    {"/live/chart": chart},
    {"/live/kill": kill},
)
