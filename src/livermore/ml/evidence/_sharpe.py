"""Sharpe ratios corrected for sampling error, non-normal returns and the number of trials."""

import math

import numpy as np
import numpy.typing as npt
from scipy import stats

from livermore.errors import DatasetError

__all__ = [
    "deflated_sharpe_ratio",
    "expected_maximum_sharpe",
    "minimum_backtest_length",
    "minimum_track_record_length",
    "probabilistic_sharpe_ratio",
    "sharpe_moments",
]


def sharpe_moments(returns: npt.ArrayLike) -> tuple[float, int, float, float]:
    """Return a series' Sharpe ratio per observation, its length, skewness and kurtosis (3 for a normal).

    Parameters
    ----------
    returns : array-like of shape (n,)
        Returns per period.

    Returns
    -------
    (sharpe, n, skewness, kurtosis)
        In the order of the parameters of the other functions.

    Examples
    --------
    >>> sharpe_moments([0.01, 0.02, -0.01, 0.03])
    (0.845, 4, -0.43, 1.85)
    """
    x = np.asarray(returns, dtype=np.float64)
    if x.ndim != 1 or x.size < 3 or not x.std() > 0:
        raise DatasetError("A Sharpe ratio needs at least three returns that are not all equal.")
    sharpe = float(x.mean() / x.std())
    return sharpe, x.size, float(stats.skew(x)), float(stats.kurtosis(x, fisher=False))


def probabilistic_sharpe_ratio(
    sharpe: float, n: int, skewness: float = 0.0, kurtosis: float = 3.0, benchmark: float = 0.0
) -> float:
    """Return the probability that the true Sharpe ratio is above a benchmark.

    Parameters
    ----------
    sharpe : float
        Observed, per observation: not annualised.
    n : int
        Number of observations.
    skewness, kurtosis : float
        Of the returns; a normal has 0 and 3.
    benchmark : float
        Per observation, too.

    Returns
    -------
    float

    Notes
    -----
    Bailey and López de Prado, *The Sharpe Ratio Efficient Frontier*, Journal of Risk 2012;
    *Advances in Financial Machine Learning*, section 14.7.2.

    Examples
    --------
    >>> probabilistic_sharpe_ratio(0.1, 250)
    0.942
    """
    return float(stats.norm.cdf((sharpe - benchmark) * math.sqrt(n - 1) / _spread(sharpe, skewness, kurtosis)))


def expected_maximum_sharpe(trials: float, variance: float = 1.0) -> float:
    """Return the expected maximum of the Sharpe ratios of several trials without skill.

    Parameters
    ----------
    trials : float
        Number of independent trials.
    variance : float
        Variance of the Sharpe ratios over the trials; 1 gives standard deviations.

    Notes
    -----
    Bailey and López de Prado, *The Deflated Sharpe Ratio*, Journal of Portfolio Management 2014, equation 1.

    Examples
    --------
    >>> expected_maximum_sharpe(45) ** 2
    5.0
    """
    if trials < 1:
        raise DatasetError(f"trials must be 1 or more; it is {trials}.")
    if trials == 1:
        return 0.0
    first, second = stats.norm.ppf(1 - 1 / trials), stats.norm.ppf(1 - 1 / (trials * math.e))
    return float(math.sqrt(variance) * ((1 - np.euler_gamma) * first + np.euler_gamma * second))


def deflated_sharpe_ratio(
    sharpe: float, n: int, skewness: float, kurtosis: float, trials: float, variance: float
) -> float:
    """Return the probability that the best of many trials has a Sharpe ratio above the maximum expected by chance.

    Parameters
    ----------
    sharpe, n, skewness, kurtosis
        Of the trial that was chosen; as for `probabilistic_sharpe_ratio`.
    trials : float
        Number of independent trials.
    variance : float
        Variance of the Sharpe ratios (per observation) over the trials.

    Notes
    -----
    Bailey and López de Prado (2014), equation 2.

    Examples
    --------
    The paper's example: the best of 100 trials, annual Sharpe ratio 2.5 over five years of 250 days, variance 1/2.

    >>> deflated_sharpe_ratio(2.5 / 250**0.5, 1250, -3, 10, trials=100, variance=0.5 / 250)
    0.90
    """
    return probabilistic_sharpe_ratio(sharpe, n, skewness, kurtosis, expected_maximum_sharpe(trials, variance))


def minimum_track_record_length(
    sharpe: float, skewness: float = 0.0, kurtosis: float = 3.0, benchmark: float = 0.0, level: float = 0.95
) -> float:
    """Return the number of observations after which a Sharpe ratio exceeds the benchmark with probability `level`.

    Parameters
    ----------
    sharpe, skewness, kurtosis, benchmark
        As for `probabilistic_sharpe_ratio`.
    level : float
        Confidence level.

    Returns
    -------
    float
        Infinite if the Sharpe ratio does not exceed the benchmark.

    Notes
    -----
    Bailey and López de Prado (2012), equation 11.

    Examples
    --------
    Annual Sharpe ratio 2 against 1, on daily returns: 2.73 years.

    >>> minimum_track_record_length(2 / 250**0.5, benchmark=1 / 250**0.5) / 250
    2.73
    """
    if sharpe <= benchmark:
        return math.inf
    z = float(stats.norm.ppf(level))
    return 1.0 + (_spread(sharpe, skewness, kurtosis) * z / (sharpe - benchmark)) ** 2


def minimum_backtest_length(trials: float, target: float = 1.0) -> float:
    """Return the years of data below which the best of several trials without skill reaches an annual Sharpe ratio.

    Parameters
    ----------
    trials : float
        Number of independent trials.
    target : float
        Annual Sharpe ratio.

    Notes
    -----
    Bailey, Borwein, López de Prado and Zhu, *Pseudo-Mathematics and Financial Charlatanism*, Notices of the AMS 2014.

    Examples
    --------
    Five years of data allow for no more than 45 trials:

    >>> minimum_backtest_length(45)
    5.0
    """
    return (expected_maximum_sharpe(trials) / target) ** 2


def _spread(sharpe: float, skewness: float, kurtosis: float) -> float:
    """Return the standard deviation of the Sharpe ratio's estimate, times the root of n - 1."""
    squared = 1 - skewness * sharpe + (kurtosis - 1) / 4 * sharpe**2
    if not squared > 0:
        raise DatasetError(f"No series has skewness {skewness} and kurtosis {kurtosis} at a Sharpe ratio of {sharpe}.")
    return math.sqrt(squared)
