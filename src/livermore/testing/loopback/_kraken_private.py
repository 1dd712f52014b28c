"""The part of Kraken that needs a key: balances, orders, trades, and the stream of executions."""

from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from livermore.testing.loopback._account import AccountEvent, LoopbackAccount
from livermore.testing.loopback._answers import Answer, Request
from livermore.testing.loopback._kraken_names import (
    asset_id,
    iso_time,
    kraken_error,
    kraken_result,
    pair_id,
    short_name,
)
from livermore.testing.loopback._market import LoopbackMarket
from livermore.testing.loopback._orders import Kind, LoopbackOrder, LoopbackTrade, Refusal, RefusedError
from livermore.testing.loopback._venue import Venue

__all__ = ["KrakenExecutions", "KrakenPrivate"]

#: Kraken's words for a refusal.
ERRORS: Mapping[Refusal, str] = {
    "insufficient funds": "EOrder:Insufficient funds",
    "too small": "EOrder:Order minimum not met",
    "unknown order": "EOrder:Unknown order",
    "duplicate id": "EOrder:Duplicate cl_ord_id",
    "nothing to reduce": "EOrder:Reduce only:No position exists",
    "would trigger": "EOrder:Invalid price:Trigger price is beyond the market",
    "bad request": "EGeneral:Invalid arguments",
}
TOKEN = "loopback-token"


