"""How the exchanges that can be traded on are asked through ccxt, one object each."""

from typing import Any, Protocol

from livermore.errors import LiveError
from livermore.live._orders import OrderRequest

__all__ = ["BinanceUsdmCalls", "ExchangeCalls", "KrakenCalls", "calls_for"]


class ExchangeCalls(Protocol):
    """The calls of one exchange in which it differs from others."""

    def submit(self, client: Any, market: str, order: OrderRequest) -> Any:
        """Send an order; return ccxt's order."""
        ...

    def cancel(self, client: Any, market: str, order: OrderRequest, exchange_id: str) -> None:
        """Cancel an order."""
        ...

    def find(self, client: Any, market: str, order: OrderRequest) -> Any | None:
        """Return ccxt's order by its client id, open or not; None if the exchange does not know it."""
        ...


class KrakenCalls:
    """Kraken spot. It has no reduce-only orders on spot: what is sold is there."""

    def submit(self, client: Any, market: str, order: OrderRequest) -> Any:
        """Send an order."""
        return _send(client, market, order)

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


class BinanceUsdmCalls:
    """Binance USD-M futures. Stops have an endpoint and ids of their own."""

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
