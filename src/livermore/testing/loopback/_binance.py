"""Binance USD-M futures as the loopback exchange speaks it: REST and market streams, as far as ccxt asks for it."""

from collections.abc import Callable
from typing import Any

from livermore.candles import CLOSE, HIGH, LOW, MINUTE_MS, OPEN, TIMESTAMP, VOLUME
from livermore.testing.loopback._account import LoopbackAccount
from livermore.testing.loopback._answers import Answer, Request
from livermore.testing.loopback._binance_names import binance_error, id_of
from livermore.testing.loopback._binance_private import BinancePrivate
from livermore.testing.loopback._binance_user_stream import BinanceUserStream
from livermore.testing.loopback._market import LoopbackMarket, decimals
from livermore.testing.loopback._money import FuturesMoney
from livermore.testing.loopback._venue import Stream, Venue
from livermore.typing import Rows

__all__ = ["BinanceUsdmDialect"]

MAX_ROWS = 1_500
DEFAULT_ROWS = 500
#: What Binance says of a perpetual contract: it ends in the year 2100.
PERPETUAL_END_MS = 4_133_404_800_000


class BinanceUsdmDialect:
    """Binance USD-M futures.

    Parameters
    ----------
    venue : Venue
        What it speaks for.
    account : LoopbackAccount
        The account of all keys.
    """

    name = "binanceusdm"
    #: What an account here owns.
    money = FuturesMoney

    def __init__(self, venue: Venue, account: LoopbackAccount) -> None:
        self._venue = venue
        self._account = account
        self._private = BinancePrivate(venue, account)
        self._by_id = {id_of(market): market for market in venue.markets.values()}
        self._answers: dict[str, Callable[[Request], Answer]] = {
            "/fapi/v1/ping": lambda request: Answer({}),
            "/fapi/v1/time": self._time,
            "/fapi/v1/exchangeInfo": self._exchange_info,
            "/fapi/v1/klines": self._candles,
            # ccxt asks for these with credentials, before it trades; it takes the markets from the contracts above.
            "/sapi/v1/capital/config/getall": lambda request: Answer([]),
            "/sapi/v1/margin/allPairs": lambda request: Answer([]),
        }

    def prepare(self, client: Any) -> None:
        """Let ccxt find the errors of the futures: it looks for them by the address that it asked."""
        of_futures = client.exceptions["linear"]
        merged = {kind: {**client.exceptions[kind], **of_futures.get(kind, {})} for kind in ("exact", "broad")}
        client.exceptions = {**client.exceptions, **merged}

    def answer(self, request: Request) -> Answer | None:
        """Answer a request; None if there is no such path."""
        found = self._answers.get(request.path)
        return self._private.answer(request) if found is None else found(request)

    def stream(self, host: str, path: str) -> Stream | None:
        """Return the market streams, or that of the account."""
        if (host, path) == ("fstream.binance.com", "/private/ws"):
            return BinanceUserStream(self._venue, self._account)
        if host != "fstream.binance.com" or not path.startswith(("/market/ws", "/ws")):
            return None
        return BinanceStream(self._venue, self._by_id)

    def _time(self, request: Request) -> Answer:
        return Answer({"serverTime": self._venue.now()})

    def _exchange_info(self, request: Request) -> Answer:
        contracts = [_contract(name, market) for name, market in self._by_id.items()]
        return Answer({"timezone": "UTC", "serverTime": self._venue.now(), "rateLimits": [], "symbols": contracts})

    def _candles(self, request: Request) -> Answer:
        params = request.params
        market = self._by_id.get(params.get("symbol", ""))
        if market is None:
            return binance_error(-1121, "Invalid symbol.")
        if params.get("interval") != "1m":
            return binance_error(-1120, "Invalid interval.")
        limit = int(params.get("limit", DEFAULT_ROWS))
        if not 1 <= limit <= MAX_ROWS:
            return binance_error(-1130, "Data sent for parameter 'limit' is not valid.")
        since = int(params["startTime"]) if "startTime" in params else None
        until = int(params["endTime"]) if "endTime" in params else None
        # From the start on, if it is given; else the newest.
        part = {"newest": limit} if since is None else {"oldest": limit}
        rows = market.shown(self._venue.now(), since, until, **part)
        return Answer.of_rows([_rest_row(row) for row in rows])


