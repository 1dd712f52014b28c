"""What journals of live sessions say, read without changing them; a session may be writing at the same time."""

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

from livermore.errors import JournalError
from livermore.live._journal import JOURNAL, open_journal
from livermore.live._setting import ACCOUNT
from livermore.typing import Rows

__all__ = [
    "Fill",
    "Made",
    "Prediction",
    "account_of",
    "fills",
    "labelled_predictions",
    "last_candles",
    "last_predictions",
    "models_in_force",
    "predictions_since",
    "route_symbols",
]


#: Fills or predictions of a route that a chart takes, at most: the last ones, found without reading the others.
MOST_EVENTS = 5000


class Prediction(NamedTuple):
    """One prediction of a session.

    Attributes
    ----------
    time : int
        Opening time of its bar, UTC s.
    route : str
        Its symbol.
    model : str or None
        Name of the model in the strategy; None for its own.
    version : str
        Of the model.
    result : float
        The predicted value, or the probability of class 1; of the highest class where there are several.
    odd : bool
        Whether features were missing, infinite or far outside of training.
    label : float or None
        What came true; None if that is not known yet, or never will be: no sample was recorded on the bar.
    label_time : int or None
        When the label became known, UTC s.
    features : mapping of str to object
        What the model saw.
    """

    time: int
    route: str
    model: str | None
    version: str
    result: float
    odd: bool
    label: float | None
    label_time: int | None
    features: Mapping[str, Any]


class Fill(NamedTuple):
    """An order that was filled: when, UTC ms, and how much, less than 0 for sells."""

    time: int
    qty: float


class Made(NamedTuple):
    """When a prediction was made, UTC ms, and its value."""

    made_at: int
    result: float


@contextmanager
def _reading(folder: Path) -> Iterator[sqlite3.Connection]:
    """Open the journal of a session for reading; what it says is understood in the block as well.

    Raises
    ------
    JournalError
        If it is damaged, locked, no journal, or says what the block does not understand.
    """
    path = folder / JOURNAL
    try:
        with closing(sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True, timeout=2)) as connection:
            yield connection
    except sqlite3.Error as error:
        raise JournalError(f"{path} cannot be read: {error}") from error
    except (LookupError, TypeError, ValueError) as error:
        said = f"{type(error).__name__}: {error}"
        raise JournalError(f"{path} is damaged, or of another release: {said}") from error


def route_symbols(folder: Path) -> Sequence[str]:
    """Return the symbols that a session trades."""
    with _reading(folder) as journal:
        return [route["symbol"] for route in _setting(journal, "routes") or ()]


def account_of(folder: Path) -> str:
    """Return where the orders of a session go, in words."""
    with _reading(folder) as journal:
        account = _setting(journal, ACCOUNT)
        return "paper" if account is None else f"the account {account['name']} of {account['exchange']}: real orders"


def _setting(journal: sqlite3.Connection, key: str) -> Any:
    """Return what the journal says of a session's setting; None if it says nothing."""
    found = journal.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
    return None if found is None else json.loads(found[0])


def models_in_force(folder: Path) -> Sequence[Mapping[str, Any]]:
    """Return the model that each route predicts with.

    Returns
    -------
    sequence of mapping
        `route`, `model` (its name in the strategy), `version`, `hash` (the start of its manifest's) and `time`, UTC ms,
        from which on it is in force.
    """
    with _reading(folder) as journal:
        rows = journal.execute(
            "SELECT time, route, data FROM model_events WHERE kind IN ('model', 'take_over') ORDER BY number"
        ).fetchall()
        found: dict[tuple[str, Any], Mapping[str, Any]] = {}
        for time, route, data in rows:
            values = json.loads(data)
            found[route, values["model"]] = {"time": time, "route": route, **values}
        return tuple(found.values())


def last_predictions(folder: Path, count: int) -> Sequence[Prediction]:
    """Return the last predictions, newest first, with the labels that became known."""
    with _reading(folder) as journal:
        rows = journal.execute(
            "SELECT route, data FROM events WHERE kind = 'prediction' ORDER BY number DESC LIMIT ?", (count,)
        ).fetchall()
        labels = {(p.route, p.time, p.model): p for p in _labelled(journal, 4 * count)}
        found = []
        for route, data in rows:
            values = json.loads(data)
            prediction = _prediction(int(values["bar"] or 0), route, values, features=values["features"])
            known = labels.get((route, prediction.time, prediction.model))
            if known is not None:
                prediction = prediction._replace(label=known.label, label_time=known.label_time)
            found.append(prediction._replace(odd=bool(values["odd"])))
        return found


def labelled_predictions(folder: Path, count: int) -> Sequence[Prediction]:
    """Return the last predictions whose label is known, in the order in which the labels became known."""
    with _reading(folder) as journal:
        return _labelled(journal, count)


def fills(folder: Path, route: str, since: int) -> Sequence[Fill]:
    """Return the last fills of a route since a time, UTC ms, in order."""
    with _reading(folder) as journal:
        return [Fill(time, values["qty"]) for time, values in _last_events(journal, "order_filled", route, since)]


def predictions_since(folder: Path, route: str, since: int) -> Sequence[Made]:
    """Return the last predictions of a route since a time, UTC ms, in order."""
    with _reading(folder) as journal:
        found = _last_events(journal, "prediction", route, since)
        return [Made(time, _value_of(values["result"])) for time, values in found]


def _last_events(
    journal: sqlite3.Connection, kind: str, route: str, since: int
) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """Yield times, UTC ms, and values of the last events of a kind, in order."""
    query = "SELECT minute, time, data FROM events WHERE kind = ? AND route = ? ORDER BY number DESC LIMIT ?"
    rows = journal.execute(query, (kind, route, MOST_EVENTS)).fetchall()
    return ((time, json.loads(data)) for minute, time, data in reversed(rows) if minute >= since)


def last_candles(folder: Path, symbol: str, count: int) -> Rows:
    """Return the last candles of a symbol, shape (n, 6)."""
    with open_journal(folder) as journal:
        return journal.last_candles(symbol, count)


def _labelled(journal: sqlite3.Connection, count: int) -> Sequence[Prediction]:
    rows = journal.execute(
        "SELECT route, data FROM model_events WHERE kind = 'label' ORDER BY number DESC LIMIT ?", (count,)
    ).fetchall()
    found = []
    for route, data in reversed(rows):
        values = json.loads(data)
        sample = values["sample"]
        known = {"label": float(sample["label"]["value"]), "label_time": sample.get("label_time")}
        for given in values["predictions"]:
            prediction = _prediction(int(sample["time"]), route, given, features=sample.get("features", {}))
            found.append(prediction._replace(**known))
    return found


def _prediction(time: int, route: str, values: Mapping[str, Any], features: Mapping[str, Any]) -> Prediction:
    """Return a prediction without a label."""
    result = _value_of(values["result"])
    return Prediction(time, route, values["model"], values["version"], result, False, None, None, features)


def _value_of(result: Any) -> float:
    """Return a prediction as one number: of probabilities by class that of the highest, which strategies compare."""
    if isinstance(result, Mapping):
        result = result[max(result, key=int)] if result else None
    return float("nan") if result is None else float(result)
