"""Sharpe ratios corrected for sampling error, non-normal returns and the number of trials."""

import math
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import stats

from livermore.errors import DatasetError
from livermore.formatting import number
from livermore.ml.evidence._forward_scores import cosine_test

__all__ = [
    "deflated_sharpe_ratio",
    "expected_maximum_sharpe",
    "minimum_backtest_length",
    "minimum_track_record_length",
    "probabilistic_sharpe_ratio",
    "sharpe_dependence",
    "sharpe_evidence",
    "sharpe_moments",
]

# Fewer returns than this make no Sharpe ratio whose error could be estimated.
MIN_RETURNS = 30
LEVEL = 0.95


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


def sharpe_dependence(returns: npt.ArrayLike) -> tuple[float, int]:
    """Return how much more the mean of autocorrelated returns varies than that of independent ones.

    Parameters
    ----------
    returns : array-like of shape (n,)
        Returns per period.

    Returns
    -------
    (dependence, degrees)
        Long-run variance over variance, 1 for independent returns; and the degrees of freedom of that estimate.

    Notes
    -----
    Lo, *The Statistics of Sharpe Ratios*, Financial Analysts Journal 2002: with dependent returns the error of a Sharpe
    ratio grows by the root of this. Estimated by equal-weighted cosines, see `cosine_test`.

    Examples
    --------
    >>> noise = np.random.default_rng(0).normal(size=5001)
    >>> dependence, degrees = sharpe_dependence(noise[1:] + noise[:-1])
    >>> 1 < dependence < 3, degrees
    (True, 12)
    """
    x = np.asarray(returns, dtype=np.float64)
    sharpe_moments(x)
    # In units of its standard deviation, a series with mean 1 has t = 1 / error, and n error^2 is what is asked for.
    found = cosine_test((x - x.mean()) / x.std() + 1)
    if not found.degrees:
        return 1.0, 1
    return max(x.size / found.t**2, 1e-3), found.degrees


