"""How a session is doing, read from its journal and its kill switch by any process, while it runs or after."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from livermore.candles import MINUTE_MS, bucket_start, timeframe_ms, utc_text
from livermore.files import is_locked
from livermore.live._events import Event
from livermore.live._journal_reader import NO_ENTRIES, JournalReader, open_journal
from livermore.live._kill_switch import KillSwitch
from livermore.live._models import FIRST, TAKE_OVER

__all__ = ["ModelView", "OrderView", "PredictionView", "RouteView", "SessionView", "session_view"]

#: A running session whose last candle is older than this has a feed that brings nothing.
SILENT_MS = 120_000
ORDER_KINDS = ("order_submitted", "order_canceled", "order_filled")
NOTES = 20


@dataclass(frozen=True)
class OrderView:
    """An order that waits.

    Attributes
    ----------
    name : str
        Its name in the journal.
    type : str
        ``"MARKET"``, ``"LIMIT"`` or ``"STOP"``.
    qty : float
        Less than 0 for sells.
    price : float
        In the quote currency.
    reduce_only : bool
        Whether it can only make a position smaller.
    submitted_at : int
        UTC ms.

    Examples
    --------
    >>> stop = OrderView("first-2", "STOP", -0.1, 39_000, reduce_only=True, submitted_at=1_704_067_200_000)
    >>> "sell" if stop.qty < 0 else "buy"
    'sell'
    """

    name: str
    type: str
    qty: float
    price: float
    reduce_only: bool
    submitted_at: int


@dataclass(frozen=True)
class PredictionView:
    """The last prediction on a route.

    Attributes
    ----------
    time : int
        When it was made, UTC ms.
    bar : int or None
        When its bar opened, UTC s.
    model : str or None
        The model's name in the strategy; None is the strategy's own model.
    version : str
        The name under which the model was saved.
    result : float or dict
        A number, or the probability of each class.
    odd : bool
        Whether features were missing, infinite or far outside of training.
    features : dict
        What the model saw.

    Examples
    --------
    >>> features = {"rsi": 61.5}
    >>> last = PredictionView(1_704_067_500_000, 1_704_067_200, None, "2024-01-05", {0: 0.4, 1: 0.6}, False, features)
    >>> last.result[1], last.odd
    (0.6, False)
    """

    time: int
    bar: int | None
    model: str | None
    version: str
    result: Any
    odd: bool
    features: Mapping[str, Any]


@dataclass(frozen=True)
class ModelView:
    """A model in force.

    Attributes
    ----------
    route : str
        The symbol.
    model : str or None
        Its name in the strategy; None is the strategy's own model.
    version, hash : str
        Which model it is.
    since : int
        The opening time of the minute in which, or after which, it came into force, UTC ms.
    labels : int
        How many of its predictions have a label by now.
    alarms : tuple of str
        What was found about it.

    Examples
    --------
    >>> ModelView("BTC-USDT", None, "2024-01-05", "9f2c", 1_704_412_800_000, labels=40, alarms=("calibration",)).alarms
    ('calibration',)
    """

    route: str
    model: str | None
    version: str
    hash: str
    since: int
    labels: int
    alarms: tuple[str, ...]


@dataclass(frozen=True)
class RouteView:
    """One route.

    Attributes
    ----------
    exchange, symbol, timeframe, strategy : str
        Which it is.
    position : float
        Its quantity, less than 0 for short ones.
    entry_price : float or None
        Of the position.
    orders : tuple of OrderView
        The orders that wait, in the order in which they were submitted.
    stopped : str or None
        What its strategy raised, after which it is asked for nothing any more.
    trades : int
        How many it has closed.
    pnl : float
        Their sum, after fees.
    prediction : PredictionView or None
        Its last one.
    next_bar_at : int or None
        When its next bar ends, UTC ms; None if bars follow a calendar, or before the first minute.
    why_no_trade : str
        Why it opens nothing now, or that it has a position.

    Examples
    --------
    >>> route = RouteView(
    ...     "Sandbox", "BTC-USDT", "5m", "TrendFilter", position=0.0, entry_price=None, orders=(), stopped=None,
    ...     trades=4, pnl=12.0, prediction=None, next_bar_at=1_704_067_500_000, why_no_trade="no entry is wanted",
    ... )
    >>> route.pnl / route.trades, route.why_no_trade
    (3.0, 'no entry is wanted')
    """

    exchange: str
    symbol: str
    timeframe: str
    strategy: str
    position: float
    entry_price: float | None
    orders: tuple[OrderView, ...]
    stopped: str | None
    trades: int
    pnl: float
    prediction: PredictionView | None
    next_bar_at: int | None
    why_no_trade: str


@dataclass(frozen=True)
class SessionView:
    """How a session is doing; plain values only.

    Attributes
    ----------
    session : str
        Its name.
    is_running : bool
        Whether a process runs it now.
    start : int
        When its first minute opened, UTC ms.
    now : int
        When this was read, UTC ms.
    last_minute : int or None
        When its last minute opened, UTC ms.
    received_at : int or None
        When that minute was received by the clock of its feed, UTC ms.
    feed_age_ms : int or None
        How long the last minute has been over at `now`.
    kill_switch : str or None
        ``"cancel"``, ``"flatten"``, or None if it is not set.
    entries : str
        ``"allowed"``, or why nothing is opened.
    equity : float or None
        Of the last value of the equity curve, which has about one a day.
    equity_at : int or None
        When that was, UTC ms.
    routes : tuple of RouteView
        In the order of the session.
    models : tuple of ModelView
        The models in force.
    notes : tuple of (int, str)
        The last of the journal, the newest first: UTC ms, text.

    Examples
    --------
    >>> view = SessionView(
    ...     "first", is_running=True, start=0, now=185_000, last_minute=120_000, received_at=182_000, feed_age_ms=5_000,
    ...     kill_switch=None, entries="allowed", equity=10_000.0, equity_at=0, routes=(), models=(), notes=(),
    ... )
    >>> view.now - view.last_minute - 60_000 == view.feed_age_ms
    True
    >>> view.as_dict()["entries"]
    'allowed'
    """

    session: str
    is_running: bool
    start: int
    now: int
    last_minute: int | None
    received_at: int | None
    feed_age_ms: int | None
    kill_switch: str | None
    entries: str
    equity: float | None
    equity_at: int | None
    routes: tuple[RouteView, ...]
    models: tuple[ModelView, ...]
    notes: tuple[tuple[int, str], ...]

    def as_dict(self) -> dict[str, Any]:
        """Return it as dicts and lists, for JSON."""
        return asdict(self)


def session_view(folder: Path | str, *, now: int | None = None) -> SessionView:
    """Return how a session is doing. The session may be running; it is not disturbed.

    Parameters
    ----------
    folder : path-like
        The session's folder.
    now : int, optional
        UTC ms; by default the machine's clock.

    Raises
    ------
    LiveError
        If there is no such session, or it ended before it had begun.
    JournalError
        If the journal cannot be read.

    Examples
    --------
    >>> import tempfile
    >>> from livermore.engine import BacktestSpec
    >>> from livermore.live import LiveSession, StoredFeed
    >>> from livermore.testing import example_backtest
    >>> given = example_backtest(days=1)
    >>> candles = {entry["symbol"]: entry["candles"] for entry in given.pop("candles").values()}
    >>> folder = tempfile.mkdtemp()
    >>> with LiveSession(BacktestSpec(**given), StoredFeed(candles), folder) as live:
    ...     live.run()
    ...     session_view(folder).is_running
    True
    >>> view = session_view(folder)
    >>> view.entries, view.routes[0].trades, view.routes[0].why_no_trade
    ('allowed', 48, 'it has a position of 0.09995')
    """
    given = Path(folder)
    with open_journal(given) as journal:
        setting = journal.setting()
        reading = _Reading(journal, setting, given, int(time.time() * 1000) if now is None else now)
        return reading.view()


class _Reading:
    """What a journal says at one time."""

    def __init__(self, journal: JournalReader, setting: Mapping[str, Any], folder: Path, now: int) -> None:
        self._journal = journal
        self._setting = setting
        self._folder = folder
        self._now = now
        self._last = journal.last_minute()
        self._received_at = None if self._last is None else journal.received_at(self._last)
        self._is_running = is_locked(folder / "lock")
        self._killed = KillSwitch(folder).read()
        self._notes = journal.last_notes(NOTES)
        self._entries = self._reason_against_entries() or "allowed"

    def view(self) -> SessionView:
        equity = self._journal.last_event("equity", "")
        return SessionView(
            session=self._folder.name,
            is_running=self._is_running,
            start=self._setting["start"],
            now=self._now,
            last_minute=self._last,
            received_at=self._received_at,
            feed_age_ms=self._age(),
            kill_switch=self._killed,
            entries=self._entries,
            equity=None if equity is None else equity.values["value"],
            equity_at=None if equity is None else equity.time,
            routes=tuple(self._route(route) for route in self._setting["routes"]),
            models=_models(self._journal.model_events()),
            notes=tuple(self._notes),
        )

    def _age(self) -> int | None:
        return None if self._last is None else self._now - self._last - MINUTE_MS

    def _reason_against_entries(self) -> str | None:
        if self._killed is not None:
            return f"kill switch: {self._killed}"
        if self._last is None or self._journal.entries_allowed(self._last):
            return None
        return self._journal.last_note_with(NO_ENTRIES) or "nothing could be opened in the last minute"

    def _route(self, route: Mapping[str, Any]) -> RouteView:
        symbol = route["symbol"]
        fill = self._journal.last_event("order_filled", symbol)
        position = 0.0 if fill is None else fill.values["position_after"]
        orders = _waiting(self._journal.events_of(ORDER_KINDS, symbol))
        stop = self._journal.last_event("route_stopped", symbol)
        stopped = None if stop is None else stop.values["error"]
        trades = [event.values["pnl"] for event in self._journal.events_of(("trade_closed",), symbol)]
        prediction = _prediction(self._journal.last_event("prediction", symbol))
        bar_end = self._last_bar_end(route["timeframe"])
        return RouteView(
            exchange=route["exchange"],
            symbol=symbol,
            timeframe=route["timeframe"],
            strategy=route["strategy"],
            position=position,
            entry_price=fill.values["entry_price"] if fill is not None and position else None,
            orders=orders,
            stopped=stopped,
            trades=len(trades),
            pnl=sum(trades),
            prediction=prediction,
            next_bar_at=None if bar_end is None else bar_end + timeframe_ms(route["timeframe"]),
            why_no_trade=self._why_no_trade(position, orders, stopped, prediction, bar_end),
        )

    def _last_bar_end(self, timeframe: str) -> int | None:
        """Return when the last bar ended that is over; None where the journal does not tell."""
        if self._last is None or self._setting["config"]["calendar"] is not None:
            return None
        return int(bucket_start(self._last + MINUTE_MS, timeframe))

    def _why_no_trade(
        self,
        position: float,
        orders: Sequence[OrderView],
        stopped: str | None,
        prediction: PredictionView | None,
        bar_end: int | None,
    ) -> str:
        """Return the first reason, from those that last to those of the last bar."""
        entering = [order for order in orders if not order.reduce_only]
        age = self._age()
        if stopped is not None:
            return f"its strategy has raised {stopped}, and is asked for nothing any more"
        if position:
            return f"it has a position of {position:.8g}"
        if not self._is_running:
            return "no process runs the session"
        if self._entries != "allowed":
            return self._entries
        if age is None:
            return "there was no minute yet"
        if age > SILENT_MS:
            return f"the last candle has been over for {age / 1000:.0f} s"
        if entering:
            return "waiting: " + ", ".join(f"{o.type} {o.qty:.8g} at {o.price:.8g}" for o in entering)
        if bar_end is None or bar_end <= self._setting["start"]:
            return "no bar has ended yet, as far as the journal tells"
        if not self._journal.entries_allowed(bar_end - MINUTE_MS):
            return f"it was not asked at the end of its last bar, {utc_text(bar_end)}: nothing could be opened then"
        said = "" if prediction is None else f"; its model said {_said(prediction)} at {utc_text(prediction.time)}"
        return f"asked at the end of its last bar, {utc_text(bar_end)}, its strategy did not enter{said}"


def _said(prediction: PredictionView) -> str:
    if isinstance(prediction.result, Mapping):
        return ", ".join(f"P({name}) = {value:.3g}" for name, value in prediction.result.items())
    return f"{prediction.result:.5g}"


def _waiting(events: Sequence[Event]) -> tuple[OrderView, ...]:
    """Return the orders that were submitted and neither cancelled nor filled."""
    found: dict[str, OrderView] = {}
    for event in events:
        values = event.values
        if event.kind == "order_submitted":
            names = ("name", "type", "qty", "price", "reduce_only")
            given = {name: values[name] for name in names}
            found[values["name"]] = OrderView(**given, submitted_at=event.time)
        else:
            found.pop(values["name"], None)
    return tuple(found.values())


def _prediction(event: Event | None) -> PredictionView | None:
    if event is None:
        return None
    names = ("bar", "model", "version", "result", "odd", "features")
    return PredictionView(event.time, *(event.values[name] for name in names))


def _models(recorded: Sequence[tuple[int, Event]]) -> tuple[ModelView, ...]:
    """Return the last model of each route and name, with what became known of it."""
    found: dict[tuple[str, str | None], dict[str, Any]] = {}
    for minute, event in recorded:
        if event.kind in (FIRST, TAKE_OVER):
            known = {"since": minute, "labels": 0, "alarms": []}
            found[event.route, event.values["model"]] = {**event.values, **known}
        elif event.kind == "alarm" and (event.route, event.values["model"]) in found:
            found[event.route, event.values["model"]]["alarms"].append(event.values["question"])
        elif event.kind == "label":
            for name in {prediction["model"] for prediction in event.values["predictions"]}:
                if (event.route, name) in found:
                    found[event.route, name]["labels"] += 1
    return tuple(
        ModelView(
            route=route,
            model=model,
            version=values["version"],
            hash=values["hash"],
            since=values["since"],
            labels=values["labels"],
            alarms=tuple(values["alarms"]),
        )
        for (route, model), values in found.items()
    )
