"""Made-up candles and orders for tests of strategies (`jesse.factories`, and in part `jesse.research`)."""

import random
from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from typing import Any

import numpy as np
import numpy.typing as npt

from livermore.candles import CLOSE, MINUTE_MS, OPEN, TIMESTAMP, VOLUME
from livermore.trading import Order, OrderType, Side
from livermore.typing import Rows

__all__ = ["candles_from_close_prices", "fake_candle", "fake_order", "fake_range_candles", "range_candles"]

_FAKE_START_MS = 1_609_459_200_000  # 2021-01-01 00:00 UTC
_FAKE_FIELDS = ("timestamp", "open", "close", "high", "low", "volume")

# Time and close of the latest fake candle, which the next one follows; one for each thread or task.
_previous_fake: ContextVar[tuple[int, int] | None] = ContextVar("previous_fake_candle", default=None)


def candles_from_close_prices(prices: Sequence[float] | npt.NDArray[Any]) -> Rows:
    """Make candles that close at the given prices, a minute each, from 2021-01-01 00:00 UTC on.

    Each opens where the last one closed (the first one half a unit below its close); volumes are whole numbers up to
    200 from Python's `random`.

    Parameters
    ----------
    prices : sequence of float

    Returns
    -------
    ndarray of shape (len(prices), 6)

    Examples
    --------
    >>> candles_from_close_prices([10, 12, 11])[:, 1:5]
    array([[ 9.5, 10. , 10. ,  9.5],
           [10. , 12. , 12. , 10. ],
           [12. , 11. , 12. , 11. ]])
    """
    closes = np.asarray(prices, dtype=np.float64)
    candles = np.empty((len(closes), 6))
    if len(closes) == 0:
        return candles
    opens = np.r_[closes[0] - 0.5, closes[:-1]]
    candles[:, TIMESTAMP] = _FAKE_START_MS + MINUTE_MS * np.arange(len(closes), dtype=np.int64)
    candles[:, OPEN] = opens
    candles[:, CLOSE] = closes
    candles[:, 3] = np.maximum(opens, closes)
    candles[:, 4] = np.minimum(opens, closes)
    candles[:, VOLUME] = [random.randint(0, 200) for _ in closes]
    return candles


def fake_candle(attributes: Mapping[str, float] | None = None, reset: bool = False) -> Rows:
    """Make a candle that follows the one made before, a minute later and one to eight units higher.

    Parameters
    ----------
    attributes : mapping, optional
        Values to use instead: timestamp, open, close, high, low, volume.
    reset : bool
        Start again at 2020-12-31 23:59 UTC.

    Returns
    -------
    ndarray of shape (6,)

    Examples
    --------
    >>> first, second = fake_candle(reset=True), fake_candle({"volume": 3})
    >>> bool(second[1] == first[2]), int(second[0] - first[0]), float(second[5])
    (True, 60000, 3.0)
    """
    previous = None if reset else _previous_fake.get()
    time, open_ = previous or (_FAKE_START_MS - 2 * MINUTE_MS, random.randint(40, 110))
    time += MINUTE_MS
    close = open_ + random.randint(1, 8)
    _previous_fake.set((time, close))
    values: dict[str, float] = {
        "timestamp": time,
        "open": open_,
        "close": close,
        "high": max(open_, close),
        "low": min(open_ - 1, close),
        "volume": random.randint(1, 100),
    }
    values |= attributes or {}
    return np.array([values[name] for name in _FAKE_FIELDS], dtype=np.float64)


def fake_range_candles(count: int) -> Rows:
    """Make `count` fake candles in a row, from 2021-01-01 00:00 UTC on.

    Examples
    --------
    >>> candles = fake_range_candles(5)
    >>> candles.shape, int(candles[0, 0])
    ((5, 6), 1609459200000)
    """
    fake_candle(reset=True)
    return np.array([fake_candle() for _ in range(count)]).reshape(count, 6)


def range_candles(count: int) -> Rows:
    """Make `count` fake candles in a row; the same as `fake_range_candles`, under the name of `jesse.factories`.

    Examples
    --------
    >>> range_candles(3).shape
    (3, 6)
    """
    return fake_range_candles(count)


def fake_order(attributes: Mapping[str, Any] | None = None) -> Order:
    """Make an order: a limit order that buys some BTC-USD, unless said otherwise.

    Parameters
    ----------
    attributes : mapping, optional
        Values to use instead: symbol, exchange, side, type, qty, price, reduce_only, submitted_via, created_at.

    Examples
    --------
    >>> order = fake_order({"side": "sell", "qty": -2})
    >>> str(order.side), order.qty, str(order.type)
    ('sell', -2.0, 'LIMIT')
    """
    values: dict[str, Any] = {
        "symbol": "BTC-USD",
        "exchange": "Sandbox",
        "side": "buy",
        "type": "LIMIT",
        "qty": random.randint(1, 10),
        "price": random.randint(40, 100),
        "created_at": _FAKE_START_MS,
    }
    values |= attributes or {}
    values["side"], values["type"] = Side(values["side"]), OrderType(values["type"])
    return Order(**values)