def probabilistic_sharpe_ratio(
    sharpe: float,
    n: int,
    skewness: float = 0.0,
    kurtosis: float = 3.0,
    benchmark: float = 0.0,
    *,
    dependence: float = 1.0,
    degrees: float = math.inf,
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
    dependence, degrees : float
        From `sharpe_dependence`; by default returns are taken to be independent.

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
    distance = (sharpe - benchmark) * math.sqrt(n - 1) / _spread(sharpe, skewness, kurtosis, dependence)
    return float(stats.t.cdf(distance, degrees))


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
    # The approximation is below 0 for fewer than two trials; the maximum of one has the expectation 0.
    return max(0.0, float(math.sqrt(variance) * ((1 - np.euler_gamma) * first + np.euler_gamma * second)))


def deflated_sharpe_ratio(
    sharpe: float,
    n: int,
    skewness: float,
    kurtosis: float,
    trials: float,
    variance: float,
    *,
    dependence: float = 1.0,
    degrees: float = math.inf,
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
    dependence, degrees
        As for `probabilistic_sharpe_ratio`.

    Notes
    -----
    Bailey and López de Prado (2014), equation 2.

    Examples
    --------
    The paper's example: the best of 100 trials, annual Sharpe ratio 2.5 over five years of 250 days, variance 1/2.

    >>> deflated_sharpe_ratio(2.5 / 250**0.5, 1250, -3, 10, trials=100, variance=0.5 / 250)
    0.90
    """
    benchmark = expected_maximum_sharpe(trials, variance)
    return probabilistic_sharpe_ratio(sharpe, n, skewness, kurtosis, benchmark, dependence=dependence, degrees=degrees)


def minimum_track_record_length(
    sharpe: float,
    skewness: float = 0.0,
    kurtosis: float = 3.0,
    benchmark: float = 0.0,
    level: float = LEVEL,
    *,
    dependence: float = 1.0,
    degrees: float = math.inf,
) -> float:
    """Return the number of observations after which a Sharpe ratio exceeds the benchmark with probability `level`.

    Parameters
    ----------
    sharpe, skewness, kurtosis, benchmark
        As for `probabilistic_sharpe_ratio`.
    level : float
        Confidence level.
    dependence, degrees
        As for `probabilistic_sharpe_ratio`.

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
    z = float(stats.t.ppf(level, degrees))
    return 1.0 + (_spread(sharpe, skewness, kurtosis, dependence) * z / (sharpe - benchmark)) ** 2


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


def sharpe_evidence(returns: npt.ArrayLike, trials: int = 1, *, per_year: float = 365.0) -> dict[str, Any] | None:
    """Return how far a Sharpe ratio can be trusted.

    Parameters
    ----------
    returns : array-like of shape (n,)
        Returns per period, such as those of a daily equity curve.
    trials : int
        Number of different trials on the same days, this one included.
    per_year : float
        Periods a year, for the annual ratio.

    Returns
    -------
    dict or None
        `sharpe` (annual), `n`, `skewness`, `kurtosis`, `dependence` (1 if the returns are independent),
        `probabilistic` (probability that the true ratio is above 0), `deflated` (that it is above what the best of as
        many trials without skill is expected to have), `minimum_track_record` (periods after which a ratio as large is
        above 0 with 95 %; infinite if it is not above 0), `trials` and `text`. None for fewer than 30 returns, or
        returns that are all equal.

    Notes
    -----
    All figures allow for autocorrelation, skewness and kurtosis. The Sharpe ratios of other trials are not known; that
    they vary as much as ratios without skill do is a lower bound, since trials that differ in skill vary more.

    Examples
    --------
    >>> found = sharpe_evidence(np.random.default_rng(0).normal(0.001, 0.01, 500), trials=20)
    >>> found["deflated"] < found["probabilistic"]
    True
    """
    x = np.asarray(returns, dtype=np.float64)
    if x.ndim != 1 or x.size < MIN_RETURNS or not np.isfinite(x).all() or not x.std() > 1e-12 * abs(x.mean()):
        return None
    sharpe, n, skewness, kurtosis = sharpe_moments(x)
    dependence, degrees = sharpe_dependence(x)
    shape = {"skewness": skewness, "kurtosis": kurtosis}
    known = {"dependence": dependence, "degrees": degrees}
    probabilistic = probabilistic_sharpe_ratio(sharpe, n, **shape, **known)
    deflated = deflated_sharpe_ratio(
        sharpe, n, skewness, kurtosis, trials, dependence / (n - 1), dependence=dependence, degrees=degrees
    )
    needed = minimum_track_record_length(sharpe, **shape, **known)
    return {
        "sharpe": sharpe * math.sqrt(per_year),
        "n": n,
        **shape,
        "dependence": dependence,
        "probabilistic": probabilistic,
        "deflated": deflated,
        "minimum_track_record": needed,
        "trials": trials,
        "text": _text(n, probabilistic, deflated, needed, trials),
    }


def _text(n: int, probabilistic: float, deflated: float, needed: float, trials: int) -> str:
    """Say in words how far a Sharpe ratio can be trusted."""
    above = f"The true Sharpe ratio is above 0 with a probability of {number(probabilistic, '.0%')}"
    if trials > 1:
        above += (
            f", and above what the best of {trials} trials without skill is expected to have with "
            f"{number(deflated, '.0%')}"
        )
    if not math.isfinite(needed):
        return f"{above}."
    enough = "enough" if n >= needed else "too few"
    return f"{above}. A ratio of this size needs {number(math.ceil(needed), ',')} returns; {n:,} are {enough}."


def _spread(sharpe: float, skewness: float, kurtosis: float, dependence: float) -> float:
    """Return the standard deviation of the Sharpe ratio's estimate, times the root of n - 1."""
    squared = dependence - skewness * sharpe + (kurtosis - 1) / 4 * sharpe**2
    # Of strongly alternating returns the estimate may be too small for the other terms.
    squared = squared if dependence == 1 else max(squared, 0.1 * dependence)
    if not squared > 0:
        raise DatasetError(f"No series has skewness {skewness} and kurtosis {kurtosis} at a Sharpe ratio of {sharpe}.")
    return math.sqrt(squared)
