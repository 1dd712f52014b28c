"""The memory of a series, and the long-run variance of its mean.

Two estimates of that variance are offered. A fitted autoregression of order one plus noise is precise where that is
what the series is; the longest cosine waves make no such assumption, and need the memory only to know which waves are
longer than it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.fft import irfft, next_fast_len, rfft

from livermore.ml import sizes
from livermore.typing import Floats

__all__ = ["Memory", "autocovariances", "cosine_transforms", "fit_memory"]

# Values that are transformed at once.
PIECE = 2**16
# Autocorrelations that the memory is fitted to, at most.
MOST_LAGS = 30
# A model with memory must reduce the sum of squared autocorrelations, times n, by this much.
GAIN = 4.0
# Memories that are tried: how much is left after one step.
RHOS = 1 - np.geomspace(0.7, 0.002, 50)


@dataclass(frozen=True)
class Memory:
    """An autoregression of order one plus noise.

    Parameters
    ----------
    variance : float
        Of a value.
    share : float
        Share of the variance that is remembered, in [0, 1].
    rho : float
        How much of that is left after one step, in [0, 1).

    Examples
    --------
    >>> Memory(1.0).variance_of_mean(100), Memory(1.0, share=1.0, rho=0.9).variance_of_mean(100)
    (0.01, 0.172)
    """

    variance: float
    share: float = 0.0
    rho: float = 0.0

    def variance_of_mean(self, n: int) -> float:
        """Return the variance of the mean of n consecutive values."""
        rho = self.rho
        long_run = (1 + rho) / (1 - rho) - 2 * rho * (1 - rho**n) / (n * (1 - rho) ** 2)
        return self.variance / n * (1 - self.share + self.share * long_run)

    def covariance_of_means(self, n: int, m: int) -> float:
        """Return the covariance of the mean of n values and that of the m values that follow them."""
        rho = self.rho
        return self.variance * self.share * rho * (1 - rho**n) * (1 - rho**m) / ((1 - rho) ** 2 * n * m)

    def waves(self, n: int) -> int:
        """Return how many cosine waves over n values are longer than the memory."""
        return int((1 - self.rho) / (2 * np.pi) * n)


def autocovariances(centred: Floats, count: int) -> Floats:
    """Return the autocovariances of a series that has mean zero, at lags from 0.

    Parameters
    ----------
    centred : ndarray of shape (n,)
        The series less its mean.
    count : int
        How many lags, at most n.

    Returns
    -------
    ndarray of shape (count,)
        ``sum(x[k:] * x[:n - k]) / n``. Of more than 50,000 values by Fourier transforms of overlapping pieces, in
        O(n log count); these differ from the direct sums by rounding.

    Examples
    --------
    >>> autocovariances(np.array([1.0, -1.0, 1.0, -1.0]), 2)
    array([ 1.  , -0.75])
    """
    n = centred.size
    if n <= sizes.DIRECT_LAGS:
        return np.array([float(centred[k:] @ centred[: n - k]) / n for k in range(count)])
    length = next_fast_len(max(4 * count, PIECE), real=True)
    step, sums = length - count, np.zeros(count)
    for begin in range(0, n, step):
        # Products of the piece with itself and what follows: as long as both fit, nothing wraps around.
        piece, ahead = centred[begin : begin + step], centred[begin : begin + length - 1]
        sums += irfft(np.conj(rfft(piece, length)) * rfft(ahead, length), length)[:count]
    return np.asarray(sums / n)


def fit_memory(parts: Sequence[Floats]) -> Memory:
    """Fit the memory of consecutive parts of a series.

    Parameters
    ----------
    parts : sequence of ndarray
        Values in order of time, each part less its mean.

    Returns
    -------
    Memory

    Notes
    -----
    Least squares on thirty autocorrelations. Removing a mean lowers all autocovariances by the variance of that mean,
    which is added back, a few times over, since it depends on the memory.

    Examples
    --------
    >>> x = np.random.default_rng(0).normal(size=1000)
    >>> fit_memory([x - x.mean()]).share
    0.0
    """
    centred = np.concatenate(list(parts))
    total = centred.size
    if not total:
        return Memory(0.0)
    lags = min(MOST_LAGS, total // 5)
    raw = autocovariances(centred, lags + 1)
    memory, removed = Memory(float(raw[0])), 0.0
    for _ in range(4):
        covariance = raw + removed
        if not covariance[0] > 0 or not lags:
            return memory
        memory = Memory(float(covariance[0]), *_fitted(covariance[1:] / covariance[0], total))
        of_means = sum(part.size * memory.variance_of_mean(part.size) for part in parts if part.size) / total
        removed = min(of_means, 4 * float(raw[0]))
    return memory


def cosine_transforms(series: Floats, count: int) -> Floats:
    """Return the first cosine transforms of a series: each has its long-run variance, and its mean has no part in them.

    Examples
    --------
    >>> cosine_transforms(np.array([1.0, 0.0, 0.0, -1.0]), 1)
    array([1.307])
    """
    n = series.size
    waves = np.cos(np.pi * np.outer(np.arange(1, count + 1), np.arange(n) + 0.5) / n)
    return np.asarray(np.sqrt(2 / n) * (waves @ series))


def _fitted(correlation: Floats, total: int) -> tuple[float, float]:
    """Fit ``share * rho^k`` to autocorrelations by least squares; (0, 0) if they are no larger than by chance."""
    curves = RHOS[:, None] ** np.arange(1, correlation.size + 1)
    shares = np.clip(curves @ correlation / (curves**2).sum(axis=1), 0.0, 1.0)
    left = ((correlation - shares[:, None] * curves) ** 2).sum(axis=1)
    best = int(np.argmin(left))
    if total * (float(correlation @ correlation) - float(left[best])) < GAIN:
        return 0.0, 0.0
    return float(shares[best]), float(RHOS[best])
