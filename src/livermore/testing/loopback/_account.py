"""The account on the loopback exchange: takes orders, matches them with the candles, keeps what happened."""

import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from decimal import ROUND_DOWN, Decimal
from typing import Any, NamedTuple

from livermore.candles import CLOSE, HIGH, LOW, MINUTE_MS, OPEN, TIMESTAMP
from livermore.errors import ConfigError
from livermore.testing.loopback._market import LoopbackMarket
from livermore.testing.loopback._money import FuturesMoney, SpotMoney
from livermore.testing.loopback._orders import Kind, LoopbackOrder, LoopbackTrade, RefusedError, Side

__all__ = ["AccountEvent", "LoopbackAccount"]

#: Fees, as fractions: of orders that had waited, and of others.
MAKER_FEE, TAKER_FEE = Decimal("0.0002"), Decimal("0.0005")


class AccountEvent(NamedTuple):
    """Something that a user stream tells.

    Attributes
    ----------
    order : LoopbackOrder
        As it was then.
    trade : LoopbackTrade or None
        The fill that it is about.
    """

    order: LoopbackOrder
    trade: LoopbackTrade | None


class LoopbackAccount:
    """The account. Prices follow the path of each candle: open, the two extremes at 30 and 45 s, close.

    Market orders fill at the last price; limit orders at their own, once the price reaches them, and at once if it is
    better; orders with a trigger become what they are when the price reaches it, after a gap at the price beyond.

    Parameters
    ----------
    markets : mapping of str to LoopbackMarket
        By symbol.
    now : callable
        Returns the exchange's time, UTC ms.
    money : SpotMoney or FuturesMoney
        What it owns.

    Attributes
    ----------
    orders : dict of str to LoopbackOrder
        All orders, by the exchange's id.
    trades : list of LoopbackTrade
        All fills.
    events : list of AccountEvent
        What user streams tell, in order.
    parts : int
        In how many parts a fill comes; the first at once, each further one when the clock moves.
    fill_delay_ms : int
        How long a market order waits for its fill, which is at the price of then.
    trade_delay_ms : int
        How long after it a trade is listed; orders, positions and user streams show it at once.
    position_delay_ms : int
        How far positions and balances lag, as they are shown.

    Examples
    --------
    >>> from livermore.candles import synthetic_candles
    >>> from livermore.testing.loopback import LoopbackMarket
    >>> markets = {"BTC-USDT": LoopbackMarket("BTC-USDT", synthetic_candles(60, seed=1))}
    >>> end = int(markets["BTC-USDT"].rows[-1, 0]) + 60_000
    >>> account = LoopbackAccount(markets, lambda: end, SpotMoney(markets, {"USDT": Decimal(10_000)}))
    >>> order = account.submit("BTC-USDT", "buy", "market", Decimal("0.01"))
    >>> order.status, len(account.trades), account.open_orders()
    ('closed', 1, [])
    """

    def __init__(
        self,
        markets: Mapping[str, LoopbackMarket],
        now: Callable[[], int],
        money: SpotMoney | FuturesMoney,
    ) -> None:
        self.money: Any = money
        self.orders: dict[str, LoopbackOrder] = {}
        self.trades: list[LoopbackTrade] = []
        self.events: list[AccountEvent] = []
        self.parts = 1
        self.fill_delay_ms = 0
        self.trade_delay_ms = 0
        self.position_delay_ms = 0
        self.cancel_at: int | None = None
        self._markets = markets
        self._now = now
        self._matched_until = now()
        # What was owned after each fill, with its time, UTC ms.
        self._owned: list[tuple[int, Any]] = [(0, money.copy())]
        self._lock = threading.RLock()
        self._number = 0

    # --- What a client asks for ---------------------------------------------------------------------------------

    def submit(
        self,
        symbol: str,
        side: Side,
        kind: Kind,
        qty: Decimal,
        *,
        price: Decimal | None = None,
        trigger: Decimal | None = None,
        triggers_above: bool = False,
        reduce_only: bool = False,
        client_id: str = "",
    ) -> LoopbackOrder:
        """Take an order.

        Raises
        ------
        RefusedError
            If the exchange does not take it.
        """
        with self._lock:
            self.match()
            last = self.price(symbol)
            order = LoopbackOrder(
                self._next("O"), client_id, symbol, side, kind, qty, price, trigger, triggers_above, reduce_only,
                created_at=self._now(), updated_at=self._now(),
            )  # fmt: skip
            self._check(order, last)
            self.orders[order.id] = order
            self._tell(order)
            if not order.is_waiting and last is not None and not self._is_held_back(order):
                self._try_fill(order, last, maker=False)
            return order

    def cancel(self, order_id: str) -> LoopbackOrder:
        """Cancel an open order, or refuse."""
        with self._lock:
            self.match()
            order = self.orders.get(order_id)
            if order is None or order.status != "open":
                raise RefusedError("unknown order")
            self._end(order, "canceled")
            return order

    def cancel_all(self, symbol: str | None = None) -> list[LoopbackOrder]:
        """Cancel all open orders, or those of a symbol; also what a person does by hand."""
        with self._lock:
            self.match()
            return [self.cancel(order.id) for order in self.open_orders() if symbol in (None, order.symbol)]

    def amend(
        self, order_id: str, *, qty: Decimal | None, price: Decimal | None, trigger: Decimal | None
    ) -> LoopbackOrder:
        """Change quantity, limit or trigger of an open order."""
        with self._lock:
            self.match()
            order = self.orders.get(order_id)
            if order is None or order.status != "open" or (qty is not None and qty <= order.filled):
                raise RefusedError("unknown order")
            order.qty = order.qty if qty is None else qty
            order.price = order.price if price is None else price
            order.trigger = order.trigger if trigger is None else trigger
            order.updated_at = self._now()
            self._tell(order)
            return order

    def close_by_hand(self, symbol: str, fraction: Decimal = Decimal(1)) -> LoopbackOrder | None:
        """Sell what is held of a symbol, or buy it back, as a person does on the exchange's own page."""
        market = self._markets[symbol]
        held = self.money.positions if isinstance(self.money, FuturesMoney) else self.money.balances
        qty = Decimal(held.get(symbol if isinstance(self.money, FuturesMoney) else market.base, 0)) * fraction
        steps = (abs(qty) / market.qty_step).to_integral_value(ROUND_DOWN)
        if steps == 0:
            return None
        return self.submit(symbol, "sell" if qty > 0 else "buy", "market", steps * market.qty_step)

    def liquidate(self, symbol: str) -> LoopbackOrder | None:
        """Close a position of futures as the exchange does when its margin is used up: all orders are cancelled first.

        Raises
        ------
        ConfigError
            If the exchange has no positions: there is no margin on spot.
        """
        if not isinstance(self.money, FuturesMoney):
            raise ConfigError("there is no margin on spot, so that nothing is liquidated")
        with self._lock:
            self.cancel_all(symbol)
            held = self.money.positions.get(symbol, Decimal(0))
            if held == 0:
                return None
            # Binance names such orders so.
            name = f"autoclose-{self._number}"
            side: Side = "sell" if held > 0 else "buy"
            return self.submit(symbol, side, "market", abs(held), reduce_only=True, client_id=name)

    # --- What a client reads ------------------------------------------------------------------------------------

    def open_orders(self) -> list[LoopbackOrder]:
        """Return the open orders, oldest first."""
        with self._lock:
            return [order for order in self.orders.values() if order.status == "open"]

    def find(self, *, order_id: str | None = None, client_id: str | None = None) -> LoopbackOrder | None:
        """Return an order by either name; of several with one client id the last."""
        if order_id is not None:
            return self.orders.get(order_id)
        return next((order for order in reversed(self.orders.values()) if order.client_id == client_id), None)

    def listed_trades(self) -> list[LoopbackTrade]:
        """Return the trades that are listed by now."""
        with self._lock:
            return [trade for trade in self.trades if trade.time + self.trade_delay_ms <= self._now()]

    def shown_money(self) -> Any:
        """Return what is shown of `money`: as it was `position_delay_ms` ago."""
        with self._lock:
            if not self.position_delay_ms:
                return self.money
            until = self._now() - self.position_delay_ms
            return next(owned for time, owned in reversed(self._owned) if time <= until)

    def price(self, symbol: str) -> Decimal | None:
        """Return the last price of a symbol."""
        price = self._markets[symbol].price(self._now())
        return None if price is None else Decimal(repr(price))

    # --- Matching -----------------------------------------------------------------------------------------------

    def match(self) -> None:
        """Match all orders with what has happened since the last call."""
        with self._lock:
            now = self._now()
            since, self._matched_until = self._matched_until, max(now, self._matched_until)
            for order in self.open_orders():
                if order.unsettled and now > since:
                    self._settle(order, order.unsettled.pop(0), order.trades[-1].price, order.trades[-1].maker)
                elif order.kind == "market" and not order.trades and not order.is_waiting:
                    last = self.price(order.symbol)
                    if last is not None and not self._is_held_back(order):
                        self._try_fill(order, last, maker=False)
            for symbol, market in self._markets.items():
                if any(order.symbol == symbol for order in self.open_orders()):
                    for step in _steps(market, since, now):
                        self._match_step(symbol, *step)
            if self.cancel_at is not None and now >= self.cancel_at:
                self.cancel_at = None
                for order in self.open_orders():
                    self._end(order, "canceled")

    def _match_step(self, symbol: str, before: Decimal, price: Decimal, is_gap: bool) -> None:
        """Match the orders of a symbol with the way of the price from one value to the next, or with a gap."""
        low, high = min(before, price), max(before, price)

        def reached(order: LoopbackOrder) -> Decimal:
            at = order.trigger if order.is_waiting else order.price
            assert at is not None
            return at

        hit = [
            order
            for order in self.open_orders()
            if order.symbol == symbol and not order.unsettled and _is_hit(order, low, high)
        ]
        for order in sorted(hit, key=lambda order: abs(reached(order) - before)):
            if order.status != "open":
                continue
            at = min(max(reached(order), low), high)
            if order.is_waiting:
                order.is_triggered = True
                order.updated_at = self._now()
                self._tell(order)
                # Over a gap there was no trade at the trigger: the first one is beyond it.
                self._try_fill(order, price if is_gap else at, maker=False)
            else:
                self._try_fill(order, at, maker=True)

    def _try_fill(self, order: LoopbackOrder, last: Decimal, *, maker: bool) -> None:
        """Fill an order that is in the market, if its limit allows it."""
        price = last
        if order.kind == "limit":
            assert order.price is not None
            if (order.price - last) * order.sign < 0:
                return
            price = order.price if maker else last
        left = self.money.fillable(order, order.qty - order.filled)
        if left <= 0:
            self._end(order, "expired")
            return
        parts = _split(left, self.parts, self._markets[order.symbol].qty_step)
        order.unsettled = parts[1:]
        self._settle(order, parts[0], price, maker)

    def _settle(self, order: LoopbackOrder, qty: Decimal, price: Decimal, maker: bool) -> None:
        qty = self.money.fillable(order, qty)
        if qty <= 0:
            self._end(order, "expired")
            return
        fee = qty * price * (MAKER_FEE if maker else TAKER_FEE)
        realized = self.money.settle(order, qty, price, fee)
        trade = LoopbackTrade(
            self._next("T"), order.id, order.symbol, order.side, qty, price, fee, self._now(), maker, realized
        )
        self._owned.append((trade.time, self.money.copy()))
        order.trades.append(trade)
        self.trades.append(trade)
        order.updated_at = trade.time
        if order.filled >= order.qty or (order.reduce_only and not order.unsettled):
            order.status = "closed"
        self._tell(order, trade)

    # --- Private ------------------------------------------------------------------------------------------------

    def _is_held_back(self, order: LoopbackOrder) -> bool:
        return order.kind == "market" and self._now() < order.created_at + self.fill_delay_ms

    def _check(self, order: LoopbackOrder, last: Decimal | None) -> None:
        market = self._markets[order.symbol]
        price = order.price or order.trigger or last
        if order.client_id and any(order.client_id == other.client_id for other in self.open_orders()):
            raise RefusedError("duplicate id")
        if price is None or order.qty % market.qty_step or (order.price or 0) % market.price_step:
            raise RefusedError("bad request")
        if order.qty < market.min_qty or (order.qty * price < market.min_notional and not order.reduce_only):
            raise RefusedError("too small")
        if order.trigger is not None and last is not None:
            beyond = last >= order.trigger if order.triggers_above else last <= order.trigger
            if beyond:
                raise RefusedError("would trigger")
        self.money.check(order, price, self.open_orders())

    def _end(self, order: LoopbackOrder, status: str) -> None:
        order.status = status
        order.unsettled = []
        order.updated_at = self._now()
        self._tell(order)

    def _tell(self, order: LoopbackOrder, trade: LoopbackTrade | None = None) -> None:
        self.events.append(AccountEvent(replace(order, trades=list(order.trades)), trade))

    def _next(self, letter: str) -> str:
        """Return the next id: of Kraken's length, in ascending order."""
        self._number += 1
        digits = f"{self._number:015d}"
        return f"{letter}{digits[:5]}-{digits[5:10]}-{digits[10:]}"


