"""The metrics dict of a backtest, made of its trades and of its equity curve.

The measures themselves are in `livermore.engine.measures`.
"""

import math
from collections.abc import Iterable, Sequence
from typing import Any, Protocol

import numpy as np

from livermore.engine.measures import (
    annual_return,
    autocorrelation_penalty,
    calmar_ratio,
    expectancy,
    max_drawdown,
    max_underwater_period,
    omega_ratio,
    quotient,
    returns_of,
    serenity_index,
    share,
    sharpe_ratio,
    sortino_ratio,
    streaks,
)
from livermore.typing import Booleans, Floats

__all__ = ["MeasuredTrade", "trade_metrics"]

MS_PER_DAY = 86_400_000
MS_PER_MINUTE = 60_000
DAYS_PER_WEEK = 7
DAYS_PER_MONTH = 30.44


class MeasuredTrade(Protocol):
    """What the metrics need to know of a closed trade."""

    @property
    def pnl(self) -> float:
        """Profit after fees, in the settlement currency."""

    @property
    def fee(self) -> float:
        """The fees of all its orders."""

    @property
    def type(self) -> str:
        """Either ``"long"`` or ``"short"``."""

    @property
    def holding_period(self) -> float:
        """Seconds from the fill that opened it to the fill that closed it."""


def trade_metrics(
    trades: Sequence[MeasuredTrade],
    balances: Sequence[float] | Floats,
    balance_times_ms: Sequence[float] | Floats,
    *,
    starting_balance: float,
    finishing_balance: float,
    annualization: int,
    first_time: float,
    last_time: float,
    total_open_trades: int,
    open_pl: float,
) -> dict[str, Any]:
    """Compute all metrics of a backtest.

    Parameters
    ----------
    trades : sequence of MeasuredTrade
        Closed trades in closing order.
    balances : array_like of shape (n,)
        Values of the equity curve, the first at the start.
    balance_times_ms : array_like of shape (n,)
        Their times, UTC ms.
    starting_balance, finishing_balance : float
        Of the settlement currency.
    annualization : int
        Trading days in a year, 365 or 252.
    first_time : float
        Opening time of the first trading minute, UTC ms.
    last_time : float
        The engine's clock now: the end of the last minute, UTC ms.
    total_open_trades : int
        Positions that the end of the run had to close.
    open_pl : float
        Their profit before that.

    Returns
    -------
    dict
        Python numbers by name. Without trades only ``total``, ``win_rate``, ``net_profit_percentage`` and
        ``annualization``.

    Examples
    --------
    >>> from types import SimpleNamespace as Trade
    >>> trades = [Trade(pnl=30.0, fee=1.0, type="long", holding_period=60.0),
    ...           Trade(pnl=-10.0, fee=1.0, type="short", holding_period=180.0)]
    >>> day = 86_400_000
    >>> metrics = trade_metrics(trades, [1000.0, 1030.0, 1020.0], [0, day, 2 * day], starting_balance=1000.0,
    ...                         finishing_balance=1020.0, annualization=365, first_time=0, last_time=2 * day,
    ...                         total_open_trades=0, open_pl=0.0)
    >>> metrics["total"], metrics["win_rate"], metrics["net_profit"], metrics["max_drawdown"]
    (2, 0.5, 20.0, -0.97)
    """
    if not trades:
        return {"total": 0, "win_rate": 0, "net_profit_percentage": 0, "annualization": annualization}
    pnl = _column(trade.pnl for trade in trades)
    values = np.asarray(balances, dtype=np.float64)
    times = np.asarray(balance_times_ms, dtype=np.float64)
    sides = np.array([trade.type == "long" for trade in trades])
    return {
        **_result_metrics(pnl, sides, starting_balance, finishing_balance),
        **_holding_metrics(pnl, _column(trade.holding_period for trade in trades)),
        "fee": float(_column(trade.fee for trade in trades).sum()),
        **_risk_metrics(values, times, annualization),
        "total_open_trades": int(total_open_trades),
        "open_pl": float(open_pl),
        **_streak_metrics(pnl),
        # A minute more than the run lasted, as Jesse counts it.
        **_frequency_metrics(len(trades), (last_time + MS_PER_MINUTE - first_time) / MS_PER_DAY),
    }


