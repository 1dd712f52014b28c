"""Random series: autoregressions, prices, volatility that clusters, and the indicators that are usual of prices.

Each function is pure: a length and a generator of random numbers give an array. Prices are martingales: what comes next
does not depend on what is known.
"""

import numpy as np
import numpy.typing as npt
from scipy.signal import lfilter

__all__ = [
    "autoregressive",
    "gjr_returns",
    "overlapping",
    "price_distances",
    "price_levels",
    "random_walk",
    "regimes",
    "technical",
    "wandering_volatility",
]

Floats = npt.NDArray[np.float64]

# Bars that are drawn before the first one that is used, so that indicators and volatility have settled.
SETTLING = 400


def autoregressive(n: int, memory: float | Floats, random: np.random.Generator) -> Floats:
    """Draw stationary series of unit variance, shape (n, k) for k memories, or (n,) for one number.

    Examples
    --------
    >>> autoregressive(5, np.array([0.0, 0.9]), np.random.default_rng(0)).shape
    (5, 2)
    """
    rho = np.atleast_1d(np.asarray(memory, dtype=np.float64))
    first = random.standard_normal(rho.size)
    shocks = random.standard_normal((n, rho.size)) * np.sqrt(1 - rho**2)
    shocks[0] = first
    series = np.column_stack([lfilter([1.0], [1.0, -rho[k]], shocks[:, k]) for k in range(rho.size)])
    return series if np.ndim(memory) else series[:, 0]


def overlapping(n: int, horizon: int, random: np.random.Generator) -> Floats:
    """Draw noise of unit variance that is summed over the next bars, as the labels of a market are; shape (n,)."""
    noise = random.standard_normal(n + horizon - 1)
    summed = np.concatenate([[0.0], np.cumsum(noise)])
    return (summed[horizon:] - summed[:-horizon]) / np.sqrt(horizon)


def random_walk(n: int, step: float, random: np.random.Generator) -> Floats:
    """Draw a walk that starts at 0, with normal steps of this standard deviation; shape (n,)."""
    return np.concatenate([[0.0], np.cumsum(step * random.standard_normal(n - 1))])


def regimes(n: int, stay: int, random: np.random.Generator) -> Floats:
    """Draw a series of -1 and 1 that changes every `stay` bars on average; shape (n,)."""
    changes = random.random(n) < 1 / stay
    return np.where((np.cumsum(changes) + random.integers(2)) % 2 == 0, -1.0, 1.0)


def gjr_returns(n: int, random: np.random.Generator) -> Floats:
    """Draw returns of a GJR-GARCH(1, 1) process, whose volatility rises after losses; shape (n,).

    Glosten, Jagannathan and Runkle, J. Finance 1993. The conditional mean is 0, so nothing predicts the sign.
    """
    alpha, gamma, beta = 0.03, 0.10, 0.90
    omega = 1e-6
    shocks = random.standard_normal(n + SETTLING)
    returns = np.empty(n + SETTLING)
    variance = omega / (1 - alpha - beta - gamma / 2)
    for i, shock in enumerate(shocks):
        returns[i] = np.sqrt(variance) * shock
        variance = omega + (alpha + gamma * (returns[i] < 0)) * returns[i] ** 2 + beta * variance
    return returns[SETTLING:]


def wandering_volatility(n: int, memory: float, spread: float, random: np.random.Generator) -> Floats:
    """Draw returns of a martingale whose log volatility is an autoregression with this spread; shape (n,)."""
    volatility = 0.002 * np.exp(spread * autoregressive(n, memory, random))
    return volatility * random.standard_normal(n)


def trailing_mean(series: Floats, window: int) -> Floats:
    """Return the mean of the last `window` values at each; NaN before there are as many."""
    summed = np.concatenate([[0.0], np.cumsum(series)])
    means = np.full(series.size, np.nan)
    means[window - 1 :] = (summed[window:] - summed[:-window]) / window
    return means


def trailing_deviation(series: Floats, window: int) -> Floats:
    """Return the standard deviation of the last `window` values at each; NaN before there are as many."""
    centred = series - series[0]
    return np.sqrt(np.maximum(trailing_mean(centred**2, window) - trailing_mean(centred, window) ** 2, 0.0))


def exponential_mean(series: Floats, period: int) -> Floats:
    """Return the exponential moving average, which starts at the first value."""
    weight = 2 / (period + 1)
    return lfilter([weight], [1.0, weight - 1.0], series - series[0]) + series[0]


def change(series: Floats, bars: int) -> Floats:
    """Return the change over the last bars; NaN before there are as many."""
    return np.concatenate([np.full(bars, np.nan), series[bars:] - series[:-bars]])


def price_levels(price: Floats) -> Floats:
    """Return features that hold the level of the price: itself, moving averages, bands; shape (n, 10)."""
    averages = [trailing_mean(price, window) for window in (10, 20, 50, 100, 200)]
    band = 2 * trailing_deviation(price, 20)
    return np.column_stack([price, *averages, averages[1] + band, averages[1] - band, *_exponential(price)])


def _exponential(price: Floats) -> list[Floats]:
    return [exponential_mean(price, period) for period in (12, 26)]


def price_distances(price: Floats) -> Floats:
    """Return distances of the price from long moving averages, as a share of them; shape (n, 5)."""
    return np.column_stack([price / trailing_mean(price, window) - 1 for window in (50, 100, 200, 300, 400)])


def technical(price: Floats) -> Floats:
    """Return the usual indicators of a price, most of them correlated; shape (n, 16)."""
    logarithm = np.log(price)
    returns = np.concatenate([[0.0], np.diff(logarithm)])
    fast, slow = _exponential(price)
    macd = (fast - slow) / price
    columns = [macd, macd - exponential_mean(macd, 9)]
    columns += [_strength(returns, period) for period in (7, 14, 28)]
    columns += [change(logarithm, bars) for bars in (1, 3, 5, 10, 20)]
    columns += [(price - trailing_mean(price, w)) / (trailing_deviation(price, w) + 1e-12) for w in (20, 50)]
    columns += [price / trailing_mean(price, w) - 1 for w in (10, 50)]
    columns += [trailing_deviation(returns, w) for w in (20, 100)]
    return np.column_stack(columns)


def _strength(returns: Floats, period: int) -> Floats:
    """Return the relative strength index of returns: the share of gains in all movement, 0 to 100."""
    gains = exponential_mean(np.maximum(returns, 0), 2 * period - 1)
    losses = exponential_mean(np.maximum(-returns, 0), 2 * period - 1)
    return 100 * gains / (gains + losses + 1e-12)
