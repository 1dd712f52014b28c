"""What a session decides, as a list of events: orders, fills, trades, predictions, samples, equity, log lines."""

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from livermore.candles import utc_text
from livermore.engine.error_location import add_location
from livermore.engine.route import TradedRoute
from livermore.live._order_names import OrderNames
from livermore.live._predictions import ModelIdentity, PredictionRecorder
from livermore.live._reports import KEEP_ORDERS_MS, Settlement, object_of
from livermore.trading import Order

if TYPE_CHECKING:
    from livermore.engine import Session

__all__ = ["Event", "EventRecorder", "PendingEvent", "as_json", "plain"]

#: The keys of a closed trade that say all about it; its random name is not among them.
TRADE_FIELDS = ("type", "entry_price", "exit_price", "qty", "opened_at", "closed_at", "fee", "pnl")


class Event(NamedTuple):
    """One thing that a session decided, or that happened to it. The same candles give the same events, to the bit.

    Attributes
    ----------
    time : int
        The session's clock, UTC ms.
    kind : str
        ``"order_submitted"``, ``"order_canceled"``, ``"order_filled"``, ``"trade_closed"``, ``"prediction"``,
        ``"sample"``, ``"route_stopped"``, ``"equity"`` or ``"log"``; on an exchange ``"order_rejected"``,
        ``"foreign_trade"``, ``"position_closing"`` or ``"position_written_off"``; of models ``"model"``,
        ``"take_over"``, ``"label"``, ``"alarm"``, ``"watch_ended"`` or ``"retraining"``; ``"note"`` for a person.
    route : str
        The symbol; empty for what concerns the session.
    data : str
        JSON, with sorted keys. Numbers are written so that they can be read back to the bit.

    Examples
    --------
    >>> event = Event(1_704_067_200_000, "order_filled", "BTC-USDT", '{"price": 42000.5, "qty": 0.1}')
    >>> event.values["price"]
    42000.5
    >>> print(event)
    BTC-USDT order filled: price 42000.5, qty 0.1
    """

    time: int
    kind: str
    route: str
    data: str

    @property
    def values(self) -> dict[str, Any]:
        """The data as a dict."""
        return object_of(self.data)

    def __str__(self) -> str:
        """Say it in one line."""
        words = ", ".join(
            f"{name.replace('_', ' ')} {_shown(name, value)}"
            for name, value in self.values.items()
            if value is not None
        )
        return f"{self.route} {self.kind.replace('_', ' ')}: {words}".strip()


class PendingEvent(NamedTuple):
    """An event whose data need not be JSON yet; a replay turns thousands of them into JSON at once.

    Attributes
    ----------
    time, kind, route
        As of `Event`.
    data : str or mapping
        JSON, or what becomes of it.
    """

    time: int
    kind: str
    route: str
    data: "str | Mapping[str, Any]"

    def encoded(self) -> Event:
        """Return it as an event."""
        data = self.data if isinstance(self.data, str) else as_json(self.data)
        return Event(self.time, self.kind, self.route, data)


