"""The part of Binance USD-M that needs a key: wallet, positions, orders, trades."""

from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from livermore.testing.loopback._account import LoopbackAccount
from livermore.testing.loopback._answers import Answer, Request
from livermore.testing.loopback._binance_names import binance_error, id_of, kind_of, number_of, status_of
from livermore.testing.loopback._market import LoopbackMarket
from livermore.testing.loopback._money import FuturesMoney
from livermore.testing.loopback._orders import LoopbackOrder, LoopbackTrade, Refusal, RefusedError
from livermore.testing.loopback._venue import Venue

__all__ = ["BinancePrivate"]

#: Binance's codes and words for a refusal.
ERRORS: Mapping[Refusal, tuple[int, str]] = {
    "insufficient funds": (-2019, "Margin is insufficient."),
    "too small": (-4164, "Order's notional must be no smaller than 5 (unless you choose reduce only)."),
    "unknown order": (-2011, "Unknown order sent."),
    "duplicate id": (-4116, "ClientOrderId is duplicated."),
    "nothing to reduce": (-2022, "ReduceOnly Order is rejected."),
    "would trigger": (-2021, "Order would immediately trigger."),
    "bad request": (-1102, "Mandatory parameter was not sent, was empty/null, or malformed."),
}
#: How far a request's time may be from the exchange's, unless the request says otherwise, ms.
RECEIVE_WINDOW_MS = 5_000
LISTEN_KEY = "loopback-listen-key"
#: The only bracket: maintenance margin of 0.4 % up to any size.
BRACKET = {
    "bracket": 1,
    "initialLeverage": 125,
    "notionalCap": 1_000_000_000,
    "notionalFloor": 0,
    "maintMarginRatio": 0.004,
    "cum": 0.0,
}


