"""How the exchanges that can be traded on are asked through ccxt, one object each."""

from typing import Any, Protocol

from livermore.errors import LiveError
from livermore.live._orders import OrderRequest

__all__ = ["BinanceUsdmCalls", "ExchangeCalls", "KrakenCalls", "calls_for"]

#: How many trades the exchanges list at once.
KRAKEN_PAGE, BINANCE_PAGE = 50, 500


class ExchangeCalls(Protocol):
    """The calls of one exchange in which it differs from others.

    Attributes
    ----------
    kind : {"spot", "futures"}
        What is traded there, as `BacktestConfig` calls it.
    """

    kind: str

    def submit(self, client: Any, market: str, order: OrderRequest) -> Any:
        """Send an order; return ccxt's order."""
        ...

    def cancel(self, client: Any, market: str, order: OrderRequest, exchange_id: str) -> None:
        """Cancel an order."""
        ...

    def find(self, client: Any, market: str, order: OrderRequest) -> Any | None:
        """Return ccxt's order by its client id, open or not; None if the exchange does not know it."""
        ...

    def open_orders(self, client: Any, market: str) -> list[Any]:
        """Return ccxt's open orders, those that wait for a trigger included."""
        ...

    def trades(self, client: Any, market: str, since: int | None) -> list[Any]:
        """Return ccxt's trades from a time on, UTC ms."""
        ...

    def position(self, client: Any, market: str) -> float:
        """Return what is held: a signed position, or on spot the balance of the base asset."""
        ...

    def balance(self, client: Any) -> Any:
        """Return ccxt's balance; an answer without one is no balance of nothing, but an error of the network."""
        ...

    def cancel_all_after(self, client: Any, market: str, duration_ms: int) -> None:
        """Let the exchange cancel all orders after a time, unless it is told again; 0: never."""
        ...


class KrakenCalls:
    """Kraken spot. It has no reduce-only orders on spot: what is sold is there."""

    kind = "spot"

    def submit(self, client: Any, market: str, order: OrderRequest) -> Any:
        """Send an order whose fee is paid in the quote asset: a position is then what was bought."""
        return _send(client, market, order, oflags="fciq")

    def cancel(self, client: Any, market: str, order: OrderRequest, exchange_id: str) -> None:
        """Cancel an order by its client id."""
        client.cancel_order(exchange_id, market, {"clientOrderId": order.client_id})

    def find(self, client: Any, market: str, order: OrderRequest) -> Any | None:
        """Look among open orders, then among closed ones."""
        for fetch in (client.fetch_open_orders, client.fetch_closed_orders):
            answer = fetch(market, params={"clientOrderId": order.client_id})
            found = [found for found in answer if found["clientOrderId"] == order.client_id]
            if found:
                return found[-1]
        return None

    def open_orders(self, client: Any, market: str) -> list[Any]:
        """Return the open orders."""
        return list(client.fetch_open_orders(market))

    def trades(self, client: Any, market: str, since: int | None) -> list[Any]:
        """Return the trades; Kraken lists fifty at once, the newest first."""
        found: dict[str, Any] = {}
        while True:
            page = client.fetch_my_trades(market, since, params={"ofs": len(found)} if found else {})
            fresh = {str(trade["id"]): trade for trade in page if str(trade["id"]) not in found}
            found |= fresh
            if len(fresh) < KRAKEN_PAGE:
                return list(found.values())

    def position(self, client: Any, market: str) -> float:
        """Return the balance of the base asset, what is on sale included."""
        held = self.balance(client).get(client.market(market)["base"]) or {}
        return float(held.get("total") or 0)

    def balance(self, client: Any) -> Any:
        """Return the balance; Kraken lists no asset of which the account has nothing."""
        return _balance(client, "result")

    def cancel_all_after(self, client: Any, market: str, duration_ms: int) -> None:
        """Set Kraken's countdown, which is for all orders of the account."""
        client.cancel_all_orders_after(duration_ms)