class KrakenPrivate:
    """Answers what needs a key. Any key will do; its nonces must rise, as Kraken's do.

    Parameters
    ----------
    venue : Venue
        Markets and clock.
    account : LoopbackAccount
        The account.
    """

    def __init__(self, venue: Venue, account: LoopbackAccount) -> None:
        self._venue = venue
        self._account = account
        self._pairs: dict[str, LoopbackMarket] = {}
        for market in venue.markets.values():
            self._pairs |= {pair_id(market): market, short_name(market.base) + short_name(market.quote): market}
        self._nonces: dict[str, int] = {}
        self._answers: dict[str, Callable[[Mapping[str, str]], Answer]] = {
            "BalanceEx": self._balance,
            "AddOrder": self._add_order,
            "AmendOrder": self._amend_order,
            "CancelOrder": self._cancel_order,
            "CancelAll": self._cancel_all,
            "CancelAllOrdersAfter": self._cancel_all_after,
            "OpenOrders": self._open_orders,
            "ClosedOrders": self._closed_orders,
            "QueryOrders": self._query_orders,
            "TradesHistory": self._trades,
            "GetWebSocketsToken": lambda params: kraken_result({"token": TOKEN, "expires": 900}),
        }

    def answer(self, request: Request) -> Answer | None:
        """Answer a request; None if there is no such path."""
        found = self._answers.get(request.path.removeprefix("/0/private/"))
        if found is None:
            return None
        key, nonce = request.headers.get("api-key", ""), int(request.params.get("nonce", "0"))
        if not key or "api-sign" not in request.headers:
            return kraken_error("EAPI:Invalid key")
        if nonce <= self._nonces.get(key, 0):
            return kraken_error("EAPI:Invalid nonce")
        self._nonces[key] = nonce
        self._account.match()
        try:
            return found(request.params)
        except RefusedError as refused:
            return kraken_error(ERRORS[refused.reason])
        except (InvalidOperation, KeyError, ValueError):
            return kraken_error(ERRORS["bad request"])

    def _balance(self, params: Mapping[str, str]) -> Answer:
        money = self._account.shown_money()
        held = money.held(self._account.open_orders())
        return kraken_result(
            {
                asset_id(asset): {"balance": f"{amount:f}", "hold_trade": f"{held.get(asset, Decimal(0)):f}"}
                for asset, amount in money.balances.items()
            }
        )

    def _add_order(self, params: Mapping[str, str]) -> Answer:
        market, kind = self._pairs[params["pair"]], params["ordertype"]
        is_limit, has_trigger = kind.endswith("limit"), kind.startswith(("stop-loss", "take-profit"))
        side = "buy" if params["type"] == "buy" else "sell"
        limit = params["price2" if has_trigger else "price"] if is_limit else None
        order = self._account.submit(
            market.symbol,
            side,  # type: ignore[arg-type]
            "limit" if is_limit else "market",
            Decimal(params["volume"]),
            price=None if limit is None else Decimal(limit),
            trigger=Decimal(params["price"]) if has_trigger else None,
            # A stop that buys, and a target that sells, wait for a rise.
            triggers_above=(side == "buy") == kind.startswith("stop-loss"),
            client_id=params.get("cl_ord_id", ""),
        )
        return kraken_result({"descr": {"order": self._description(order)}, "txid": [order.id]})

    def _amend_order(self, params: Mapping[str, str]) -> Answer:
        changes = {
            name: Decimal(params[key]) if key in params else None
            for name, key in (("qty", "order_qty"), ("price", "limit_price"), ("trigger", "trigger_price"))
        }
        self._account.amend(self._named(params).id, **changes)
        return kraken_result({"amend_id": "TAMEND-00000-00000"})

    def _cancel_order(self, params: Mapping[str, str]) -> Answer:
        self._account.cancel(self._named(params).id)
        return kraken_result({"count": 1})

    def _cancel_all(self, params: Mapping[str, str]) -> Answer:
        return kraken_result({"count": len(self._account.cancel_all())})

    def _cancel_all_after(self, params: Mapping[str, str]) -> Answer:
        timeout, now = int(params["timeout"]), self._venue.now()
        self._account.cancel_at = now + 1000 * timeout if timeout else None
        triggers = iso_time(now + 1000 * timeout) if timeout else "0"
        return kraken_result({"currentTime": iso_time(now), "triggerTime": triggers})

    def _open_orders(self, params: Mapping[str, str]) -> Answer:
        found = self._wanted(params, self._account.open_orders())
        return kraken_result({"open": {order.id: self._order(order) for order in found}})

    def _closed_orders(self, params: Mapping[str, str]) -> Answer:
        found = self._wanted(params, [order for order in self._account.orders.values() if order.status != "open"])
        return kraken_result({"closed": {order.id: self._order(order) for order in found}, "count": len(found)})

    def _query_orders(self, params: Mapping[str, str]) -> Answer:
        names = params["txid"].split(",")
        found = [self._account.orders[name] for name in names if name in self._account.orders]
        if not found:
            raise RefusedError("unknown order")
        return kraken_result({order.id: self._order(order) for order in found})

    def _trades(self, params: Mapping[str, str]) -> Answer:
        since = 1000 * int(params.get("start", "0"))
        found = [trade for trade in self._account.listed_trades() if trade.time >= since]
        return kraken_result({"trades": {trade.id: self._trade(trade) for trade in found}, "count": len(found)})

    def _named(self, params: Mapping[str, str]) -> LoopbackOrder:
        client_id = params.get("cl_ord_id")
        found = self._account.find(order_id=None if client_id else params["txid"], client_id=client_id)
        if found is None:
            raise RefusedError("unknown order")
        return found

    def _wanted(self, params: Mapping[str, str], orders: list[LoopbackOrder]) -> list[LoopbackOrder]:
        client_id, since = params.get("cl_ord_id"), 1000 * int(params.get("start", "0"))
        return [o for o in orders if client_id in (None, o.client_id) and o.created_at >= since]

    def _description(self, order: LoopbackOrder) -> str:
        pair = pair_id(self._venue.markets[order.symbol])
        text = f"{order.side} {order.qty:f} {pair} @ {_type(order).replace('-', ' ')}"
        trigger = "" if order.trigger is None else f" {order.trigger:f}"
        if order.kind == "market":
            return text + trigger
        return f"{text.removesuffix(' limit')}{trigger}{' -> limit' if trigger else ' limit'} {order.price:f}"

    def _order(self, order: LoopbackOrder) -> dict[str, Any]:
        waits = order.trigger is not None
        description = {
            "pair": pair_id(self._venue.markets[order.symbol]),
            "type": order.side,
            "ordertype": _type(order),
            "price": f"{(order.trigger if waits else order.price) or 0:f}",
            "price2": f"{(order.price if waits else None) or 0:f}",
            "order": self._description(order),
        }
        return {
            "cl_ord_id": order.client_id or None,
            "status": order.status,
            "opentm": order.created_at / 1000,
            "closetm": order.updated_at / 1000,
            "descr": description,
            "vol": f"{order.qty:f}",
            "vol_exec": f"{order.filled:f}",
            "cost": f"{order.cost:f}",
            "fee": f"{order.fee:f}",
            "price": f"{order.average:f}",
            "oflags": "fciq",
            "trades": [trade.id for trade in order.trades],
        }

    def _trade(self, trade: LoopbackTrade) -> dict[str, Any]:
        return {
            "ordertxid": trade.order_id,
            "pair": pair_id(self._venue.markets[trade.symbol]),
            "time": trade.time / 1000,
            "type": trade.side,
            "ordertype": _type(self._account.orders[trade.order_id]),
            "price": f"{trade.price:f}",
            "cost": f"{trade.price * trade.qty:f}",
            "fee": f"{trade.fee:f}",
            "vol": f"{trade.qty:f}",
            "maker": trade.maker,
        }