class BinancePrivate:
    """Answers what needs a key. Any key will do; a request's time must be near the exchange's, as Binance wants it.

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
        self._by_id = {id_of(market): market for market in venue.markets.values()}
        self._answers: dict[tuple[str, str], Callable[[Mapping[str, str]], Answer]] = {
            ("GET", "v2/account"): self._wallet,
            ("GET", "v3/account"): self._wallet,
            ("GET", "v2/positionRisk"): self._positions,
            ("GET", "v3/positionRisk"): self._positions,
            ("GET", "v1/leverageBracket"): self._brackets,
            ("POST", "v1/leverage"): self._set_leverage,
            ("POST", "v1/marginType"): self._set_margin_mode,
            ("GET", "v1/positionSide/dual"): lambda params: Answer({"dualSidePosition": False}),
            ("POST", "v1/order"): self._add_order,
            ("PUT", "v1/order"): self._amend_order,
            ("DELETE", "v1/order"): self._cancel_order,
            ("GET", "v1/order"): self._one_order,
            ("GET", "v1/openOrders"): self._open_orders,
            ("GET", "v1/allOrders"): self._all_orders,
            ("DELETE", "v1/allOpenOrders"): self._cancel_all,
            ("POST", "v1/countdownCancelAll"): self._cancel_all_after,
            ("POST", "v1/algoOrder"): self._add_algo_order,
            ("DELETE", "v1/algoOrder"): self._cancel_algo_order,
            ("GET", "v1/algoOrder"): self._one_algo_order,
            ("GET", "v1/openAlgoOrders"): self._open_algo_orders,
            ("DELETE", "v1/algoOpenOrders"): self._cancel_all_algo,
            ("GET", "v1/userTrades"): self._trades,
            ("POST", "v1/listenKey"): lambda params: Answer({"listenKey": LISTEN_KEY}),
            ("PUT", "v1/listenKey"): lambda params: Answer({"listenKey": LISTEN_KEY}),
        }

    def answer(self, request: Request) -> Answer | None:
        """Answer a request; None if there is no such path."""
        found = self._answers.get((request.method, request.path.removeprefix("/fapi/")))
        if found is None:
            return None
        if not request.headers.get("x-mbx-apikey"):
            return binance_error(-2014, "API-key format invalid.")
        if "timestamp" in request.params:
            late = self._venue.now() - int(request.params["timestamp"])
            if late > int(request.params.get("recvWindow", RECEIVE_WINDOW_MS)) or late < -1_000:
                return binance_error(-1021, "Timestamp for this request is outside of the recvWindow.")
        self._account.match()
        try:
            return found(request.params)
        except RefusedError as refused:
            return binance_error(*ERRORS[refused.reason])
        except (InvalidOperation, KeyError, ValueError):
            return binance_error(*ERRORS["bad request"])

    # --- Wallet and positions -----------------------------------------------------------------------------------

    @property
    def _money(self) -> FuturesMoney:
        money: FuturesMoney = self._account.shown_money()
        return money

    def _wallet(self, params: Mapping[str, str]) -> Answer:
        assets = []
        for asset, amount in self._money.wallet.items():
            symbols = [market.symbol for market in self._by_id.values() if market.quote == asset]
            profit = sum((self._profit(symbol) for symbol in symbols), Decimal(0))
            margin = sum((self._money.margin(symbol) for symbol in symbols), Decimal(0))
            assets.append(
                {
                    "asset": asset,
                    "walletBalance": f"{amount:f}",
                    "unrealizedProfit": f"{profit:f}",
                    "marginBalance": f"{amount + profit:f}",
                    "initialMargin": f"{margin:f}",
                    "availableBalance": f"{self._money.available(asset, self._account.open_orders()):f}",
                    "crossWalletBalance": f"{amount:f}",
                    "crossUnPnl": f"{profit:f}",
                    "updateTime": self._venue.now(),
                }
            )
        return Answer({"assets": assets, "positions": []})

    def _profit(self, symbol: str) -> Decimal:
        price = self._account.price(symbol) or Decimal(0)
        entry = self._money.entries.get(symbol, price)
        return self._money.positions.get(symbol, Decimal(0)) * (price - entry)

    def _positions(self, params: Mapping[str, str]) -> Answer:
        wanted = params.get("symbol")
        return Answer([self._position(name, market) for name, market in self._by_id.items() if wanted in (None, name)])

    def _position(self, name: str, market: LoopbackMarket) -> dict[str, Any]:
        money, symbol = self._money, market.symbol
        held = money.positions.get(symbol, Decimal(0))
        price = self._account.price(symbol) or Decimal(0)
        isolated = money.margin_modes[symbol] == "isolated"
        return {
            "symbol": name,
            "positionAmt": f"{held:f}",
            "entryPrice": f"{money.entries.get(symbol, Decimal(0)) if held else Decimal(0):f}",
            "markPrice": f"{price:f}",
            "unRealizedProfit": f"{self._profit(symbol):f}",
            "liquidationPrice": "0",
            "leverage": str(money.leverage[symbol]),
            "marginType": money.margin_modes[symbol],
            "isolatedMargin": f"{money.margin(symbol) if isolated else Decimal(0):f}",
            "isolatedWallet": f"{money.margin(symbol) if isolated else Decimal(0):f}",
            "initialMargin": f"{money.margin(symbol):f}",
            "maintMargin": f"{abs(held) * price * Decimal('0.004'):f}",
            "notional": f"{held * price:f}",
            "positionSide": "BOTH",
            "updateTime": self._venue.now(),
        }

    def _brackets(self, params: Mapping[str, str]) -> Answer:
        return Answer([{"symbol": name, "brackets": [BRACKET]} for name in self._by_id])

    def _set_leverage(self, params: Mapping[str, str]) -> Answer:
        leverage = int(params["leverage"])
        if not 1 <= leverage <= 125:
            return binance_error(-4028, f"Leverage {leverage} is not valid")
        self._money.leverage[self._by_id[params["symbol"]].symbol] = leverage
        return Answer({"leverage": leverage, "maxNotionalValue": "1000000000", "symbol": params["symbol"]})

    def _set_margin_mode(self, params: Mapping[str, str]) -> Answer:
        symbol = self._by_id[params["symbol"]].symbol
        mode = "isolated" if params["marginType"] == "ISOLATED" else "cross"
        if self._money.margin_modes[symbol] == mode:
            return binance_error(-4046, "No need to change margin type.")
        if self._money.positions.get(symbol):
            return binance_error(-4048, "Margin type cannot be changed if there exists position.")
        self._money.margin_modes[symbol] = mode
        return Answer({"code": 200, "msg": "success"})

    # --- Orders -------------------------------------------------------------------------------------------------

    def _submit(self, params: Mapping[str, str], client_id: str, trigger: Decimal | None) -> LoopbackOrder:
        kind, side = params["type"], "buy" if params["side"] == "BUY" else "sell"
        is_limit = kind in ("LIMIT", "STOP", "TAKE_PROFIT")
        return self._account.submit(
            self._by_id[params["symbol"]].symbol,
            side,  # type: ignore[arg-type]
            "limit" if is_limit else "market",
            Decimal(params["quantity"]),
            price=Decimal(params["price"]) if is_limit else None,
            trigger=trigger,
            triggers_above=(side == "buy") == kind.startswith("STOP"),
            reduce_only=params.get("reduceOnly", "false").lower() == "true",
            client_id=client_id,
        )

    def _add_order(self, params: Mapping[str, str]) -> Answer:
        if params["type"] not in ("LIMIT", "MARKET"):
            # As Binance does since December 2025.
            return binance_error(-4120, "Order type not supported for this endpoint. Use the Algo Order API instead.")
        return Answer(self._order(self._submit(params, params.get("newClientOrderId", ""), None)))

    def _add_algo_order(self, params: Mapping[str, str]) -> Answer:
        order = self._submit(params, params.get("clientAlgoId", ""), Decimal(params["triggerPrice"]))
        return Answer(self._algo_order(order))

    def _amend_order(self, params: Mapping[str, str]) -> Answer:
        qty, price = Decimal(params["quantity"]), Decimal(params["price"])
        return Answer(self._order(self._account.amend(self._named(params).id, qty=qty, price=price, trigger=None)))

    def _cancel_order(self, params: Mapping[str, str]) -> Answer:
        return Answer(self._order(self._account.cancel(self._named(params).id)))

    def _cancel_algo_order(self, params: Mapping[str, str]) -> Answer:
        order = self._account.cancel(self._named_algo(params).id)
        return Answer({"algoId": number_of(order.id), "clientAlgoId": order.client_id, "code": "200", "msg": "success"})

    def _one_order(self, params: Mapping[str, str]) -> Answer:
        found = self._find(params, "orderId", "origClientOrderId")
        return binance_error(-2013, "Order does not exist.") if found is None else Answer(self._order(found))

    def _one_algo_order(self, params: Mapping[str, str]) -> Answer:
        found = self._find(params, "algoId", "clientAlgoId")
        return binance_error(-2013, "Order does not exist.") if found is None else Answer(self._algo_order(found))

    def _open_orders(self, params: Mapping[str, str]) -> Answer:
        return Answer([self._order(order) for order in self._open(params) if not order.is_waiting])

    def _open_algo_orders(self, params: Mapping[str, str]) -> Answer:
        return Answer([self._algo_order(order) for order in self._open(params) if order.is_waiting])

    def _all_orders(self, params: Mapping[str, str]) -> Answer:
        symbol, since = self._by_id[params["symbol"]].symbol, int(params.get("startTime", "0"))
        return Answer(
            [self._order(o) for o in self._account.orders.values() if o.symbol == symbol and o.created_at >= since]
        )

    def _cancel_all(self, params: Mapping[str, str]) -> Answer:
        for order in self._open(params):
            if not order.is_waiting:
                self._account.cancel(order.id)
        return Answer({"code": 200, "msg": "The operation of cancel all open order is done."})

    def _cancel_all_algo(self, params: Mapping[str, str]) -> Answer:
        for order in self._open(params):
            if order.is_waiting:
                self._account.cancel(order.id)
        return Answer({"code": 200, "msg": "The operation of cancel all open order is done."})

    def _cancel_all_after(self, params: Mapping[str, str]) -> Answer:
        countdown = int(params["countdownTime"])
        self._account.cancel_at = self._venue.now() + countdown if countdown else None
        return Answer({"symbol": params["symbol"], "countdownTime": str(countdown)})

    def _trades(self, params: Mapping[str, str]) -> Answer:
        symbol, since = self._by_id[params["symbol"]].symbol, int(params.get("startTime", "0"))
        wanted = params.get("orderId")
        return Answer(
            [
                self._trade(trade)
                for trade in self._account.listed_trades()
                if trade.symbol == symbol and trade.time >= since and wanted in (None, str(number_of(trade.order_id)))
            ]
        )

    def _open(self, params: Mapping[str, str]) -> list[LoopbackOrder]:
        symbol = self._by_id[params["symbol"]].symbol if "symbol" in params else None
        return [order for order in self._account.open_orders() if symbol in (None, order.symbol)]

    def _find(self, params: Mapping[str, str], by_number: str, by_client: str) -> LoopbackOrder | None:
        if by_number in params:
            number = int(params[by_number])
            return next((order for name, order in self._account.orders.items() if number_of(name) == number), None)
        return self._account.find(client_id=params[by_client])

    def _named(self, params: Mapping[str, str]) -> LoopbackOrder:
        found = self._find(params, "orderId", "origClientOrderId")
        if found is None:
            raise RefusedError("unknown order")
        return found

    def _named_algo(self, params: Mapping[str, str]) -> LoopbackOrder:
        found = self._find(params, "algoId", "clientAlgoId")
        if found is None or not found.is_waiting:
            raise RefusedError("unknown order")
        return found

    def _order(self, order: LoopbackOrder) -> dict[str, Any]:
        return {
            "orderId": number_of(order.id),
            "symbol": id_of(self._venue.markets[order.symbol]),
            "clientOrderId": order.client_id,
            "status": status_of(order),
            "side": order.side.upper(),
            "positionSide": "BOTH",
            "type": order.kind.upper(),
            "origType": kind_of(order),
            "timeInForce": "GTC",
            "price": f"{order.price or 0:f}",
            "stopPrice": f"{order.trigger or 0:f}",
            "avgPrice": f"{order.average:f}",
            "origQty": f"{order.qty:f}",
            "executedQty": f"{order.filled:f}",
            "cumQuote": f"{order.cost:f}",
            "reduceOnly": order.reduce_only,
            "closePosition": False,
            "time": order.created_at,
            "updateTime": order.updated_at,
        }

    def _algo_order(self, order: LoopbackOrder) -> dict[str, Any]:
        return {
            "algoId": number_of(order.id),
            "clientAlgoId": order.client_id,
            "algoType": "CONDITIONAL",
            "orderType": kind_of(order),
            "symbol": id_of(self._venue.markets[order.symbol]),
            "side": order.side.upper(),
            "positionSide": "BOTH",
            "timeInForce": "GTC",
            "quantity": f"{order.qty:f}",
            "algoStatus": status_of(order) if order.is_waiting else "FINISHED",
            "actualOrderId": "" if order.is_waiting else str(number_of(order.id)),
            "triggerPrice": f"{order.trigger or 0:f}",
            "price": f"{order.price or 0:f}",
            "reduceOnly": order.reduce_only,
            "createTime": order.created_at,
            "updateTime": order.updated_at,
        }

    def _trade(self, trade: LoopbackTrade) -> dict[str, Any]:
        market = self._venue.markets[trade.symbol]
        return {
            "id": number_of(trade.id),
            "orderId": number_of(trade.order_id),
            "symbol": id_of(market),
            "side": trade.side.upper(),
            "positionSide": "BOTH",
            "price": f"{trade.price:f}",
            "qty": f"{trade.qty:f}",
            "quoteQty": f"{trade.qty * trade.price:f}",
            "realizedPnl": f"{trade.realized:f}",
            "commission": f"{trade.fee:f}",
            "commissionAsset": market.quote,
            "maker": trade.maker,
            "buyer": trade.side == "buy",
            "time": trade.time,
        }
