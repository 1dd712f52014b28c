"""Performance measures: pure functions of returns, of the equity curve, and of the profits of trades.

Returns are those between successive values of the equity curve, which a session records about once a day. Nothing here
warns: what cannot be computed is nan.
"""

import math
from collections.abc import Sequence

import numpy as np

from livermore.typing import Floats

__all__ = [
    "annual_return",
    "autocorrelation_penalty",
    "calmar_ratio",
    "drawdown_series",
    "expectancy",
    "max_drawdown",
    "max_underwater_period",
    "omega_ratio",
    "quotient",
    "returns_of",
    "serenity_index",
    "share",
    "sharpe_ratio",
    "sortino_ratio",
    "streaks",
]

MS_PER_DAY = 86_400_000
DAYS_PER_YEAR = 365


def returns_of(balances: Sequence[float] | Floats) -> Floats:
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
    values = np.asarray(balances, dtype=np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(values[1:] / values[:-1] - 1.0)


def sharpe_ratio(returns: Floats, annualization: int, *, penalty: float = 1.0) -> float:
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
    return quotient(float(returns.mean()), float(returns.std(ddof=1)) * penalty) * math.sqrt(annualization)


def sortino_ratio(returns: Floats, annualization: int, *, penalty: float = 1.0) -> float:
    """Return mean over downside deviation of the returns, annualised [1]_.

    The downside deviation divides by the number of values of the equity curve, which is one more than there are
    returns, as in Jesse. Without any loss the result is infinite, with the sign of the mean.

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


def autocorrelation_penalty(returns: Floats) -> float:
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
    correlation = abs(quotient(float(before @ after), spread))
    lags = np.arange(1, m)
    return math.sqrt(1.0 + 2.0 * float(((m - lags) / m * correlation**lags).sum()))


def omega_ratio(returns: Floats) -> float:
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


def drawdown_series(returns: Floats) -> Floats:
    """Return how far compounded returns lie below their highest value so far, as fractions ≤ 0.

    The first return sets the first peak: a loss before the second value is not a drawdown.

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


def max_drawdown(returns: Floats) -> float:
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


def max_underwater_period(balances: Floats, times_ms: Floats) -> float:
    """Return the longest time between a peak of the balance and a later value below it, in whole days.

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


def annual_return(returns: Floats, times_ms: Floats) -> float:
    """Return the compound growth per year in percent.

    Parameters
    ----------
    returns : ndarray of shape (n - 1,)
    times_ms : ndarray of shape (n,)
        Times of the values of the equity curve, UTC ms. Only whole days count; with none the result is 0.

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


def serenity_index(returns: Floats) -> float:
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
    pitfall = quotient(float(worst.mean()), float(returns.std(ddof=1)))
    return quotient(float(returns.sum()), ulcer * pitfall)


def expectancy(pnl: Floats) -> float:
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
    rate = share(len(wins), len(wins) + len(losses))
    average_win = float(wins.mean()) if len(wins) else 0.0
    average_loss = -float(losses.mean()) if len(losses) else 0.0
    return average_win * rate - average_loss * (1 - rate)


def streaks(pnl: Floats) -> tuple[int, int, int]:
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


def share(part: int, whole: int) -> float:
    """Return part over whole, 0 of nothing."""
    return part / whole if whole else 0.0


def quotient(dividend: float, divisor: float) -> float:
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
