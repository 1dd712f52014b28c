"""Kraken spot as the loopback exchange speaks it: REST and websocket v2, as far as ccxt asks for it."""

from collections.abc import Iterable, Sequence
from typing import Any

from livermore.candles import CLOSE, HIGH, LOW, MINUTE_MS, OPEN, TIMESTAMP, VOLUME
from livermore.testing.loopback._account import LoopbackAccount
from livermore.testing.loopback._answers import Answer, Request
from livermore.testing.loopback._kraken_names import (
    asset_id,
    iso_time,
    kraken_error,
    kraken_result,
    pair_id,
    short_name,
)
from livermore.testing.loopback._kraken_private import KrakenExecutions, KrakenPrivate
from livermore.testing.loopback._market import LoopbackMarket, decimals
from livermore.testing.loopback._money import SpotMoney
from livermore.testing.loopback._venue import Stream, Venue
from livermore.typing import Rows

__all__ = ["KrakenDialect"]

#: Kraken shows the last 720 candles, whatever `since` asks for.
MAX_ROWS = 720


class KrakenDialect:
    """Kraken spot.

    Parameters
    ----------
    venue : Venue
        What it speaks for.
    account : LoopbackAccount
        The account of all keys.
    """

    name = "kraken"
    #: What an account here owns.
    money = SpotMoney

    def __init__(self, venue: Venue, account: LoopbackAccount) -> None:
        self._venue = venue
        self._account = account
        self._private = KrakenPrivate(venue, account)
        self._pairs = {pair_id(market): market for market in venue.markets.values()}
        self._answers = {
            "/0/public/Time": self._time,
            "/0/public/Assets": self._assets,
            "/0/public/AssetPairs": self._asset_pairs,
            "/0/public/OHLC": self._candles,
        }

    def prepare(self, client: Any) -> None:
        """Change nothing."""

    def answer(self, request: Request) -> Answer | None:
        """Answer a request; None if there is no such path."""
        found = self._answers.get(request.path)
        return self._private.answer(request) if found is None else found(request)

    def stream(self, host: str, path: str) -> Stream | None:
        """Return the public stream, or that of the account."""
        if (host, path) == ("ws-auth.kraken.com", "/v2"):
            return KrakenExecutions(self._account)
        return KrakenStream(self._venue) if (host, path) == ("ws.kraken.com", "/v2") else None

    def _time(self, request: Request) -> Answer:
        # Kraken tells whole seconds.
        return kraken_result({"unixtime": self._venue.now() // 1000})

    def _assets(self, request: Request) -> Answer:
        assets = {asset for market in self._pairs.values() for asset in (market.base, market.quote)}
        return kraken_result(
            {
                asset_id(asset): {
                    "aclass": "currency",
                    "altname": short_name(asset),
                    "decimals": 10,
                    "display_decimals": 5,
                    "status": "enabled",
                }
                for asset in sorted(assets)
            }
        )

    def _asset_pairs(self, request: Request) -> Answer:
        return kraken_result({name: _pair(market) for name, market in self._pairs.items()})

    def _candles(self, request: Request) -> Answer:
        market = self._pairs.get(request.params.get("pair", ""))
        if market is None:
            return kraken_error("EQuery:Unknown asset pair")
        if request.params.get("interval", "1") != "1":
            return kraken_error("EGeneral:Invalid arguments:interval")
        rows = market.shown(self._venue.now(), newest=MAX_ROWS)
        since = int(request.params.get("since", "0")) * 1000
        rows = rows[rows[:, TIMESTAMP] > since]

        def wrap(shown: Sequence[Any]) -> Any:
            # The last candle is not over; `last` is for the next request.
            return {"error": [], "result": {pair_id(market): list(shown), "last": shown[-2][0] if shown[1:] else 0}}

        return Answer.of_rows([_rest_row(row) for row in rows], wrap)


class KrakenStream:
    """One connection to Kraken's public websocket v2: the channel ``ohlc``."""

    def __init__(self, venue: Venue) -> None:
        self._venue = venue
        # The newest candle that each subscribed symbol was sent.
        self._sent: dict[str, Rows] = {}

    def opened(self) -> list[Any]:
        """Return the status message."""
        status = {"version": "2.0.10", "system": "online", "api_version": "v2", "connection_id": 1}
        return [{"channel": "status", "type": "update", "data": [status]}]

    def received(self, message: Any) -> list[Any]:
        """Subscribe, unsubscribe, answer a ping."""
        method, asked = message.get("method"), message.get("params", {})
        if method == "ping":
            return [{"method": "pong", "req_id": message.get("req_id")}]
        if asked.get("channel") != "ohlc" or method not in ("subscribe", "unsubscribe"):
            return [_refused(message, "Subscription name invalid")]
        answers: list[Any] = []
        for name in asked.get("symbol", ()):
            symbol = name.replace("/", "-")
            if symbol not in self._venue.markets:
                answers.append(_refused(message, f"Currency pair not supported {name}"))
                continue
            answers.append(
                {
                    "method": method,
                    "req_id": message.get("req_id"),
                    "success": True,
                    "result": {"channel": "ohlc", "symbol": name, "interval": asked.get("interval"), "snapshot": True},
                }
            )
            if method == "unsubscribe":
                self._sent.pop(symbol, None)
                continue
            shown = self._venue.markets[symbol].shown(self._venue.now(), newest=MAX_ROWS)
            if len(shown):
                answers.append(_ohlc("snapshot", symbol, shown, shown[-1]))
                self._sent[symbol] = shown[-1]
        return answers

    def due(self) -> list[Any]:
        """Return the candles that have changed since the last call, one message each."""
        messages = []
        for symbol, sent in self._sent.items():
            shown = self._venue.markets[symbol].shown(self._venue.now(), since=int(sent[TIMESTAMP]))
            changed = [row for row in shown if row[TIMESTAMP] > sent[TIMESTAMP] or row.tolist() != sent.tolist()]
            messages += [_ohlc("update", symbol, [row], row) for row in changed]
            if changed:
                self._sent[symbol] = changed[-1]
        return messages


def _refused(message: Any, reason: str) -> Any:
    return {"method": message.get("method"), "req_id": message.get("req_id"), "success": False, "error": reason}


def _pair(market: LoopbackMarket) -> dict[str, Any]:
    base, quote = short_name(market.base), short_name(market.quote)
    return {
        "altname": base + quote,
        "wsname": f"{base}/{quote}",
        "aclass_base": "currency",
        "base": asset_id(market.base),
        "aclass_quote": "currency",
        "quote": asset_id(market.quote),
        "pair_decimals": decimals(market.price_step),
        "lot_decimals": decimals(market.qty_step),
        "lot_multiplier": 1,
        "leverage_buy": [],
        "leverage_sell": [],
        "fees": [[0, 0.26]],
        "fees_maker": [[0, 0.16]],
        "ordermin": str(market.min_qty),
        "costmin": str(market.min_notional),
        "tick_size": str(market.price_step),
        "status": "online",
    }


def _rest_row(row: Rows) -> list[Any]:
    opening = int(row[TIMESTAMP]) // 1000
    prices = [repr(float(row[column])) for column in (OPEN, HIGH, LOW, CLOSE)]
    # Kraken's sixth is the volume-weighted price, its last the number of trades.
    return [opening, *prices, prices[3], repr(float(row[VOLUME])), 1]


def _ohlc(kind: str, symbol: str, rows: Iterable[Rows], newest: Rows) -> Any:
    return {
        "channel": "ohlc",
        "type": kind,
        "timestamp": iso_time(int(newest[TIMESTAMP])),
        "data": [_stream_row(symbol, row) for row in rows],
    }


def _stream_row(symbol: str, row: Rows) -> dict[str, Any]:
    opening = int(row[TIMESTAMP])
    return {
        "symbol": symbol.replace("-", "/"),
        "open": float(row[OPEN]),
        "high": float(row[HIGH]),
        "low": float(row[LOW]),
        "close": float(row[CLOSE]),
        "trades": 1,
        "volume": float(row[VOLUME]),
        "vwap": float(row[CLOSE]),
        "interval_begin": iso_time(opening),
        "interval": 1,
        "timestamp": iso_time(opening + MINUTE_MS),
    }
