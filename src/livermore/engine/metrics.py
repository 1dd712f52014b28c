"""What a backtest was worth: every key of the metrics dict, as functions of its trades and balance samples.

`trade_metrics` collects the keys; each public function below it computes one of them from plain arrays, so that a
report, a test or a strategy can use it by itself. Returns are those between successive balance samples, which the
engine takes about once a day. Nothing here warns: what cannot be computed is nan.
"""

import math
from collections.abc import Iterable, Sequence
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

__all__ = [
    "MeasuredTrade",
    "annual_return",
    "autocorrelation_penalty",
    "calmar_ratio",
    "drawdown_series",
    "expectancy",
    "max_drawdown",
    "max_underwater_period",
    "omega_ratio",
    "returns_of",
    "serenity_index",
    "sharpe_ratio",
    "sortino_ratio",
    "streaks",
    "trade_metrics",
]

Numbers = npt.NDArray[np.float64]

MS_PER_DAY = 86_400_000
MS_PER_MINUTE = 60_000
DAYS_PER_YEAR = 365
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
    balances: Sequence[float] | Numbers,
    balance_times_ms: Sequence[float] | Numbers,
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
        Balance samples, the first being the start.
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
    samples = np.asarray(balances, dtype=np.float64)
    times = np.asarray(balance_times_ms, dtype=np.float64)
    sides = np.array([trade.type == "long" for trade in trades])
    return {
        **_result_metrics(pnl, sides, starting_balance, finishing_balance),
        **_holding_metrics(pnl, _column(trade.holding_period for trade in trades)),
        "fee": float(_column(trade.fee for trade in trades).sum()),
        **_risk_metrics(samples, times, annualization),
        "total_open_trades": int(total_open_trades),
        "open_pl": float(open_pl),
        **_streak_metrics(pnl),
        # A minute more than the run lasted, as Jesse counts it.
        **_frequency_metrics(len(trades), (last_time + MS_PER_MINUTE - first_time) / MS_PER_DAY),
    }


