"""Keeps a session's books and its orders on an exchange the same: sends, cancels, and reports what came of it."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from livermore.engine.position import sum_exact
from livermore.live._clock import Clock
from livermore.live._exchange_broker import ExchangeBroker
from livermore.live._order_journal import OrderJournal
from livermore.live._orders import ExchangeFill, OrderRequest, OrderResult, Outcome, signed, to_step
from livermore.live._reports import Report
from livermore.trading import Order, OrderStatus, OrderType, Side

if TYPE_CHECKING:
    from livermore.engine import Session
    from livermore.engine.route import TradedRoute
    from livermore.live._events import EventRecorder

__all__ = ["ExchangeLink"]

KINDS: dict[OrderType, Any] = {OrderType.MARKET: "market", OrderType.LIMIT: "limit", OrderType.STOP: "stop"}
#: Why an order was taken back that will be sent again under another name.
REPLACED = "taken back, so that another order can sell"
#: A part of a quantity that is nothing: the last digit of a sum of floats.
NOTHING = 1e-9


class ExchangeLink:
    """Compares the books of a session with what was sent, and makes the exchange follow the books.

    Nothing is kept of what should be sent: it is read from the books each time, so that a restart, a failed request or
    an order that was cancelled before it was sent need nothing of their own.

    Parameters
    ----------
    session, recorder : Session, EventRecorder
        The session, whose books it reads.
    broker, journal : ExchangeBroker, OrderJournal
        Where orders are sent, and where it is written what became of them.
    clock : Clock
        The machine's.
    max_age_ms : int
        An entry that could not be sent for so long is not sent any more.
    protect_ms : int
        For how long a position may be without the stop that its strategy has set.
    delivered : iterable of Report
        The reports that have entered the session.

    Attributes
    ----------
    written_off : dict of str to float
        What was left of positions and is too small to sell, by symbol.
    again : bool
        Whether the last `send_changes` made room for an order that it did not send yet.
    in_minute : bool
        Whether a minute runs: after a kill the exchange may know of orders of it that it is still to make.
    """

    def __init__(
        self,
        session: "Session",
        recorder: "EventRecorder",
        broker: ExchangeBroker,
        journal: OrderJournal,
        *,
        clock: Clock,
        max_age_ms: int,
        protect_ms: int,
        delivered: Iterable[Report],
    ) -> None:
        self._session = session
        self._recorder = recorder
        self._broker = broker
        self._journal = journal
        self._clock = clock
        self._max_age_ms = max_age_ms
        self._protect_ms = protect_ms
        self._routes = {runner.spec.symbol: runner for runner in session.runners}
        self._over: set[str] = set()
        self._replaced: dict[str, int] = {}
        self._unprotected: dict[str, int] = {}
        self._retries: dict[str, int] = {}
        self._pending: list[ExchangeFill] = []
        #: How much of each order has entered the session, by the name under which it was sent.
        self._reported: dict[str, float] = {}
        self._foreign: list[ExchangeFill] = []
        self.again = False
        self.in_minute = False
        self.written_off: dict[str, float] = {}
        self._take_delivered(delivered)

    # --- What the session calls ---------------------------------------------------------------------------------

    def send_changes(self) -> list[Report]:
        """Cancel at the exchange what is cancelled in the books, send what is new: stops, other exits, entries.

        Returns
        -------
        list of Report
            Of orders that were denied, or that the exchange refused.
        """
        self.again = False
        known = self._recorder.orders.known()
        waiting = {order.symbol for name, order in known if not self._is_cancelled(name, order)}
        fresh = [(name, order) for name, order in known if self._is_new(name, order)]
        reports = []
        for name, order in sorted(fresh, key=lambda pair: self._rank(pair[1])):
            # What protects or ends a position waits for no cancellation: on futures exits may stand beside one another,
            # and on spot `_may_send` asks whether so much is free.
            if (order.symbol in waiting and not self._is_urgent(order)) or not self._may_send(order):
                continue
            reports += self._send(name, order)
        return reports

    def news(self) -> list[Report]:
        """Ask what became of unresolved orders, and for trades; return what the session does not know yet.

        Raises
        ------
        ccxt.BaseError
            If the exchange cannot be asked; nothing is lost.
        """
        self._broker.resolve()
        self.fetch_fills()
        reports = self._refusals()
        ready = [fill for fill in self._pending if not self._is_early(fill)]
        self._pending = [fill for fill in self._pending if self._is_early(fill)]
        for fill in sorted(ready, key=lambda fill: fill.time):
            reports += self._filled(fill)
        return reports + self._lost_stops()

    def fetch_fills(self) -> None:
        """Ask for trades; those that are new enter the session with the next `news`."""
        self._pending += self._broker.poll_fills()

    @property
    def has_pending(self) -> bool:
        """Whether fills have not entered the session yet."""
        return bool(self._pending)

    def pending_foreign(self) -> list[ExchangeFill]:
        """Return the fills of somebody else that have not entered the session."""
        return [fill for fill in self._pending if not fill.name]

    def expected_position(self, symbol: str) -> float:
        """Return what the session has bought, with the fills that have not entered it yet, and what it wrote off."""
        held = sum_exact(self._routes[symbol].position.qty, self.written_off.get(symbol, 0.0))
        for fill in self._pending:
            if fill.symbol == symbol and fill.name:
                held = sum_exact(held, signed(fill.qty, fill.side))
        return held

    @property
    def is_settling(self) -> bool:
        """Whether fills of orders may be on their way, so that positions cannot be compared."""
        known = self._recorder.orders.known()
        return self.has_pending or any(
            self._outcome(name) is Outcome.UNRESOLVED
            or (self._is_out(name, order) and (order.type is OrderType.MARKET or order.filled_qty != 0))
            for name, order in known
            if name not in self._over
        )

    @property
    def only_entries_wait(self) -> bool:
        """Whether orders are out, all of them entries of routes without a position."""
        if any(route.position.qty != 0 for route in self._routes.values()):
            return False
        return self.is_busy

    @property
    def is_busy(self) -> bool:
        """Whether an order is out, of which anything may become known at any time."""
        return any(self._is_out(name, order) for name, order in self._recorder.orders.known())

    @property
    def waits_for_market_orders(self) -> bool:
        """Whether a market order was sent whose fills are not all known."""
        return any(
            order.type is OrderType.MARKET and order.is_active and self._is_out(name, order)
            for name, order in self._recorder.orders.known()
        )

    def waiting_orders(self) -> list[tuple[str, Order]]:
        """Return the orders that should be open at the exchange, each with the name under which it was sent."""
        return [
            (self._sent_name(name), order)
            for name, order in self._recorder.orders.known()
            if order.is_active and self._is_out(name, order) and self._outcome(name) is Outcome.CONFIRMED
        ]

    def wants(self, sent_name: str) -> bool:
        """Return whether an order of this name should be open at the exchange."""
        name = _own_name(sent_name)
        order = self._recorder.orders.order(name)
        return order is not None and order.is_active and self._sent_name(name) == sent_name

    def take_foreign(self) -> list[ExchangeFill]:
        """Return the trades of somebody else on the same account that were found since the last call."""
        taken, self._foreign = self._foreign, []
        return taken

    def ended(self, sent_name: str, reason: str) -> list[Report]:
        """Return the reports of an order that the exchange does not have any more, and has not filled."""
        return self._rejected(_own_name(sent_name), reason)

    # --- Sending ------------------------------------------------------------------------------------------------

    def _rank(self, order: Order) -> int:
        """Return in which order things are sent: stops, other exits, entries."""
        if not self._is_exit(order):
            return 2
        return 0 if order.type is OrderType.STOP else 1

    def _is_urgent(self, order: Order) -> bool:
        """Whether an order is a stop of a position, or closes it at the market."""
        return self._is_exit(order) and order.type in (OrderType.STOP, OrderType.MARKET)

    def _is_new(self, name: str, order: Order) -> bool:
        return order.is_active and name not in self._over and self._journal.result(self._sent_name(name)) is None

    def _is_out(self, name: str, order: Order) -> bool:
        return name not in self._over and self._outcome(name) in (Outcome.CONFIRMED, Outcome.UNRESOLVED)

    def _outcome(self, name: str) -> Outcome | None:
        result = self._journal.result(self._sent_name(name))
        return None if result is None else result.outcome

    def _is_cancelled(self, name: str, order: Order) -> bool:
        """Cancel an order at the exchange if it is cancelled in the books; return whether nothing is left to do."""
        if order.status is not OrderStatus.CANCELED or name in self._over:
            return True
        outcome = self._outcome(name)
        if outcome in (None, Outcome.REJECTED, Outcome.DENIED):
            self._over.add(name)
            return True
        done = self._broker.cancel(self._sent_name(name)).outcome is Outcome.CONFIRMED
        # An order that may still arrive is cancelled again once it is known what became of it.
        if done and outcome is Outcome.CONFIRMED:
            self._over.add(name)
        return done

    def _send(self, name: str, order: Order) -> list[Report]:
        now, route = self._clock.now(), self._routes[order.symbol]
        if not self._is_exit(order) and now - (order.created_at or 0) > self._max_age_ms:
            return self._rejected(name, f"it could not be sent within {self._max_age_ms / 1000:g} s")
        request = self._request(name, order, route)
        price = route.market.price
        assert price is not None, "orders come after candles"
        # The journal of orders does not know of trades of somebody else that the session has adopted.
        held = self.expected_position(order.symbol)
        result = self._broker.submit(request, last_price=float(price), position=held)
        return self._refused(name, result)

    def _refused(self, name: str, result: OrderResult) -> list[Report]:
        if result.outcome in (Outcome.REJECTED, Outcome.DENIED):
            return self._rejected(name, f"{result.outcome}: {result.reason}")
        return []

    def _request(self, name: str, order: Order, route: "TradedRoute") -> OrderRequest:
        """Return what is sent for an order."""
        kind, price = KINDS[order.type], order.price
        if self._waits_here(order):
            kind = "market"
        return OrderRequest(
            self._sent_name(name),
            order.symbol,
            "buy" if order.side is Side.BUY else "sell",
            kind,
            self._qty(order, route),
            None if kind == "market" else price,
            order.reduce_only,
        )

    def _qty(self, order: Order, route: "TradedRoute") -> float:
        """Return the quantity: parts of a position that add up to it are rounded so that nothing of it is left."""
        left = abs(order.left())
        if not self._is_exit(order):
            return left
        step = self._broker.qty_step(order.symbol)
        before = 0.0
        for other in route.book.active:
            if other is order:
                break
            if other.is_active and other.submitted_via is order.submitted_via and self._is_exit(other):
                before = sum_exact(before, abs(other.left()))
        both = to_step(sum_exact(before, left), step, up=False)
        rounded = sum_exact(both, -to_step(before, step, up=False))
        held = abs(route.position.qty)
        if 0 < held - rounded < self._broker.smallest(order.symbol, route.market.last_price):
            # Nobody could sell what it would leave.
            return held
        return min(rounded, held) if 0 < held < rounded else rounded or left

    def _is_exit(self, order: Order) -> bool:
        held = self._routes[order.symbol].position.qty
        return order.reduce_only or held * order.qty < 0

    # --- Spot: an asset can be on sale once --------------------------------------------------------------------

    def _may_send(self, order: Order) -> bool:
        """Return whether an order can be sent now. On spot what is on sale already cannot be on sale again.

        A stop takes the place of a target. A target takes the place of a stop once a candle has reached it; until then
        it waits in this program.
        """
        if self._session.account.kind != "spot" or not self._is_exit(order):
            return True
        stops = self._exits(order.symbol, OrderType.STOP)
        if order.type is OrderType.LIMIT and stops and not self._is_reached(order):
            return False
        if order.type is OrderType.STOP and self._is_target_reached(order.symbol):
            return False
        if self._has_room(order):
            return True
        if order.type is not OrderType.MARKET:
            # What was sold until it was taken back has to be known first: it is asked for before the next look.
            rivals = self._exits(order.symbol, OrderType.LIMIT) if order.type is OrderType.STOP else stops
            taken = [self._take_back(name) for name, rival in rivals if self._is_out(name, rival)]
            self.again = self.again or any(taken)
        return False

    def _waits_here(self, order: Order) -> bool:
        """Whether the exchange cannot have the order beside a stop: it is sold at the market once it is reached."""
        on_spot = self._session.account.kind == "spot"
        return (
            on_spot
            and order.type is OrderType.LIMIT
            and self._is_exit(order)
            and self._exits(order.symbol, OrderType.STOP) != []
        )

    def _exits(self, symbol: str, kind: OrderType) -> list[tuple[str, Order]]:
        """Return the waiting exits of a symbol that are of a kind."""
        return [
            (name, order)
            for name, order in self._recorder.orders.known()
            if order.symbol == symbol and order.is_active and order.type is kind and self._is_exit(order)
        ]

    def _has_room(self, order: Order) -> bool:
        """Return whether so much of the position is not on sale."""
        route = self._routes[order.symbol]
        on_sale = 0.0
        for name, other in self._recorder.orders.known():
            if other.symbol == order.symbol and self._is_exit(other) and self._is_out(name, other):
                sent = self._journal.order(self._sent_name(name))
                assert sent is not None
                on_sale += sent.qty - self._reported.get(sent.name, 0.0)
        return self._qty(order, route) <= abs(route.position.qty) * (1 + NOTHING) - on_sale

    def _is_target_reached(self, symbol: str) -> bool:
        return any(self._is_reached(order) for _, order in self._exits(symbol, OrderType.LIMIT))

    def _is_reached(self, order: Order) -> bool:
        market = self._routes[order.symbol].market
        time, _, _, high, *_ = market.rows.row(market.cursor)
        # The candle in which the order was made came before it.
        return bool(high >= order.price and time >= (order.created_at or 0))

    def _take_back(self, name: str) -> bool:
        """Cancel an order that will be sent again later; False if it is not sure that it did not fill."""
        sent = self._sent_name(name)
        result = self._broker.cancel(sent)
        if result.outcome is not Outcome.CONFIRMED or result.reason:
            return False
        self._journal.add_result(OrderResult(sent, Outcome.REJECTED, result.exchange_id, REPLACED), self._clock.now())
        return True

    def _sent_name(self, name: str) -> str:
        """Return the name under which an order is sent: its own, or ``NAME.1`` once it was taken back."""
        count = self._replaced.get(name, 0)
        while True:
            sent = f"{name}.{count}" if count else name
            result = self._journal.result(sent)
            if result is None or result.reason != REPLACED:
                return sent
            count += 1
            self._replaced[name] = count

    # --- Reporting ----------------------------------------------------------------------------------------------

    def _rejected(self, name: str, reason: str) -> list[Report]:
        """Return that an order is not at the exchange, and what follows if it protected a position."""
        if name in self._over:
            return []
        self._over.add(name)
        order = self._recorder.orders.order(name)
        if order is None or not order.is_active:
            return []
        reports = [Report("rejected", order.symbol, name, reason=reason)]
        if order.type is OrderType.MARKET and self._is_exit(order):
            reports += self._not_closed(order.symbol)
        if self._protects(order):
            reports.append(_closing(order.symbol, f"its stop is not at the exchange: {reason}"))
        return reports

    def _not_closed(self, symbol: str) -> list[Report]:
        """Return what follows when a position could not be closed: another try later, unless it is too small."""
        route, now = self._routes[symbol], self._clock.now()
        held, price = route.position.qty, route.market.last_price
        if abs(held) >= self._broker.smallest(symbol, price):
            self._retries[symbol] = now + self._protect_ms
            return []
        self.written_off[symbol] = sum_exact(self.written_off.get(symbol, 0.0), held)
        reason = "it is less than the exchange's smallest order: it stays in the account, and the session forgets it"
        return [Report("written_off", symbol, qty=-held, price=price, time=now, complete=True, reason=reason)]

    def _protects(self, order: Order) -> bool:
        return order.type is OrderType.STOP and self._is_exit(order)

    def _refusals(self) -> list[Report]:
        """Return the reports of orders that did not reach the exchange and that the books still have.

        The journal of orders is read, and not the answers, which a failed request or a kill may have taken away before
        their reports entered the session.
        """
        reports = []
        for name, order in self._recorder.orders.known():
            result = self._journal.result(self._sent_name(name))
            if order.is_active and result is not None and result.outcome in (Outcome.REJECTED, Outcome.DENIED):
                reports += self._rejected(name, result.reason)
        return reports

    def _is_early(self, fill: ExchangeFill) -> bool:
        """Whether a fill is of an order that the minute, which is run again, has not made yet."""
        return self.in_minute and bool(fill.name) and not self._is_own(fill)

    def _is_own(self, fill: ExchangeFill) -> bool:
        return bool(fill.name) and self._recorder.orders.order(_own_name(fill.name)) is not None

    def _filled(self, fill: ExchangeFill) -> list[Report]:
        if not self._is_own(fill):
            self._foreign.append(fill)
            return []
        name = _own_name(fill.name)
        order, sent = self._recorder.orders.order(name), self._journal.order(fill.name)
        assert order is not None
        assert sent is not None
        done = self._reported[fill.name] = sum_exact(self._reported.get(fill.name, 0.0), fill.qty)
        complete = done >= sent.qty * (1 - NOTHING)
        if complete:
            self._over.add(name)
        report = Report(
            "filled", fill.symbol, name, fill.qty, fill.price, fill.fee, fill.time, fill.trade_id, complete=complete
        )
        if order.status is OrderStatus.CANCELED and self._routes[fill.symbol].position.qty == 0:
            # Nothing protects what a strategy has given up.
            return [report, _closing(order.symbol, "its entry had filled before it was cancelled")]
        return [report]

    def _lost_stops(self) -> list[Report]:
        """Return that positions are closed whose stop could not be placed for too long, or whose close was refused."""
        now, reports = self._clock.now(), []
        missing = {name: order for name, order in self._recorder.orders.known() if self._is_missing(name, order)}
        self._unprotected = {name: self._unprotected.get(name, now) for name in missing}
        for name, since in self._unprotected.items():
            if now - since >= self._protect_ms:
                seconds = (now - since) / 1000
                reports.append(_closing(missing[name].symbol, f"its stop could not be placed for {seconds:g} s"))
        for symbol, time in list(self._retries.items()):
            if now >= time:
                del self._retries[symbol]
                reports.append(_closing(symbol, "the order that was to close it was refused"))
        return [report for report in reports if self._routes[report.symbol].position.qty != 0]

    def _is_missing(self, name: str, order: Order) -> bool:
        """Whether an order is a stop of an open position that the exchange is not known to have."""
        is_stop = order.is_active and self._protects(order) and self._routes[order.symbol].position.qty != 0
        return is_stop and self._outcome(name) is not Outcome.CONFIRMED

    def _take_delivered(self, reports: Iterable[Report]) -> None:
        """Tell the fills of an earlier process that have entered the session from those that have not."""
        known = set()
        for report in reports:
            known.add((report.symbol, report.trade_id))
            if report.kind == "written_off":
                self.written_off[report.symbol] = sum_exact(self.written_off.get(report.symbol, 0.0), -report.qty)
        for fill in self._journal.fills():
            if (fill.symbol, fill.trade_id) in known:
                self._reported[fill.name] = sum_exact(self._reported.get(fill.name, 0.0), fill.qty)
            else:
                self._pending.append(fill)


def _closing(symbol: str, reason: str) -> Report:
    return Report("close", symbol, reason=reason)


def _own_name(sent_name: str) -> str:
    """Return the name of the order that was sent under a name."""
    head, dot, tail = sent_name.rpartition(".")
    return head if dot and tail.isdigit() else sent_name
