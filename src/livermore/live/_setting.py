"""What a session is, in words that a journal can keep, and whether it is still the same."""

import hashlib
import inspect
from collections.abc import Mapping
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from livermore._version import __version__
from livermore.errors import JournalError

if TYPE_CHECKING:
    from livermore.engine import BacktestConfig, BacktestSpec, Session

__all__ = ["ACCOUNT", "check_same_setting", "describe"]

#: The part of a setting that says which account orders are sent to; it is missing on paper.
ACCOUNT = "account"
#: What must be as it was when a session goes on. A new version of livermore may go on: the replay shows what differs.
COMPARED = ("config", "routes", "data_routes", "hyperparameters", "ml_mode")


def describe(spec: "BacktestSpec", session: "Session") -> dict[str, Any]:
    """Return what tells a session from others, as plain values.

    Parameters
    ----------
    spec : BacktestSpec
        From which it was made.
    session : Session
        The session, which knows the classes of the strategies.
    """
    return {
        "livermore": __version__,
        "config": _config(session.config),
        "routes": [
            {
                "exchange": runner.spec.exchange,
                "symbol": runner.spec.symbol,
                "timeframe": str(runner.spec.timeframe),
                "strategy": type(runner.strategy).__name__,
                "source": _source_hash(type(runner.strategy)),
            }
            for runner in session.runners
        ],
        "data_routes": [_plain(route) for route in spec.data_routes or ()],
        "hyperparameters": _plain(spec.hyperparameters),
        "ml_mode": spec.ml_mode,
    }


def check_same_setting(journal: Mapping[str, Any], now: Mapping[str, Any], name: str) -> None:
    """Refuse to go on with a session that is another one than that of the journal.

    Raises
    ------
    JournalError
        If a strategy's source, a route, the config or another part has changed. The message names it.
    """
    for key in COMPARED:
        if journal.get(key) != now[key]:
            raise JournalError(
                f"session {name} cannot go on: {_difference(key, journal.get(key), now[key])}. Put it back as it was, "
                "or start a session under another name"
            )


def _difference(key: str, before: Any, after: Any) -> str:
    if key == "routes" and isinstance(before, list) and len(before) == len(after):
        for old, new in zip(before, after, strict=True):
            for part in new:
                if old.get(part) != new[part]:
                    what = f"the source of strategy {new['strategy']} has" if part == "source" else f"{part} has"
                    return f"{what} changed since its journal began ({old.get(part)!r:.20} → {new[part]!r:.20})"
    if isinstance(before, dict) and isinstance(after, dict):
        for part in {*before, *after}:
            if before.get(part) != after.get(part):
                return f"{key}[{part!r}] was {before.get(part)!r} when its journal began, and is {after.get(part)!r}"
    return f"{key} was {before!r:.200} when its journal began, and is {after!r:.200}"


def _config(config: "BacktestConfig") -> dict[str, Any]:
    """Return the config as plain values; a calendar by its name."""
    values = {field.name: getattr(config, field.name) for field in fields(config) if field.name != "base"}
    calendar = config.base.calendar
    named = None if calendar is None else str(getattr(calendar, "name", type(calendar).__name__))
    return {**_plain(values), "calendar": named}


def _source_hash(kind: type) -> str:
    """Return a hash of the source of a class; of its name where there is no source, as in an interpreter."""
    try:
        source = inspect.getsource(kind)
    except (OSError, TypeError):
        source = kind.__qualname__
    return hashlib.sha256(source.encode()).hexdigest()[:16]


def _plain(value: Any) -> Any:
    """Return a value as JSON will give it back."""
    if isinstance(value, Mapping):
        return {str(key): _plain(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    if value is None or isinstance(value, bool | int | float):
        return value
    return str(value)