def returns_of(balances: Sequence[float] | Numbers) -> Numbers:
    """Return the relative changes between successive balances.

    Parameters
    ----------
    balances : array_like of shape (n,)

    Returns
    -------
    ndarray of shape (n - 1,)

    Examples
    --------
    >>> returns_of([100.0, 110.0, 99.0]).round(6).tolist()
    [0.1, -0.1]
    """
    samples = np.asarray(balances, dtype=np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(samples[1:] / samples[:-1] - 1.0)


def sharpe_ratio(returns: Numbers, annualization: int, *, penalty: float = 1.0) -> float:
    """Return mean over standard deviation (ddof 1) of the returns, annualised [1]_.

    Parameters
    ----------
    returns : ndarray of shape (m,)
    annualization : int
        Returns in a year.
    penalty : float, default 1.0
        Multiplies the divisor; with `autocorrelation_penalty` the result is the "smart" Sharpe ratio.

    References
    ----------
    .. [1] Sharpe, W. F. (1994). The Sharpe ratio. Journal of Portfolio Management 21(1).

    Examples
    --------
    >>> sharpe_ratio(np.array([0.01, 0.03]), 365)
    27.018...
    """
    if len(returns) < 2:
        return math.nan
    return _quotient(float(returns.mean()), float(returns.std(ddof=1)) * penalty) * math.sqrt(annualization)


def sortino_ratio(returns: Numbers, annualization: int, *, penalty: float = 1.0) -> float:
    """Return mean over downside deviation of the returns, annualised [1]_.

    The downside deviation divides by the number of balance samples, which is one more than there are returns, as Jesse
    does. Without any loss the result is infinite, with the sign of the mean.

    Parameters
    ----------
    returns : ndarray of shape (m,)
    annualization : int
        Returns in a year.
    penalty : float, default 1.0
        Multiplies the divisor, as in `sharpe_ratio`.

    References
    ----------
    .. [1] Sortino, F. & Price, L. (1994). Performance measurement in a downside risk framework. Journal of
       Investing 3(3).

    Examples
    --------
    >>> sortino_ratio(np.array([0.02, -0.01]), 365)
    16.546...
    """
    if not len(returns):
        return math.nan
    mean = float(returns.mean())
    downside = math.sqrt(float(np.square(returns[returns < 0]).sum()) / (len(returns) + 1))
    if downside == 0:
        return math.inf if mean > 0 else -math.inf
    return mean / (downside * penalty) * math.sqrt(annualization)


def autocorrelation_penalty(returns: Numbers) -> float:
    """Return by how much serial correlation inflates a Sharpe ratio; 1 if there is none [1]_.

    Parameters
    ----------
    returns : ndarray of shape (m,)

    Returns
    -------
    float
        √(1 + 2·Σ (m−k)/m · ρᵏ), k from 1 to m−1, ρ the absolute correlation of successive returns; nan if m < 3 or the
        returns do not vary.

    References
    ----------
    .. [1] Lo, A. (2002). The statistics of Sharpe ratios. Financial Analysts Journal 58(4).

    Examples
    --------
    >>> autocorrelation_penalty(np.array([1.0, -1.0, -1.0, 1.0, 1.0]) / 100)
    1.0
    """
    m = len(returns)
    if m < 3:
        return math.nan
    before, after = returns[:-1] - returns[:-1].mean(), returns[1:] - returns[1:].mean()
    spread = math.sqrt(float(before @ before)) * math.sqrt(float(after @ after))
    correlation = abs(_quotient(float(before @ after), spread))
    lags = np.arange(1, m)
    return math.sqrt(1.0 + 2.0 * float(((m - lags) / m * correlation**lags).sum()))


def omega_ratio(returns: Numbers) -> float:
    """Return the sum of gains over the sum of losses; nan without losses [1]_.

    Parameters
    ----------
    returns : ndarray of shape (m,)

    References
    ----------
    .. [1] Keating, C. & Shadwick, W. (2002). A universal performance measure. Journal of Performance Measurement 6(3).

    Examples
    --------
    >>> omega_ratio(np.array([0.03, -0.01]))
    3.0
    """
    losses = -float(returns[returns < 0].sum())
    return float(returns[returns > 0].sum()) / losses if losses > 0 else math.nan


def drawdown_series(returns: Numbers) -> Numbers:
    """Return how far compounded returns lie below their highest value so far, as fractions ≤ 0.

    The first return sets the first peak: a loss before the first sample after the start is not a drawdown.

    Parameters
    ----------
    returns : ndarray of shape (m,)

    Returns
    -------
    ndarray of shape (m,)

    Examples
    --------
    >>> drawdown_series(np.array([0.1, -0.5, 0.5])).tolist()
    [0.0, -0.5, -0.25]
    """
    grown = np.cumprod(1.0 + returns)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(grown / np.maximum.accumulate(grown) - 1.0)


def max_drawdown(returns: Numbers) -> float:
    """Return the deepest drawdown in percent, a number ≤ 0.

    Parameters
    ----------
    returns : ndarray of shape (m,)

    Examples
    --------
    >>> max_drawdown(np.array([0.1, -0.5, 0.5]))
    -50.0
    """
    return float(drawdown_series(returns).min()) * 100 if len(returns) else math.nan


def max_underwater_period(balances: Numbers, times_ms: Numbers) -> float:
    """Return the longest time between a peak of the balance and a later sample below it, in whole days.

    Parameters
    ----------
    balances, times_ms : ndarray of shape (n,)

    Examples
    --------
    >>> max_underwater_period(np.array([5.0, 4.0, 3.0, 6.0]), np.arange(4) * 86_400_000.0)
    2.0
    """
    if len(balances) < 2:
        return math.nan
    at_peak = balances >= np.maximum.accumulate(balances)
    peak = np.maximum.accumulate(np.where(at_peak, np.arange(len(balances)), 0))
    return float(np.max((times_ms - times_ms[peak]) // MS_PER_DAY))


def annual_return(returns: Numbers, times_ms: Numbers) -> float:
    """Return the compound growth per year in percent.

    Parameters
    ----------
    returns : ndarray of shape (n - 1,)
    times_ms : ndarray of shape (n,)
        Times of the balance samples, UTC ms. Only whole days count; with none the result is 0.

    Examples
    --------
    >>> annual_return(np.array([0.5]), np.array([0.0, 365 * 86_400_000.0]))
    50.0
    """
    if not len(returns):
        return math.nan
    days = (times_ms[-1] - times_ms[0]) // MS_PER_DAY
    if days <= 0:
        return 0.0
    grown = min(max(float(np.prod(1.0 + returns)), 1e-10), 1e10)
    return (_power(grown, DAYS_PER_YEAR / float(days)) - 1.0) * 100


def calmar_ratio(annual_return_percent: float, max_drawdown_percent: float) -> float:
    """Return the annual return over the depth of the deepest drawdown; 0 without one [1]_.

    Parameters
    ----------
    annual_return_percent, max_drawdown_percent : float

    References
    ----------
    .. [1] Young, T. W. (1991). Calmar ratio: a smoother tool. Futures 20(1).

    Examples
    --------
    >>> calmar_ratio(50.0, -25.0)
    2.0
    """
    if max_drawdown_percent == 0:
        return 0.0
    return (annual_return_percent / 100) / abs(max_drawdown_percent / 100)


def serenity_index(returns: Numbers) -> float:
    """Return the total return over the product of ulcer index and pitfall indicator [1]_.

    The ulcer index is the root mean square of the drawdowns [2]_; the pitfall indicator is the mean of the worst 5 % of
    the drawdowns (at least one), as a positive number, over the standard deviation (ddof 1) of the returns.

    Parameters
    ----------
    returns : ndarray of shape (m,)

    Returns
    -------
    float
        0 without any drawdown, as for `calmar_ratio`; nan with fewer than two returns.

    References
    ----------
    .. [1] KeyQuant (2015). Introducing the serenity ratio. White paper.
    .. [2] Martin, P. & McCann, B. (1989). The investor's guide to Fidelity funds. Wiley.

    Examples
    --------
    >>> serenity_index(np.array([0.10, -0.05, 0.02, -0.01]))
    2.130...
    """
    if len(returns) < 2:
        return math.nan
    drawdowns = -drawdown_series(returns)
    ulcer = math.sqrt(float(np.square(drawdowns).mean()))
    if ulcer == 0:
        return 0.0
    worst = np.sort(drawdowns)[-max(1, len(drawdowns) // 20) :]
    pitfall = _quotient(float(worst.mean()), float(returns.std(ddof=1)))
    return _quotient(float(returns.sum()), ulcer * pitfall)


def expectancy(pnl: Numbers) -> float:
    """Return what a trade is expected to earn: mean win times win rate less mean loss times loss rate.

    Parameters
    ----------
    pnl : ndarray of shape (k,)
        Trades that neither won nor lost count for nothing.

    Examples
    --------
    >>> expectancy(np.array([30.0, -10.0]))
    10.0
    """
    wins, losses = pnl[pnl > 0], pnl[pnl < 0]
    rate = _share(len(wins), len(wins) + len(losses))
    average_win = float(wins.mean()) if len(wins) else 0.0
    average_loss = -float(losses.mean()) if len(losses) else 0.0
    return average_win * rate - average_loss * (1 - rate)


def streaks(pnl: Numbers) -> tuple[int, int, int]:
    """Return the longest run of winners, the longest run of losers, and the last run, negative if of losers.

    Parameters
    ----------
    pnl : ndarray of shape (k,)
        In closing order.

    Examples
    --------
    >>> streaks(np.array([1.0, 2.0, -1.0, 3.0, -1.0, -2.0, -5.0]))
    (2, 3, -3)
    """
    if not len(pnl):
        return 0, 0, 0
    signs = np.sign(pnl)
    starts = np.concatenate(([0], np.flatnonzero(np.diff(signs)) + 1))
    lengths = np.diff(np.append(starts, len(signs)))
    kinds = signs[starts]
    return (
        int(lengths[kinds > 0].max(initial=0)),
        int(lengths[kinds < 0].max(initial=0)),
        int(lengths[-1] * kinds[-1]),
    )


def _result_metrics(pnl: Numbers, is_long: npt.NDArray[np.bool_], start: float, finish: float) -> dict[str, Any]:
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
        "ratio_avg_win_loss": _quotient(average_win, average_loss),
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


def _holding_metrics(pnl: Numbers, seconds: Numbers) -> dict[str, Any]:
    """Return mean holding periods."""
    won, lost = seconds[pnl > 0], seconds[pnl < 0]
    return {
        "average_holding_period": float(seconds.mean()),
        "average_winning_holding_period": float(won.mean()) if len(won) else math.nan,
        "average_losing_holding_period": float(lost.mean()) if len(lost) else math.nan,
    }


def _risk_metrics(balances: Numbers, times_ms: Numbers, annualization: int) -> dict[str, Any]:
    """Return what the balance samples tell."""
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


def _streak_metrics(pnl: Numbers) -> dict[str, Any]:
    """Return run lengths."""
    winning, losing, current = streaks(pnl)
    return {"winning_streak": winning, "losing_streak": losing, "current_streak": current}


def _frequency_metrics(total: int, days: float) -> dict[str, Any]:
    """Return how often trades closed."""
    per_day = _quotient(total, days)
    return {
        "avg_trades_per_day": per_day,
        "avg_trades_per_week": per_day * DAYS_PER_WEEK,
        "avg_trades_per_month": per_day * DAYS_PER_MONTH,
    }


def _win_rate(pnl: Numbers) -> float:
    """Return the share of winners among the decided trades."""
    wins = int((pnl > 0).sum())
    return _share(wins, wins + int((pnl < 0).sum()))


def _share(part: int, whole: int) -> float:
    """Return part over whole, 0 of nothing."""
    return part / whole if whole else 0.0


def _quotient(dividend: float, divisor: float) -> float:
    """Return the quotient as floating point defines it, without raising."""
    if divisor == 0:
        return math.nan if dividend == 0 or math.isnan(dividend) else math.copysign(math.inf, dividend)
    return dividend / divisor


def _power(base: float, exponent: float) -> float:
    """Return base to the exponent, infinite where that is too large."""
    try:
        return float(base**exponent)
    except OverflowError:
        return math.inf


def _column(values: Iterable[float]) -> Numbers:
    return np.fromiter(values, dtype=np.float64)
