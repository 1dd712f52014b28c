"""The event log of a backtest: features, samples, labels and orders, to compare two backtests bit by bit."""

import struct
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from livermore.candles import timeframe_ms
from livermore.engine import BacktestSpec
from livermore.errors import LivermoreError

if TYPE_CHECKING:
    from livermore.engine import Session
    from livermore.strategies import Strategy
    from livermore.trading import Order

__all__ = ["Change", "Event", "EventLog", "changes", "log_backtest", "log_fed_backtest", "same_bits"]

Candles = Mapping[str, Mapping[str, Any]]
MINUTE = 60_000


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that a strategy computed, recorded or decided.

    Attributes
    ----------
    time : float
        The session's clock, UTC ms: candles that open then or later are in the future.
    symbol : str
        The route's symbol.
    bar : int
        The strategy's `index`.
    kind : {"features", "recorded", "label", "order"}
        What `ml_features` returned, what was recorded, a label that became known, an order that was submitted.
    values : dict
        Plain values by name.
    """

    time: float
    symbol: str
    bar: int
    kind: str
    values: dict[str, Any]


@dataclass(slots=True)
class EventLog:
    """All events of one backtest.

    Attributes
    ----------
    events : list of Event
        In chronological order.
    profits : list of float
        Profit of each closed trade.
    data_points : list of dict
        The labelled samples.
    timeframes : dict of str to int
        Bar length of each route in ms, by symbol.
    ended : float
        UTC ms at which the backtest ended and closed its open positions.
    error : Exception or None
        The error that ended the backtest early.
    """

    events: list[Event] = field(default_factory=list)
    profits: list[float] = field(default_factory=list)
    data_points: list[dict[str, Any]] = field(default_factory=list)
    timeframes: dict[str, int] = field(default_factory=dict)
    ended: float = float("inf")
    error: Exception | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """The first difference between two backtests in one feature, in labels or in orders.

    Attributes
    ----------
    event : Event
        Where it is.
    name : str
        Name of the feature, or "order" or "label".
    before, after : object
        The value in the first and in the second backtest; None where that one has no such event.
    """

    event: Event
    name: str
    before: Any
    after: Any


def log_backtest(spec: BacktestSpec) -> EventLog:
    """Run a backtest whose session holds all candles from its start, and log its events."""
    session = spec.open()
    return _logged(session, session.run)


def log_fed_backtest(spec: BacktestSpec) -> EventLog:
    """Run a backtest whose session is fed minute by minute, so that no later candle exists, and log its events."""
    minutes = _minutes(spec.candles or {})
    session = spec.open_fed(start=minutes[0][0])

    def run() -> None:
        with session.running():
            session.start()
            for _, rows in minutes:
                session.feed(rows)
            session.finish()

    return _logged(session, run)


def changes(before: EventLog, after: EventLog, until: float = float("inf")) -> list[Change]:
    """Return the first difference of each feature, of labels and of orders, in events up to `until` (UTC ms).

    Events are matched by time, symbol and kind, and within these by their order.
    """
    found: dict[str, Change] = {}
    theirs = dict(_numbered(after.events, until))
    for key, event in _numbered(before.events, until):
        other = theirs.pop(key, None)
        for change in _differences(event, other):
            found.setdefault(change.name, change)
    for event in theirs.values():
        found.setdefault(_title(event), Change(event, _title(event), None, _shown(event)))
    return sorted(found.values(), key=lambda change: change.event.time)


def same_bits(a: Any, b: Any) -> bool:
    """Tell whether two values are the same to the bit; NaN is NaN."""
    if isinstance(a, float) and isinstance(b, float):
        return struct.pack("d", a) == struct.pack("d", b)
    return type(a) is type(b) and bool(a == b)


def _logged(session: "Session", run: Callable[[], None]) -> EventLog:
    """Run a session and log its events."""
    log = EventLog()
    for runner in session.runners:
        strategy = runner.strategy
        log.timeframes[strategy.symbol] = timeframe_ms(strategy.timeframe)
        _watch_features(strategy, session, log)
        _watch_orders(runner, session, log)
    try:
        run()
    except (LivermoreError, ArithmeticError, LookupError, ValueError, TypeError, AttributeError) as error:
        log.error = error
    log.ended = session.clock.now
    log.data_points = session.data_points
    log.profits = [trade.pnl for trade in session.trades]
    for point in session.data_points:
        values = {"value": point["label"]["value"], "time": point["time"]}
        log.events.append(Event(1000.0 * point["label_time"], point["symbol"], -1, "label", values))
    return log


def _watch_features(strategy: "Strategy", session: "Session", log: EventLog) -> None:
    """Log what `ml_features` returns and what is recorded."""
    features, record = strategy.ml_features, strategy.record_features

    def note(kind: str, values: Mapping[str, Any]) -> None:
        plain = {str(name): _plain(value) for name, value in values.items()}
        log.events.append(Event(session.clock.now, strategy.symbol, strategy.index, kind, plain))

    def ml_features() -> dict[str, Any]:
        found = features()
        note("features", found)
        return found

    def record_features(given: Mapping[str, Any], **more: Any) -> None:
        record(given, **more)
        note("recorded", given)

    strategy.ml_features = ml_features  # type: ignore[method-assign]
    strategy.record_features = record_features  # type: ignore[method-assign, assignment]


def _watch_orders(runner: Any, session: "Session", log: EventLog) -> None:
    """Log every order that is submitted, whether it fills or not."""

    def note(order: "Order") -> None:
        values = {
            "side": str(order.side),
            "type": str(order.type),
            "qty": float(order.qty),
            "price": float(order.price),
            "reduce_only": bool(order.reduce_only),
        }
        now = session.clock.now
        log.events.append(Event(now, order.symbol, runner.strategy.index, "order", values))

    runner.book.on_add = note


def _numbered(events: Sequence[Event], until: float) -> Iterator[tuple[tuple[Any, ...], Event]]:
    """Yield the events up to `until`, each with the key by which it is matched."""
    counts: Counter[tuple[Any, ...]] = Counter()
    for event in events:
        if event.time <= until:
            key = event.time, event.symbol, event.kind
            yield (*key, counts[key]), event
            counts[key] += 1


def _differences(event: Event, other: Event | None) -> Iterator[Change]:
    """Yield the differences between two matched events."""
    if event.kind in ("features", "recorded") and other is not None:
        for name in event.values.keys() | other.values.keys():
            before, after = event.values.get(name), other.values.get(name)
            if not same_bits(before, after):
                yield Change(event, name, before, after)
    elif other is None or not all(same_bits(value, other.values.get(name)) for name, value in event.values.items()):
        yield Change(event, _title(event), _shown(event), None if other is None else _shown(other))


def _title(event: Event) -> str:
    return "ml_features()" if event.kind in ("features", "recorded") else event.kind


def _shown(event: Event) -> str:
    if event.kind == "order":
        return "{side} {type} {qty:g} at {price:g}".format(**event.values)
    return ", ".join(f"{name} {value!r}" for name, value in list(event.values.items())[:4])


def _plain(value: Any) -> Any:
    """Convert the value of a feature to float, bool, None or its representation."""
    if value is None or isinstance(value, bool | np.bool_):
        return None if value is None else bool(value)
    try:
        return float(value)
    except (TypeError, ValueError):
        return repr(value)


def _minutes(candles: Candles) -> list[tuple[float, dict[str, Any]]]:
    """Return the candles of all symbols, minute by minute."""
    found: dict[float, dict[str, Any]] = {}
    for entry in candles.values():
        for row in np.asarray(entry["candles"], dtype=np.float64):
            found.setdefault(float(row[0]), {})[entry["symbol"]] = row
    return sorted(found.items())
