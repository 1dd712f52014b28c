"""Candles of which each minute is known, and clients and feeds of the loopback exchange."""

import itertools
from typing import Any

import numpy as np

from livermore.candles import MINUTE_MS
from livermore.live import ExchangeFeed, Minute
from livermore.testing import LoopbackExchange

START = 1_704_067_200_000
#: Kraken wants them to rise, whatever object of ccxt signs.
NONCES = itertools.count(1)


def _candle(minute: int, opening: float, close: float, high: float, low: float) -> list[float]:
    return [START + 60_000 * minute, opening, close, high, low, 10]


#: Five minutes at 100, a rise to 110, a fall to 90, and 95 from then on.
ROWS = np.array(
    [_candle(i, 100, 100, 100, 100) for i in range(5)]
    + [_candle(5, 100, 110, 110, 100), _candle(6, 110, 90, 110, 90)]
    + [_candle(i, 95, 95, 95, 95) for i in range(7, 400)]
)


def connect(exchange: LoopbackExchange, kind: Any = "rest", **options: Any) -> Any:
    """Return an object of ccxt with keys. Requests are signed with the exchange's time, which may stand still."""
    client = exchange.client(kind, **{"apiKey": "key", "secret": "c2VjcmV0", "timeout": 30_000, **options})
    client.milliseconds = exchange.clock.now
    client.nonce = exchange.clock.now if exchange.name == "binanceusdm" else lambda: next(NONCES)
    return client


def follow(feed: ExchangeFeed, n: int, earliest: int) -> list[Minute]:
    """Return the next minutes, sleeping as a session does."""
    found: list[Minute] = []
    while len(found) < n:
        minutes = feed.poll(earliest)
        found += minutes
        if minutes:
            earliest = minutes[-1].time + MINUTE_MS
        else:
            due = feed.due()
            assert due is not None
            feed.clock.sleep_until(due)
    return found