class KrakenExecutions:
    """One connection to Kraken's private websocket v2: the channel ``executions``."""

    def __init__(self, account: LoopbackAccount) -> None:
        self._account = account
        self._told: int | None = None
        self._sequence = 0

    def opened(self) -> list[Any]:
        """Return nothing."""
        return []

    def received(self, message: Any) -> list[Any]:
        """Subscribe: open orders come first."""
        asked = message.get("params", {})
        answer = {"method": message.get("method"), "req_id": message.get("req_id")}
        if message.get("method") == "ping":
            return [{**answer, "method": "pong"}]
        if asked.get("channel") != "executions":
            return [{**answer, "success": False, "error": "Subscription name invalid"}]
        if asked.get("token") != TOKEN:
            return [{**answer, "success": False, "error": "ESession:Invalid session"}]
        self._account.match()
        self._told = len(self._account.events)
        messages: list[Any] = [{**answer, "success": True, "result": {"channel": "executions"}}]
        waiting = [_execution(AccountEvent(order, None)) for order in self._account.open_orders()]
        if waiting:
            messages.append(self._message("snapshot", waiting))
        return messages

    def due(self) -> list[Any]:
        """Return the executions since the last call, one message each."""
        if self._told is None:
            return []
        self._account.match()
        events, self._told = self._account.events[self._told :], len(self._account.events)
        return [self._message("update", [_execution(event)]) for event in events]

    def _message(self, kind: str, data: list[Any]) -> Any:
        self._sequence += 1
        return {"channel": "executions", "type": kind, "data": data, "sequence": self._sequence}


def _execution(event: AccountEvent) -> dict[str, Any]:
    order, trade = event
    status = "filled" if order.status == "closed" else "partially_filled" if order.trades else order.status
    status = "new" if status == "open" else status
    told = {
        "order_id": order.id,
        "cl_ord_id": order.client_id,
        "symbol": order.symbol.replace("-", "/"),
        "side": order.side,
        "order_type": _type(order),
        "order_qty": float(order.qty),
        "limit_price": float(order.price or 0),
        "stop_price": float(order.trigger or 0),
        "cum_qty": float(order.filled),
        "cum_cost": float(order.cost),
        "avg_price": float(order.average),
        "order_status": status,
        "exec_type": status if status in ("canceled", "expired") else "new",
        "timestamp": iso_time(order.updated_at),
    }
    if trade is None:
        return told
    return told | {
        "exec_type": "trade",
        "exec_id": trade.id,
        "last_qty": float(trade.qty),
        "last_price": float(trade.price),
        "cost": float(trade.qty * trade.price),
        "liquidity_ind": "m" if trade.maker else "t",
        "fees": [{"asset": order.symbol.split("-")[1], "qty": float(trade.fee)}],
        "timestamp": iso_time(trade.time),
    }


def _type(order: LoopbackOrder) -> str:
    if order.trigger is None:
        kind: Kind = order.kind
        return kind
    name = "stop-loss" if (order.side == "buy") == order.triggers_above else "take-profit"
    return f"{name}-limit" if order.kind == "limit" else name