class EventRecorder:
    """Collects the events of one session. It is the session's `OrderLog`, and watches its strategies.

    Parameters
    ----------
    name : str
        Orders are named after it: ``NAME-TIME-ROUTE-NUMBER``, so that the same candles give the same names.
    settlement : Settlement, optional
        Of a session whose orders are on an exchange.

    Attributes
    ----------
    orders : OrderNames
        The session's orders by name.
    settlement : Settlement or None
        As given.
    """

    def __init__(self, name: str, settlement: Settlement | None = None) -> None:
        self.orders = OrderNames(name, 0 if settlement is None else KEEP_ORDERS_MS)
        self.settlement = settlement
        self._events: list[PendingEvent] = []
        self._session: Session | None = None
        self._route_of: dict[str, int] = {}
        # How many of each are events by now.
        self._trades = self._data_points = self._logs = 0
        self._predictions: dict[str, PredictionRecorder] = {}

    def watch(self, session: "Session") -> None:
        """Watch a session that has not started, of which this is the order log."""
        self._session = session
        session.call_each_minute(self._collect)
        self._route_of = {runner.spec.symbol: runner.index for runner in session.runners}
        for runner in session.runners:
            runner.on_error = self._note_error
            self._predictions[runner.spec.symbol] = PredictionRecorder(runner.strategy, self._add_encoded)

    def identity(self, route: str, model: str | None) -> ModelIdentity:
        """Return which model the strategy of a route has under a name; loads it."""
        return self._predictions[route].identity(model)

    def trained_until(self, route: str, model: str | None) -> int | None:
        """Return when the last sample of a model's training was taken, UTC s; None if that is not known."""
        return self._predictions[route].trained_until(model)

    def features_given(self, route: str) -> set[str]:
        """Return the names of the features that the strategy of a route gave last; none before the first."""
        return self._predictions[route].features_given

    def answer_from(self, events: Sequence[Event] | None) -> None:
        """Answer the next predictions from events of a journal; None: ask the models again."""
        for route, predictions in self._predictions.items():
            mine = None if events is None else [e.values for e in events if e[1:3] == ("prediction", route)]
            predictions.answer_from(mine)

    def take(self) -> list[Event]:
        """Return the events since the last call."""
        return [event.encoded() for event in self.take_pending()]

    def take_pending(self) -> "list[PendingEvent]":
        """Return the events since the last call, most of them not as JSON yet."""
        self._collect()
        taken, self._events = self._events, []
        return taken

    # --- OrderLog -----------------------------------------------------------------------------------------------

    def submitted(self, order: Order) -> None:
        """Record an order, and give it a name."""
        values = {"name": self._name_of(order), "type": str(order.type), "qty": order.qty, "price": order.price}
        via = None if order.submitted_via is None else str(order.submitted_via)
        self._add("order_submitted", order.symbol, {**values, "reduce_only": order.reduce_only, "via": via})

    def canceled(self, order: Order) -> None:
        """Record that an order was cancelled."""
        self._add("order_canceled", order.symbol, {"name": self._name_of(order)})
        self.orders.note_done(order, self._now)

    def executed(self, order: Order, before: float, after: float, entry_price: float | None) -> None:
        """Record a fill."""
        values = {
            "name": self._name_of(order),
            "type": str(order.type),
            "qty": order.filled_qty,
            "price": order.price,
            "fee": order.fee,
            "position_before": before,
            "position_after": after,
            "entry_price": entry_price,
        }
        self._add("order_filled", order.symbol, values)
        # What was filled in part still waits.
        if not order.is_active:
            self.orders.note_done(order, self._now)

    def recorded(self, equity: float) -> None:
        """Record a value of the equity curve."""
        self._add("equity", "", {"value": equity})

    def note(self, kind: str, route: str, values: Mapping[str, Any]) -> None:
        """Record something that is not of the engine."""
        self._add(kind, route, values)

    # --- Private ------------------------------------------------------------------------------------------------

    def _collect(self) -> None:
        """Make events of what was added to the session's lists since the last time."""
        session, trades, points, logs = self._session, self._trades, self._data_points, self._logs
        assert session is not None, "watch() comes first"
        if len(session.trades) > trades:
            self._trades = len(session.trades)
            for trade in session.trades[trades:]:
                self._add("trade_closed", trade.symbol, {field: getattr(trade, field) for field in TRADE_FIELDS})
        if len(session.data_points) > points:
            self._data_points = len(session.data_points)
            for point in session.data_points[points:]:
                self._add_encoded("sample", point["symbol"], point)
        if len(session.logs) > logs:
            self._logs = len(session.logs)
            for line in session.logs[logs:]:
                self._add("log", "", {"message": line.message, "kind": line.kind})

    def _add(self, kind: str, route: str, values: Mapping[str, Any]) -> None:
        """Add an event whose values nobody changes."""
        self._events.append(PendingEvent(self._now, kind, route, values))

    def _add_encoded(self, kind: str, route: str, values: Mapping[str, Any]) -> None:
        """Add an event whose values are a strategy's own, which it may change later."""
        self._events.append(PendingEvent(self._now, kind, route, as_json(values)))

    def _note_error(self, route: TradedRoute, error: Exception) -> None:
        """Record that a strategy has raised, and its route is stopped."""
        add_location(error, [route], route.clock)
        where = " ".join(getattr(error, "__notes__", ()))
        values = {"error": f"{type(error).__name__}: {error}", "where": where, "position": route.position.qty}
        self._add("route_stopped", route.spec.symbol, values)

    def _name_of(self, order: Order) -> str:
        return self.orders.name_of(order, self._now, self._route_of[order.symbol])

    @property
    def _now(self) -> int:
        assert self._session is not None, "watch() comes first"
        return int(self._session.clock.now)


def as_json(values: Any) -> str:
    """Return values as the data of an event."""
    return _ENCODER.encode(values)


def plain(value: Any) -> Any:
    """Return what JSON can hold of a value."""
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, np.ndarray):
        return value.tolist()
    return str(value)


_ENCODER = json.JSONEncoder(sort_keys=True, default=plain)


def _shown(name: str, value: Any) -> str:
    if name.endswith("_at"):
        return utc_text(value)
    return f"{value:.8g}" if isinstance(value, float) else str(value)