class BinanceUsdmCalls:
    """Binance USD-M futures. Stops have an endpoint and ids of their own."""

    kind = "futures"

    def submit(self, client: Any, market: str, order: OrderRequest) -> Any:
        """Send an order."""
        return _send(client, market, order, reduceOnly=order.reduce_only)

    def cancel(self, client: Any, market: str, order: OrderRequest, exchange_id: str) -> None:
        """Cancel an order by its client id."""
        client.cancel_order(exchange_id, market, self._params(order))

    def find(self, client: Any, market: str, order: OrderRequest) -> Any | None:
        """Ask for the client id."""
        import ccxt

        try:
            found = client.fetch_order("", market, self._params(order))
        except ccxt.OrderNotFound:
            return None
        return found

    def open_orders(self, client: Any, market: str) -> list[Any]:
        """Return the open orders, and those that wait for a trigger."""
        return [*client.fetch_open_orders(market), *client.fetch_open_orders(market, params={"trigger": True})]

    def trades(self, client: Any, market: str, since: int | None) -> list[Any]:
        """Return the trades; Binance lists five hundred at once, the oldest first."""
        found: dict[str, Any] = {}
        while True:
            page = client.fetch_my_trades(market, since, BINANCE_PAGE)
            fresh = {str(trade["id"]): trade for trade in page if str(trade["id"]) not in found}
            found |= fresh
            if len(page) < BINANCE_PAGE or not fresh:
                return list(found.values())
            since = max(int(trade["timestamp"]) for trade in page)

    def position(self, client: Any, market: str) -> float:
        """Return the position, negative when short."""
        total = 0.0
        for position in client.fetch_positions([market]):
            size = float(position["contracts"] or 0) * float(position["contractSize"] or 1)
            total += -size if position["side"] == "short" else size
        return total

    def balance(self, client: Any) -> Any:
        """Return the balance."""
        return _balance(client, "assets")

    def cancel_all_after(self, client: Any, market: str, duration_ms: int) -> None:
        """Set Binance's countdown, which is for all orders of a symbol."""
        client.fapiPrivatePostCountdownCancelAll({"symbol": client.market(market)["id"], "countdownTime": duration_ms})

    def _params(self, order: OrderRequest) -> dict[str, Any]:
        trigger = {"trigger": True} if order.kind == "stop" else {}
        return {"clientOrderId": order.client_id, **trigger}


_CALLS: dict[str, type[KrakenCalls] | type[BinanceUsdmCalls]] = {"kraken": KrakenCalls, "binanceusdm": BinanceUsdmCalls}


def calls_for(exchange: str) -> ExchangeCalls:
    """Return the calls of an exchange, by ccxt's name.

    Raises
    ------
    LiveError
        If orders cannot be sent to it yet.
    """
    if exchange not in _CALLS:
        raise LiveError(f"orders cannot be sent to {exchange} yet; they can to {', '.join(_CALLS)}")
    return _CALLS[exchange]()


def _balance(client: Any, key: str) -> Any:
    """Ask for the balance; ccxt takes an answer without the key under which the exchange lists assets for an empty one.

    Raises
    ------
    ccxt.NetworkError
        If the answer has no such key.
    """
    import ccxt

    balance = client.fetch_balance()
    answer = balance.get("info")
    if not isinstance(answer, dict) or key not in answer:
        raise ccxt.NetworkError(f"{client.id}'s answer has no balance: {answer!r:.80}")
    return balance


def _send(client: Any, market: str, order: OrderRequest, **params: Any) -> Any:
    """Send an order under its client id; return ccxt's order."""
    if order.kind == "stop":
        params["stopLossPrice"] = order.price
    is_limit = order.kind == "limit"
    return client.create_order(
        market,
        "limit" if is_limit else "market",
        order.side,
        order.qty,
        order.price if is_limit else None,
        {"clientOrderId": order.client_id, **params},
    )
