"""Candles of the gallery: made from seeds, each with a stated property that a strategy can find or not."""

import numpy as np
import numpy.typing as npt

from livermore.candles import CLOSE, HIGH, LOW, OPEN, synthetic_candles

Rows = npt.NDArray[np.float64]

MINUTES_A_DAY = 1440


def noise(days: int, seed: int) -> dict[str, Rows]:
    """Return a market whose next move nothing predicts: volatility clusters, directions are coins."""
    return {"BTC-USDT": synthetic_candles(days * MINUTES_A_DAY, seed=seed)}


def edge(days: int, seed: int, strength: float) -> dict[str, Rows]:
    """Return a market that goes on with the last twelve hours while it is busy, and turns while it is calm.

    `strength` is the expected return of the next hour in standard deviations; see `synthetic_candles`.
    """
    return {"BTC-USDT": synthetic_candles(days * MINUTES_A_DAY, seed=seed, edge=strength)}


def pair(days: int, seed: int, *, half_life: float = 12.0, deviation: float = 0.012) -> dict[str, Rows]:
    """Return two markets without an edge of their own, whose spread returns to its mean.

    The log price of the second one is that of the first plus a mean-reverting walk of the given half-life (hours) and
    standard deviation.
    """
    first = synthetic_candles(days * MINUTES_A_DAY, seed=seed)
    spread = _mean_reverting(len(first), seed, half_life * 60, deviation)
    second = first.copy()
    second[:, CLOSE] = first[:, CLOSE] * np.exp(spread[1:])
    second[:, OPEN] = np.r_[first[0, OPEN] * np.exp(spread[0]), second[:-1, CLOSE]]
    body = np.sort(second[:, [OPEN, CLOSE]], axis=1)
    second[:, HIGH] = np.maximum(first[:, HIGH] * np.exp(spread[1:]), body[:, 1])
    second[:, LOW] = np.minimum(first[:, LOW] * np.exp(spread[1:]), body[:, 0])
    return {"BTC-USDT": first, "ETH-USDT": second}


def _mean_reverting(minutes: int, seed: int, half_life: float, deviation: float) -> Rows:
    """Return ``minutes + 1`` values of an autoregression of order one."""
    from scipy.signal import lfilter

    keep = 0.5 ** (1 / half_life)
    shocks = np.random.default_rng([seed, 1]).standard_normal(minutes + 1) * np.sqrt(1 - keep**2)
    return np.asarray(deviation * lfilter([1.0], [1.0, -keep], shocks))