def _result_metrics(pnl: Floats, is_long: Booleans, start: float, finish: float) -> dict[str, Any]:
    """Return counts, rates and sums of profit."""
    wins, losses = pnl[pnl > 0], pnl[pnl < 0]
    average_win = float(wins.mean()) if len(wins) else math.nan
    average_loss = abs(float(losses.mean())) if len(losses) else math.nan
    longs = int(is_long.sum())
    longs_percentage = longs / len(pnl) * 100
    net, expected = float(pnl.sum()), expectancy(pnl)
    return {
        "total": len(pnl),
        "total_winning_trades": len(wins),
        "total_losing_trades": len(losses),
        "starting_balance": float(start),
        "finishing_balance": float(finish),
        "win_rate": _win_rate(pnl),
        "win_rate_longs": _win_rate(pnl[is_long]),
        "win_rate_shorts": _win_rate(pnl[~is_long]),
        "ratio_avg_win_loss": quotient(average_win, average_loss),
        "longs_count": longs,
        "longs_percentage": longs_percentage,
        "shorts_percentage": 100 - longs_percentage,
        "shorts_count": len(pnl) - longs,
        "net_profit": net,
        "net_profit_percentage": net / start * 100,
        "average_win": average_win,
        "average_loss": average_loss,
        "expectancy": expected,
        "expectancy_percentage": expected / start * 100,
        "expected_net_profit_every_100_trades": expected / start * 100 * 100,
        "gross_profit": float(wins.sum()),
        "gross_loss": float(losses.sum()),
        "largest_losing_trade": float(losses.min(initial=0.0)),
        "largest_winning_trade": float(wins.max(initial=0.0)),
    }


def _holding_metrics(pnl: Floats, seconds: Floats) -> dict[str, Any]:
    """Return mean holding periods."""
    won, lost = seconds[pnl > 0], seconds[pnl < 0]
    return {
        "average_holding_period": float(seconds.mean()),
        "average_winning_holding_period": float(won.mean()) if len(won) else math.nan,
        "average_losing_holding_period": float(lost.mean()) if len(lost) else math.nan,
    }


def _risk_metrics(balances: Floats, times_ms: Floats, annualization: int) -> dict[str, Any]:
    """Return the metrics of the equity curve."""
    returns = returns_of(balances)
    penalty = autocorrelation_penalty(returns)
    deepest, yearly = max_drawdown(returns), annual_return(returns, times_ms)
    return {
        "max_drawdown": deepest,
        "max_underwater_period": max_underwater_period(balances, times_ms),
        "annual_return": yearly,
        "annualization": annualization,
        "sharpe_ratio": sharpe_ratio(returns, annualization),
        "calmar_ratio": calmar_ratio(yearly, deepest),
        "sortino_ratio": sortino_ratio(returns, annualization),
        "smart_sharpe": sharpe_ratio(returns, annualization, penalty=penalty),
        "smart_sortino": sortino_ratio(returns, annualization, penalty=penalty),
        "omega_ratio": omega_ratio(returns),
        "serenity_index": serenity_index(returns),
    }


def _streak_metrics(pnl: Floats) -> dict[str, Any]:
    """Return run lengths."""
    winning, losing, current = streaks(pnl)
    return {"winning_streak": winning, "losing_streak": losing, "current_streak": current}


def _frequency_metrics(total: int, days: float) -> dict[str, Any]:
    """Return how often trades closed."""
    per_day = quotient(total, days)
    return {
        "avg_trades_per_day": per_day,
        "avg_trades_per_week": per_day * DAYS_PER_WEEK,
        "avg_trades_per_month": per_day * DAYS_PER_MONTH,
    }


def _win_rate(pnl: Floats) -> float:
    """Return the share of winners among the decided trades."""
    wins = int((pnl > 0).sum())
    return share(wins, wins + int((pnl < 0).sum()))


def _column(values: Iterable[float]) -> Floats:
    return np.fromiter(values, dtype=np.float64)