class BinanceStream:
    """One connection to Binance's market streams: ``btcusdt@kline_1m``."""

    def __init__(self, venue: Venue, by_id: dict[str, LoopbackMarket]) -> None:
        self._venue = venue
        self._by_id = by_id
        # For each subscribed market the newest candle that was sent; None before the first.
        self._sent: dict[str, Rows | None] = {}

    def opened(self) -> list[Any]:
        """Return nothing: Binance says nothing first."""
        return []

    def received(self, message: Any) -> list[Any]:
        """Subscribe or unsubscribe."""
        for name in message.get("params", ()):
            symbol, _, kind = name.partition("@")
            if kind != "kline_1m" or symbol.upper() not in self._by_id:
                return [{"id": message.get("id"), "error": {"code": 2, "msg": f"Invalid request: unknown {name}"}}]
            if message.get("method") == "SUBSCRIBE":
                self._sent.setdefault(symbol.upper(), None)
            else:
                self._sent.pop(symbol.upper(), None)
        return [{"result": None, "id": message.get("id")}]

    def due(self) -> list[Any]:
        """Return the candles that have changed since the last call; Binance sends no snapshot first."""
        messages = []
        for name, sent in self._sent.items():
            now = self._venue.now()
            since = now - now % MINUTE_MS if sent is None else int(sent[TIMESTAMP])
            shown = self._by_id[name].shown(now, since=since)
            changed = [row for row in shown if sent is None or row.tolist() != sent.tolist()]
            messages += [_kline(name, row, now) for row in changed]
            if changed:
                self._sent[name] = changed[-1]
        return messages


def _contract(name: str, market: LoopbackMarket) -> dict[str, Any]:
    step, lot = str(market.price_step), str(market.qty_step)
    return {
        "symbol": name,
        "pair": name,
        "contractType": "PERPETUAL",
        "deliveryDate": PERPETUAL_END_MS,
        "onboardDate": int(market.rows[0, TIMESTAMP]),
        "status": "TRADING",
        "baseAsset": market.base,
        "quoteAsset": market.quote,
        "marginAsset": market.quote,
        "pricePrecision": decimals(market.price_step),
        "quantityPrecision": decimals(market.qty_step),
        "baseAssetPrecision": 8,
        "quotePrecision": 8,
        "orderTypes": ["LIMIT", "MARKET", "STOP", "STOP_MARKET", "TAKE_PROFIT", "TAKE_PROFIT_MARKET"],
        "timeInForce": ["GTC", "IOC", "FOK", "GTX"],
        "filters": [
            {"filterType": "PRICE_FILTER", "minPrice": step, "maxPrice": "10000000", "tickSize": step},
            {"filterType": "LOT_SIZE", "minQty": str(market.min_qty), "maxQty": "1000000", "stepSize": lot},
            {"filterType": "MARKET_LOT_SIZE", "minQty": str(market.min_qty), "maxQty": "1000000", "stepSize": lot},
            {"filterType": "MIN_NOTIONAL", "notional": str(market.min_notional)},
        ],
    }


def _rest_row(row: Rows) -> list[Any]:
    opening = int(row[TIMESTAMP])
    prices = [repr(float(row[column])) for column in (OPEN, HIGH, LOW, CLOSE)]
    volume = repr(float(row[VOLUME]))
    return [opening, *prices, volume, opening + MINUTE_MS - 1, volume, 1, volume, volume, "0"]


def _kline(name: str, row: Rows, now: int) -> dict[str, Any]:
    opening = int(row[TIMESTAMP])
    candle = {
        "t": opening,
        "T": opening + MINUTE_MS - 1,
        "s": name,
        "i": "1m",
        "o": repr(float(row[OPEN])),
        "c": repr(float(row[CLOSE])),
        "h": repr(float(row[HIGH])),
        "l": repr(float(row[LOW])),
        "v": repr(float(row[VOLUME])),
        "n": 1,
        "x": opening + MINUTE_MS <= now,
    }
    return {"e": "kline", "E": now, "s": name, "k": candle}
