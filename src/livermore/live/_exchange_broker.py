"""Orders on an exchange: sent once, whatever happens to the answer, and filled by trades."""

import logging
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from livermore.errors import LiveError
from livermore.live._clock import Clock, SystemClock
from livermore.live._exchange_answers import ReadableClient, words_of
from livermore.live._exchange_calls import calls_for
from livermore.live._exchange_feed import find_markets
from livermore.live._order_journal import OrderJournal
from livermore.live._orders import ExchangeFill, Limits, OrderRequest, OrderResult, Outcome, to_step

__all__ = ["ExchangeBroker"]

#: An order of which nothing is known is looked for so long before it counts as lost, and so often, ms.
GRACE_MS = 5_000
ASKS = 3
#: Trades are asked for from so long before the last one, since exchanges list some late, ms.
OVERLAP_MS = 60_000


class ExchangeBroker:
    """Sends orders to an exchange through ccxt, and learns what became of them.

    An order is written to the journal before it is sent, under a client id that follows from its name. If the answer is
    lost, the order is *unresolved*: it is never sent again, but asked for by its client id (`resolve`). Fills come from
    trades alone, each once. A `LiveSession` with an `ExchangeAccount` has one.

    Parameters
    ----------
    client : ccxt.Exchange
        Of ``ccxt``, with keys: ``kraken`` or ``binanceusdm``.
    symbols : iterable of str
        As routes name them.
    journal : OrderJournal
        Where orders, outcomes and fills are written.
    limits : Limits, optional
        What no order may exceed; by default nothing.
    clock : Clock
        The machine's.
    since : int
        Trades before this time are not asked for, UTC ms.

    Raises
    ------
    LiveError
        If orders cannot be sent to this exchange yet, or the key does not work.
    CandlesNotFoundError
        If the exchange does not list a symbol.
    """

    def __init__(
        self,
        client: Any,
        symbols: Iterable[str],
        journal: OrderJournal,
        *,
        limits: Limits | None = None,
        clock: Clock | None = None,
        since: int = 0,
    ) -> None:
        import ccxt

        self._errors = ccxt
        self._calls = calls_for(client.id)
        self._client = ReadableClient(client)
        # ccxt writes each request with its key to the log, at the level of debugging.
        client.logger = logging.Logger("ccxt", logging.INFO)
        self._journal = journal
        self._limits = Limits() if limits is None else limits
        self._clock: Clock = SystemClock() if clock is None else clock
        self._markets = find_markets(client, symbols)
        self._since = since
        self._asks: dict[str, int] = {}
        self._notes: list[str] = []
        self._check_key()

    # --- Commands -----------------------------------------------------------------------------------------------

    def submit(self, order: OrderRequest, *, last_price: float, position: float | None = None) -> OrderResult:
        """Send an order, once.

        Parameters
        ----------
        order : OrderRequest
            The order. Its quantity is rounded down to the market's step, its price so that the risk does not grow.
        last_price : float
            Of the market, for the limits.
        position : float, optional
            The signed quantity that is held, for the limits; by default the sum of the journal's fills of its orders.

        Returns
        -------
        OrderResult
            An order whose name was used before gives what became of that one, and nothing is sent.
        """
        known = self._journal.result(order.name)
        if known is not None:
            return known
        rounded = self._rounded(order)
        now = self._clock.now()
        recent = self._journal.sent_since(now - 60_000)
        held = self._journal.position(order.symbol) if position is None else position
        objection = self._objection(rounded, last_price) or self._limits.objection(
            rounded, last_price=last_price, position=held, recent_orders=recent
        )
        if objection is not None:
            return self._journal.add_order(rounded, now, OrderResult(order.name, Outcome.DENIED, reason=objection))
        # What is in the journal before anything is sent can be asked for after a crash at any point.
        self._journal.add_order(rounded, now, OrderResult(order.name, Outcome.UNRESOLVED, reason="being sent"))
        return self._attempt(order.name, lambda: self._calls.submit(self._client, self._market(order), rounded))

    def cancel(self, name: str) -> OrderResult:
        """Cancel an order.

        Returns
        -------
        OrderResult
            Confirmed also if the order is not open any more; whether it was filled is told by its fills.
        """
        order, result = self._journal.order(name), self._journal.result(name)
        if order is None or result is None:
            return OrderResult(name, Outcome.DENIED, reason="there is no such order")
        try:
            self._calls.cancel(self._client, self._market(order), order, result.exchange_id)
        except self._errors.OrderNotFound:
            return OrderResult(name, Outcome.CONFIRMED, result.exchange_id, "it was not open any more")
        except self._errors.NetworkError as error:
            return OrderResult(name, Outcome.UNRESOLVED, result.exchange_id, words_of(error))
        except self._errors.BaseError as error:
            return OrderResult(name, Outcome.REJECTED, result.exchange_id, words_of(error))
        return OrderResult(name, Outcome.CONFIRMED, result.exchange_id)

    # --- Questions ----------------------------------------------------------------------------------------------

    def resolve(self) -> list[OrderResult]:
        """Ask for each unresolved order by its client id; return those of which it is known now what became of them.

        An order counts as rejected only if the exchange did not know it three times, the last time five seconds after
        it was sent. Should it appear after all, its first fill says so.
        """
        settled = []
        for order, sent_at in self._journal.unresolved():
            try:
                found = self._calls.find(self._client, self._market(order), order)
            except self._errors.BaseError:
                # A question that fails says nothing of the order.
                continue
            if found is not None:
                result = OrderResult(order.name, Outcome.CONFIRMED, str(found["id"]))
            else:
                self._asks[order.name] = self._asks.get(order.name, 0) + 1
                if self._asks[order.name] < ASKS or self._clock.now() - sent_at < GRACE_MS:
                    continue
                result = OrderResult(order.name, Outcome.REJECTED, reason="the exchange does not know it")
            settled.append(self._journal.add_result(result, self._clock.now()))
        return settled

    def poll_fills(self) -> list[ExchangeFill]:
        """Ask for trades, and return those that were not known, in their order.

        Raises
        ------
        ccxt.NetworkError
            If the exchange cannot be reached; nothing is lost, the next call returns them.
        """
        # All questions come first: a fill that is in the journal is not returned again after one that fails.
        found = [fill for symbol, market in self._markets.items() for fill in self._traded(symbol, market)]
        return [fill for fill in found if self._journal.add_fill(fill)]

    def open_orders(self) -> dict[str, list[Any]]:
        """Return what is open at the exchange, by symbol, as ccxt has it; stops of Binance included."""
        return {symbol: self._calls.open_orders(self._client, market) for symbol, market in self._markets.items()}

    def find(self, name: str) -> Any | None:
        """Return what the exchange says of an order, as ccxt has it; None if it does not know it."""
        order = self._journal.order(name)
        return None if order is None else self._calls.find(self._client, self._market(order), order)

    def held(self) -> dict[str, float]:
        """Return what is held, by symbol: signed positions, or on spot balances of the base assets."""
        return {symbol: self._calls.position(self._client, market) for symbol, market in self._markets.items()}

    def cancel_foreign(self, symbol: str, order: Any) -> None:
        """Cancel an order of somebody else, as ccxt has it."""
        self._client.cancel_order(order["id"], self._markets[symbol])

    def smallest(self, symbol: str, price: float) -> float:
        """Return the smallest quantity with which a position of a symbol can be closed at a price."""
        # On futures an order that only reduces may be worth less.
        cost = float(self._terms(symbol)["limits"]["cost"]["min"] or 0) if self._calls.kind == "spot" else 0.0
        return max(self._least(symbol), cost / price)

    def qty_step(self, symbol: str) -> float:
        """Return the step of quantities of a symbol."""
        return float(self._terms(symbol)["precision"]["amount"])

    def cancel_all_after(self, duration_ms: int) -> None:
        """Let the exchange cancel all orders after a time, unless it is told again; 0: never."""
        for market in self._markets.values():
            self._calls.cancel_all_after(self._client, market, duration_ms)

    def take_notes(self) -> list[str]:
        """Return what a person should know since the last call."""
        taken, self._notes = self._notes, []
        return taken

    # --- Private ------------------------------------------------------------------------------------------------

    def _market(self, order: OrderRequest) -> str:
        return self._markets[order.symbol]

    def _terms(self, symbol: str) -> Any:
        """Return what the exchange says of a market: steps, limits, assets."""
        return self._client.market(self._markets[symbol])

    def _least(self, symbol: str) -> float:
        """Return the smallest quantity that the exchange takes, whatever it is worth."""
        return max(float(self._terms(symbol)["limits"]["amount"]["min"] or 0), self.qty_step(symbol))

    def _attempt(self, name: str, send: Callable[[], Any]) -> OrderResult:
        """Send, and write down which of the outcomes it is."""
        try:
            exchange_id = send()["id"]
            result = OrderResult(name, Outcome.CONFIRMED, str(exchange_id))
            if not exchange_id:
                result = OrderResult(name, Outcome.UNRESOLVED, reason="the answer had no id")
        except self._errors.NetworkError as error:
            result = OrderResult(name, Outcome.UNRESOLVED, reason=words_of(error))
        except (self._errors.InvalidOrder, self._errors.InsufficientFunds, self._errors.AuthenticationError) as error:
            # A duplicate id is refused because the exchange has an order of that id. ccxt has a class for it, and does
            # not use it for Binance's code -4116.
            outcome = Outcome.UNRESOLVED if "duplicat" in str(error).lower() else Outcome.REJECTED
            result = OrderResult(name, outcome, reason=words_of(error))
        except Exception as error:
            # Anything else may mean that the exchange has the order: an unreadable answer, an error without a class.
            result = OrderResult(name, Outcome.UNRESOLVED, reason=words_of(error))
        return self._journal.add_result(result, self._clock.now())

    def _rounded(self, order: OrderRequest) -> OrderRequest:
        steps = self._terms(order.symbol)["precision"]
        qty = to_step(order.qty, steps["amount"], up=False)
        price = order.price
        if price is not None:
            # A limit further from the market, a stop nearer to it.
            price = to_step(price, steps["price"], up=order.side == "sell")
        # A quantity below one step stays as it is, and is denied.
        return replace(order, qty=qty or order.qty, price=price)

    def _objection(self, order: OrderRequest, last_price: float) -> str | None:
        least, cost = self._least(order.symbol), self._terms(order.symbol)["limits"]["cost"]["min"] or 0
        if order.qty < least:
            return f"the quantity {order.qty:g} is less than {least:g}"
        value = order.qty * (order.price or last_price)
        if value < cost and not order.reduce_only:
            return f"the order is worth {value:g}, and the exchange takes none below {cost:g}"
        return None

    def _traded(self, symbol: str, market: str) -> list[ExchangeFill]:
        """Ask for the trades of a symbol; return them as fills, known ones included."""
        since = max(self._journal.last_fill_time(symbol) - OVERLAP_MS, self._since)
        trades = self._calls.trades(self._client, market, since or None)
        ordered = sorted(trades, key=lambda trade: (trade["timestamp"], str(trade["id"])))
        return [self._fill(symbol, trade) for trade in ordered if int(trade["timestamp"]) >= self._since]

    def _fill(self, symbol: str, trade: Any) -> ExchangeFill:
        exchange_id = str(trade["order"])
        name = self._journal.name_of(exchange_id) or self._late_name(symbol, exchange_id)
        fee = self._fee(symbol, trade)
        return ExchangeFill(
            str(trade["id"]), name, symbol, str(trade["side"]), float(trade["amount"]), float(trade["price"]), fee,
            int(trade["timestamp"]),
        )  # fmt: skip

    def _fee(self, symbol: str, trade: Any) -> float:
        """Return the fee in the quote asset; one in another asset is told of, and not counted."""
        fee = trade.get("fee") or {}
        cost, currency = float(fee.get("cost") or 0), fee.get("currency")
        quote = self._terms(symbol)["quote"]
        if cost and currency not in (None, quote):
            self._notes.append(f"{symbol}: a fee of {cost:g} {currency} is not counted, since it is not in {quote}")
            return 0.0
        return cost

    def _late_name(self, symbol: str, exchange_id: str) -> str:
        """Return the name of an order that was taken for lost, or is still unresolved; empty for a foreign one."""
        try:
            found = self._client.fetch_order(exchange_id, self._markets[symbol])
        except self._errors.OrderNotFound:
            return ""
        name = self._journal.name_of_client_id(str(found["clientOrderId"]))
        if name:
            self._journal.add_result(OrderResult(name, Outcome.CONFIRMED, exchange_id), self._clock.now())
        return name

    def _check_key(self) -> None:
        try:
            self._calls.balance(self._client)
        except self._errors.AuthenticationError as error:
            raise LiveError(f"the key does not work: {words_of(error)}") from None
