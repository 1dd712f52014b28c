"""Capacity: how much of the market's volume the fills took, and how large the account may become."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from livermore.candles import timeframe_minutes
from livermore.errors import ConfigError
from livermore.trading import ClosedTrade
from livermore.typing import Floats

__all__ = ["Capacity", "capacity"]

Candles = Mapping[str, Mapping[str, Any]]

MINUTE = 60_000
TIMESTAMP, CLOSE, VOLUME = 0, 2, 5
# The share of a bar's volume above which an order moves the price by more than a backtest knows.
LARGEST_SHARE = 0.01
QUANTILE = 0.95


@dataclass(frozen=True)
class Capacity:
    """The share of the volume that fills took.

    Attributes
    ----------
    fills : int
        Fills whose bar has a volume.
    unknown : int
        Fills whose bar has none.
    median, high : float
        Median and 95 % quantile of a fill's share of the volume of its bar; NaN where no volume is known.
    limit : float
        The share that 95 % of the fills are to stay below.
    multiple : float
        By how much larger the account may be until they do not; NaN where no volume is known.

    Examples
    --------
    >>> found = Capacity(fills=200, unknown=3, median=0.0005, high=0.002, limit=0.01, multiple=5.0)
    >>> found.high * found.multiple <= found.limit
    True
    """

    fills: int
    unknown: int
    median: float
    high: float
    limit: float
    multiple: float


def capacity(trades: Sequence[ClosedTrade], candles: Candles, limit: float = LARGEST_SHARE) -> Capacity:
    """Compare the fills of a backtest with the volume of their bars.

    Parameters
    ----------
    trades : sequence of ClosedTrade
        ``SessionResult.closed_trades``.
    candles : mapping
        The one-minute candles of the backtest, as `BacktestSpec` takes them.
    limit : float
        The share of a bar's volume that 95 % of the fills are to stay below.

    Returns
    -------
    Capacity

    Raises
    ------
    ConfigError
        If the limit is no share above 0 and up to 1.

    Notes
    -----
    The bar of a fill is that of the route's timeframe which is running when it happens: after a market order at the
    close of one bar, it is the next. Amounts are taken to grow in proportion to the account. Impact on the price below
    the limit is not modelled; enter it as slippage.

    Examples
    --------
    >>> capacity([], {}).fills
    0
    """
    if not 0 < limit <= 1:
        raise ConfigError(f"limit must be a share of the volume above 0 and up to 1; it is {limit!r}")
    rows = {(str(entry["exchange"]), str(entry["symbol"])): entry["candles"] for entry in candles.values()}
    minutes = {key: np.asarray(found, dtype=np.float64) for key, found in rows.items()}
    shares = np.array([share for trade in trades for share in _shares(trade, minutes)], dtype=np.float64)
    known = shares[np.isfinite(shares)]
    if not known.size:
        return Capacity(0, shares.size, math.nan, math.nan, limit, math.nan)
    high = float(np.quantile(known, QUANTILE))
    return Capacity(
        fills=known.size,
        unknown=shares.size - known.size,
        median=float(np.median(known)),
        high=high,
        limit=limit,
        multiple=limit / high if high > 0 else math.inf,
    )


def _shares(trade: ClosedTrade, minutes: Mapping[tuple[str, str], Floats]) -> list[float]:
    """Return each fill's share of the volume of its bar; NaN where that has none."""
    rows = minutes.get((trade.exchange, trade.symbol))
    span = timeframe_minutes(trade.timeframe) * MINUTE
    shares = []
    for order in trade.orders:
        volume = math.nan if rows is None else _value_of_bar(rows, float(order.executed_at or 0.0), span)
        shares.append(abs(float(order.qty)) * float(order.price) / volume if volume > 0 else math.nan)
    return shares


def _value_of_bar(rows: Floats, time: float, span: int) -> float:
    """Return the value of what was traded in the bar that runs at a time, in the quote currency.

    The end of the last bar belongs to it: after it there is none.
    """
    start = min(time, float(rows[-1, TIMESTAMP])) // span * span
    first, last = np.searchsorted(rows[:, TIMESTAMP], [start, start + span])
    return float((rows[first:last, VOLUME] * rows[first:last, CLOSE]).sum())
