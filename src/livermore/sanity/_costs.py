"""Costs: what is left of a trade's return at other fees and with slippage, where nothing is left, and turnover.

The trades are held fixed: at other costs a strategy would trade the same bars, with slightly different amounts.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from livermore.errors import ConfigError
from livermore.trading import ClosedTrade
from livermore.typing import Floats, Integers

__all__ = ["COSTS", "TradedAmounts", "break_even_cost", "cost_curve", "turnover"]

# Slippage per side, as a fraction, on top of the fee.
COSTS = (0.0, 0.0001, 0.0002, 0.0005, 0.001, 0.002)
YEAR = 365.25 * 86_400_000
# Intervals of fewer trades cover too little: with one trade in five a win, 61 % at four trades, 87 % at ten.
FEWEST = 10
NORMAL_95 = 1.96


@dataclass(frozen=True, eq=False)
class TradedAmounts:
    """What closed trades moved and earned, in order of opening.

    Attributes
    ----------
    opened, closed : ndarray of shape (n,)
        UTC seconds.
    size : ndarray of shape (n,)
        Value of what was bought or sold at the entries, in the settlement currency.
    traded : ndarray of shape (n,)
        Value of all fills, entries and exits.
    gross : ndarray of shape (n,)
        Profit before fees.
    fee : ndarray of shape (n,)
        Fees of all fills.
    symbol : ndarray of shape (n,), optional
        A number for the symbol of each trade. Without it all trades are taken to be of one.

    Examples
    --------
    >>> from livermore.engine import BacktestSpec
    >>> from livermore.testing import example_backtest
    >>> trades = TradedAmounts.of(BacktestSpec(**example_backtest(days=2)).run().closed_trades)
    >>> len(trades.gross) == len(trades.fee)
    True
    """

    opened: Integers
    closed: Integers
    size: Floats
    traded: Floats
    gross: Floats
    fee: Floats
    symbol: Integers | None = None

    def __len__(self) -> int:
        return len(self.opened)

    @classmethod
    def of(cls, trades: Sequence[ClosedTrade]) -> "TradedAmounts":
        """Read closed trades (``SessionResult.closed_trades``); those without a size are left out."""
        used = sorted((t for t in trades if t.size > 0), key=lambda trade: float(trade.opened_at or 0.0))
        fee = np.array([trade.fee for trade in used], dtype=np.float64)
        return cls(
            opened=np.array([(trade.opened_at or 0.0) // 1000 for trade in used], dtype=np.int64),
            closed=np.array([(trade.closed_at or 0.0) // 1000 for trade in used], dtype=np.int64),
            size=np.array([trade.size for trade in used], dtype=np.float64),
            traded=np.array([_filled(trade) for trade in used], dtype=np.float64),
            gross=np.array([trade.pnl for trade in used], dtype=np.float64) + fee,
            fee=fee,
            symbol=np.unique([f"{trade.exchange} {trade.symbol}" for trade in used], return_inverse=True)[1],
        )

    def mean(self, values: Floats) -> tuple[float, float]:
        """Return the mean over the trades and its standard error, which knows that trades may overlap.

        The error is NaN with fewer than ten trades.
        """
        from livermore.ml.evidence import long_run_test
        from livermore.ml.labels import LabelWindows

        if len(self) < FEWEST:
            return (float(values.mean()) if len(self) else math.nan), math.nan
        mean, error, _ = long_run_test(values, LabelWindows.of(self.opened, np.maximum(self.closed, self.opened)))
        return mean, error


def cost_curve(trades: TradedAmounts, slippages: Sequence[float] = COSTS) -> list[dict[str, Any]]:
    """Return what a trade brings at several costs.

    Parameters
    ----------
    trades : TradedAmounts
        The trades.
    slippages : sequence of float
        Slippage on each fill, as a fraction of its value, on top of the fees that were paid.

    Returns
    -------
    list of dict
        First a row without any costs, then one for each slippage: `name`, `slippage` (None for the first row), `cost`
        (fee and slippage per side, a fraction), `net_return` (mean over the trades, a fraction of their size), `low`
        and `high` (95 %; NaN with fewer than ten trades) and `profit` (sum, in the settlement currency).

    Raises
    ------
    ConfigError
        If a slippage is no fraction from 0 to below 1.

    Examples
    --------
    >>> trades = TradedAmounts(
    ...     opened=np.array([0, 60]), closed=np.array([30, 90]), size=np.array([100.0, 100.0]),
    ...     traded=np.array([200.0, 200.0]), gross=np.array([1.0, -0.5]), fee=np.array([0.1, 0.1]),
    ... )
    >>> [(row["name"], round(row["profit"], 2)) for row in cost_curve(trades, (0.0, 0.001))]
    [('no costs', 0.5), ('fees', 0.3), ('fees, slippage 10 bp', -0.1)]
    """
    for slippage in slippages:
        if not 0 <= slippage < 1:
            raise ConfigError(f"a slippage must be a fraction from 0 to below 1, such as 0.0005; it is {slippage!r}")
    fee_rate = float(trades.fee.sum() / trades.traded.sum()) if len(trades) else math.nan
    rows = [_row(trades, "no costs", None, 0.0, trades.gross)]
    for slippage in slippages:
        name = f"fees, slippage {10_000 * slippage:g} bp" if slippage else "fees"
        net = trades.gross - trades.fee - slippage * trades.traded
        rows.append(_row(trades, name, slippage, fee_rate + slippage, net))
    return rows


def break_even_cost(trades: TradedAmounts) -> tuple[float, float, float]:
    """Return the cost per side at which nothing is earned, with its 95 % interval.

    Parameters
    ----------
    trades : TradedAmounts
        The trades.

    Returns
    -------
    (cost, low, high) : tuple of float
        Fractions of the value of a fill: profit before fees divided by all that was traded. Negative where even
        without costs nothing is earned; NaN without trades, and the interval with fewer than ten.

    Notes
    -----
    The interval is that of a ratio of means by linearization (Cochran 1977, section 6.4), with a standard error that
    knows that trades may overlap.

    Examples
    --------
    >>> trades = TradedAmounts(
    ...     opened=np.array([0, 60]), closed=np.array([30, 90]), size=np.array([100.0, 100.0]),
    ...     traded=np.array([200.0, 200.0]), gross=np.array([1.0, -0.5]), fee=np.array([0.1, 0.1]),
    ... )
    >>> break_even_cost(trades)[0]
    0.00125
    """
    if not len(trades) or not trades.traded.sum() > 0:
        return math.nan, math.nan, math.nan
    cost = float(trades.gross.sum() / trades.traded.sum())
    _, error = trades.mean(trades.gross - cost * trades.traded)
    half = NORMAL_95 * error / float(trades.traded.mean())
    return cost, cost - half, cost + half


def turnover(trades: TradedAmounts, balance_times: Sequence[float], balances: Sequence[float]) -> float:
    """Return how many times a year the account is traded: the value of all fills over the mean balance.

    Parameters
    ----------
    trades : TradedAmounts
        The trades.
    balance_times, balances : sequence of float
        The equity curve: UTC ms and values (``SessionResult.balance_times`` and ``balances``).

    Returns
    -------
    float
        NaN where the curve has no length or no positive mean.

    Examples
    --------
    >>> trades = TradedAmounts(*(np.array([value]) for value in (0, 60, 100.0, 200.0, 1.0, 0.1)))
    >>> round(turnover(trades, [0.0, 86_400_000.0 * 365.25], [50.0, 50.0]))
    4
    """
    years = (balance_times[-1] - balance_times[0]) / YEAR if len(balance_times) else 0.0
    balance = float(np.mean(balances)) if len(balances) else 0.0
    return float(trades.traded.sum()) / balance / years if years > 0 and balance > 0 else math.nan


def _row(trades: TradedAmounts, name: str, slippage: float | None, cost: float, profit: Floats) -> dict[str, Any]:
    mean, error = trades.mean(profit / trades.size)
    return {
        "name": name,
        "slippage": slippage,
        "cost": cost,
        "net_return": mean,
        "low": mean - NORMAL_95 * error,
        "high": mean + NORMAL_95 * error,
        "profit": float(profit.sum()),
    }


def _filled(trade: ClosedTrade) -> float:
    """Return the value of all fills of a trade."""
    return float(sum((fills[:, 0] * fills[:, 1]).sum() for fills in (trade.buy_orders, trade.sell_orders)))
