"""Binance's user stream."""

from typing import Any

from livermore.testing.loopback._account import AccountEvent, LoopbackAccount
from livermore.testing.loopback._binance_names import STATUS, id_of, kind_of, number_of, status_of
from livermore.testing.loopback._venue import Venue

__all__ = ["BinanceUserStream"]


class BinanceUserStream:
    """One connection to the user stream: ``ORDER_TRADE_UPDATE``; ``ALGO_UPDATE`` of orders that wait for a trigger."""

    def __init__(self, venue: Venue, account: LoopbackAccount) -> None:
        self._venue = venue
        self._account = account
        self._told = len(account.events)

    def opened(self) -> list[Any]:
        """Return nothing: the stream tells what happens from now on."""
        return []

    def received(self, message: Any) -> list[Any]:
        """Answer with nothing."""
        return []

    def due(self) -> list[Any]:
        """Return what has happened since the last call."""
        self._account.match()
        events, self._told = self._account.events[self._told :], len(self._account.events)
        return [self._update(event) for event in events]

    def _update(self, event: AccountEvent) -> dict[str, Any]:
        order, trade = event
        now = order.updated_at
        market = self._venue.markets[order.symbol]
        common = {"s": id_of(market), "S": order.side.upper(), "q": f"{order.qty:f}", "ps": "BOTH", "f": "GTC"}
        if order.is_waiting:
            told = {"aid": number_of(order.id), "caid": order.client_id, "o": kind_of(order), "X": status_of(order)}
            prices = {"tp": f"{order.trigger or 0:f}", "p": f"{order.price or 0:f}", "R": order.reduce_only}
            return {"e": "ALGO_UPDATE", "E": now, "T": now, "o": {**common, **told, **prices}}
        told = {
            "c": order.client_id,
            "i": number_of(order.id),
            "o": order.kind.upper(),
            "ot": kind_of(order),
            "x": "TRADE" if trade is not None else STATUS[order.status],
            "X": status_of(order),
            "p": f"{order.price or 0:f}",
            "sp": f"{order.trigger or 0:f}",
            "ap": f"{order.average:f}",
            "z": f"{order.filled:f}",
            "Z": f"{order.cost:f}",
            "R": order.reduce_only,
            "T": now,
        }
        fill: dict[str, Any] = {}
        if trade is not None:
            fill = {
                "l": f"{trade.qty:f}",
                "L": f"{trade.price:f}",
                "t": number_of(trade.id),
                "n": f"{trade.fee:f}",
                "N": market.quote,
                "m": trade.maker,
                "rp": f"{trade.realized:f}",
            }
        return {"e": "ORDER_TRADE_UPDATE", "E": now, "T": now, "o": {**common, **told, **fill}}