def _is_hit(order: LoopbackOrder, low: Decimal, high: Decimal) -> bool:
    """Whether a way between two prices reaches an order's trigger or limit; beyond it counts, after a gap."""
    if order.is_waiting:
        assert order.trigger is not None
        return high >= order.trigger if order.triggers_above else low <= order.trigger
    if order.price is None:
        return False
    return low <= order.price if order.side == "buy" else high >= order.price


def _steps(market: LoopbackMarket, since: int, now: int) -> Iterator[tuple[Decimal, Decimal, bool]]:
    """Yield the steps that the price makes after `since`, until `now`: from, to, and whether it is a gap."""
    first = since - since % MINUTE_MS - MINUTE_MS
    previous: Decimal | None = None
    for row in market.closed_and_open(first, now):
        opening = int(row[TIMESTAMP])
        extremes = (LOW, HIGH) if row[CLOSE] >= row[OPEN] else (HIGH, LOW)
        path = (OPEN, *extremes, CLOSE)
        for column, after in zip(path, (1, 30_000, 45_000, MINUTE_MS), strict=True):
            price = Decimal(repr(float(row[column])))
            if opening + after > now:
                return
            if opening + after > since:
                yield (price if previous is None else previous), price, column == OPEN
            previous = price


def _split(qty: Decimal, parts: int, step: Decimal) -> list[Decimal]:
    """Return a quantity in parts that are multiples of a step."""
    each = (qty / parts / step).to_integral_value(ROUND_DOWN) * step
    if parts == 1 or each == 0:
        return [qty]
    return [each] * (parts - 1) + [qty - each * (parts - 1)]
