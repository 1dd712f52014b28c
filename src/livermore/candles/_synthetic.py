"""Synthetic markets from a seed: clustered volatility, trends and ranges, and an edge of known strength, or none.

The edge is planted in blocks of an hour. Before each block a *signal* of -1, 0 or +1 is read from the closes of earlier
hours alone: the sign of the price change over the last `MOMENTUM_BLOCKS` hours, reversed while the market is calmer
than usual (the mean absolute hourly return of the last `CALM_BLOCKS` hours is not above that of the last
`USUAL_BLOCKS`). So the market trends when volatility is high and ranges when it is low. The log return of the block is

    sqrt(V) * (edge * signal + z),    z standard normal,

where V is the block's variance, which does not depend on prices. The past thus holds no information about the direction
of the next hour but the signal, which is why the best achievable AUC is known: `best_auc`.
"""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from livermore.candles._columns import CLOSE, HIGH, LOW, MINUTE_MS, OPEN, TIMESTAMP, VOLUME
from livermore.candles._resample import resample
from livermore.errors import CandleError
from livermore.typing import Rows

BLOCK_MINUTES = 60
MOMENTUM_BLOCKS = 12
CALM_BLOCKS = 24
USUAL_BLOCKS = 168

_BLOCK_MS = BLOCK_MINUTES * MINUTE_MS
_MINUTES_A_DAY = 1440
_MINUTES_A_YEAR = 365 * _MINUTES_A_DAY
_START_MS = 1_609_459_200_000  # 2021-01-01 00:00 UTC

# Log volatility is the sum of a slow and a fast mean-reverting walk: (half-life in blocks, standard deviation).
_VOLATILITY_WALKS = ((72.0, 0.35), (6.0, 0.25))
_MEDIAN_VOLUME = 20.0


def synthetic_candles(
    minutes: int,
    *,
    seed: int,
    edge: float = 0.0,
    start: int = _START_MS,
    price: float = 40_000.0,
    volatility: float = 0.6,
    tick: float = 0.1,
    base: str = "1m",
) -> Rows:
    """Make candles of a market that a seed determines.

    With the same seed, another `edge` leaves volatility, volume and noise as they are, so that two markets differ in
    nothing but the edge; and more `minutes` leave the earlier candles as they are.

    Parameters
    ----------
    minutes : int
        How many minutes, at least 1. None is missing.
    seed : int
        Determines everything. Numbers are the same on all platforms, apart from a tick here or there where a platform's
        ``exp`` rounds differently.
    edge : float
        Expected return of a block in the direction of its signal, in standard deviations of that block; 0 is a market
        without any edge, 0.15 a weak one (best AUC 0.56), 0.5 one that does not exist.
    start : int
        Opening of the first candle, UTC ms, a full hour.
    price : float
        Where the price starts.
    volatility : float
        Yearly standard deviation of log returns in ordinary times.
    tick : float
        Prices are multiples of it. Coarse ticks make prices coincide.
    base : str
        Timeframe of the candles, which are made of the minutes. A candle that the minutes do not fill is left out.

    Returns
    -------
    ndarray of shape (n, 6)
        Candles that `check_candles` accepts; a minute each, unless `base` says otherwise.

    Raises
    ------
    CandleError
        If a parameter is out of range.

    See Also
    --------
    planted_signal : the signal, read from candles.
    best_auc : what a model can reach at most.

    Examples
    --------
    >>> candles = synthetic_candles(1440, seed=7)
    >>> candles.shape, bool((candles[1:, 1] == candles[:-1, 2]).all())
    ((1440, 6), True)
    >>> synthetic_candles(1440, seed=7, base="4h").shape
    (6, 6)
    """
    _check_parameters(minutes, start=start, price=price, volatility=volatility, tick=tick)
    blocks = -(-minutes // BLOCK_MINUTES)
    streams = _Streams.of(seed)
    log_volatility = _log_volatility(streams.volatility, blocks)
    season = _season(start, blocks * BLOCK_MINUTES)
    sigma = volatility / math.sqrt(_MINUTES_A_YEAR) * season * np.exp(log_volatility)
    noise = streams.noise.standard_normal(blocks * BLOCK_MINUTES)
    path, closes = _walk(sigma, noise, edge=edge, price=price, tick=tick)

    ends = path[:minutes]
    begins = np.r_[math.log(price), ends[:-1]]
    candles = np.empty((minutes, 6))
    candles[:, TIMESTAMP] = start + MINUTE_MS * np.arange(minutes, dtype=np.int64)
    candles[:, CLOSE] = closes[:minutes]
    candles[:, OPEN] = np.r_[_on_ticks(begins[:1], tick), closes[: minutes - 1]]
    candles[:, HIGH] = _on_ticks(_extreme(begins, ends, sigma[:minutes], streams.highs, side=1), tick)
    candles[:, LOW] = _on_ticks(_extreme(begins, ends, sigma[:minutes], streams.lows, side=-1), tick)
    candles[:, VOLUME] = _volumes(log_volatility[:minutes], season[:minutes], noise[:minutes], streams.volume)
    return candles if base == "1m" else _of_base(candles, base)


def _of_base(minutes: Rows, base: str) -> Rows:
    """Aggregate minutes, from the first candle that they fill."""
    bars = resample(minutes, base)
    filled: Rows = bars[bars[:, TIMESTAMP] >= minutes[0, TIMESTAMP]]
    return filled


def planted_signal(candles: Rows) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Read the signal that `synthetic_candles` plants from candles, for each hour that they reach.

    Parameters
    ----------
    candles : ndarray of shape (n, 6)
        One-minute candles from `synthetic_candles`, from the first one on.

    Returns
    -------
    times : ndarray of shape (blocks,)
        When each block opens, UTC ms. The last one opens when the last full hour of `candles` closes.
    signal : ndarray of shape (blocks,)
        -1, 0 or 1: where the edge points in the block. It depends on candles before the block's opening only, and is 0
        for the first `USUAL_BLOCKS` hours.

    Examples
    --------
    >>> times, signal = planted_signal(synthetic_candles(200 * 60, seed=1, edge=0.2))
    >>> len(times), signal[:3], signal[170:180]
    (201, array([0, 0, 0]), array([...]))
    """
    hourly = candles[BLOCK_MINUTES - 1 :: BLOCK_MINUTES, CLOSE]
    closes = np.r_[candles[0, OPEN], hourly]
    times = int(candles[0, TIMESTAMP]) + _BLOCK_MS * np.arange(len(closes), dtype=np.int64)
    travelled = np.r_[0.0, np.cumsum(np.abs(closes[1:] / closes[:-1] - 1.0))]
    signal = [_signal(closes, travelled, block) for block in range(len(closes))]
    return times, np.array(signal, dtype=np.int64)


def best_auc(edge: float) -> float:
    """Return the highest AUC with which the direction of the next block can be predicted from the past.

    The block's return is positive with probability Φ(edge · signal), Φ being the normal distribution, however volatile
    the block is; with signals of ±1 the area under the ROC curve of the best score, the signal itself, is Φ(|edge|).
    Measured on n blocks, an AUC has a standard error of about ``0.5 / sqrt(n)``, and the first week has no signal.

    Parameters
    ----------
    edge : float
        As given to `synthetic_candles`.

    Examples
    --------
    >>> best_auc(0.0), round(best_auc(0.15), 4)
    (0.5, 0.5596)
    """
    return 0.5 * (1.0 + math.erf(abs(edge) / math.sqrt(2.0)))


@dataclass(frozen=True)
class _Streams:
    """One stream of random numbers per quantity, so that more minutes do not change the earlier ones."""

    volatility: "list[np.random.Generator]"
    noise: "np.random.Generator"
    highs: "np.random.Generator"
    lows: "np.random.Generator"
    volume: "np.random.Generator"

    @classmethod
    def of(cls, seed: int) -> "_Streams":
        children = np.random.SeedSequence(seed).spawn(len(_VOLATILITY_WALKS) + 4)
        generators = [np.random.default_rng(child) for child in children]
        return cls(generators[4:], *generators[:4])


def _check_parameters(minutes: int, *, start: int, price: float, volatility: float, tick: float) -> None:
    if minutes < 1:
        raise CandleError(f"minutes must be at least 1, not {minutes}.")
    if start % _BLOCK_MS:
        raise CandleError(f"start must be a full hour in UTC ms (a multiple of {_BLOCK_MS:,}), not {start}.")
    for name, value in (("price", price), ("volatility", volatility), ("tick", tick)):
        if not (math.isfinite(value) and value > 0):
            raise CandleError(f"{name} must be a number above 0, not {value}.")
    if tick > price:
        raise CandleError(f"tick {tick} is larger than the price {price}.")


def _log_volatility(generators: "list[np.random.Generator]", blocks: int) -> Rows:
    """Return log volatility by minute, relative to its median: mean-reverting walks over hours, linear in between."""
    knots = np.zeros(blocks + 1)
    for (half_life, deviation), generator in zip(_VOLATILITY_WALKS, generators, strict=True):
        keep = 0.5 ** (1.0 / half_life)
        shocks = generator.standard_normal(blocks + 1)
        level = shocks[0]
        for i, shock in enumerate(shocks[1:].tolist(), start=1):
            knots[i - 1] += deviation * level
            level = keep * level + math.sqrt(1.0 - keep * keep) * shock
        knots[blocks] += deviation * level
    share = np.arange(BLOCK_MINUTES) / BLOCK_MINUTES
    return np.ravel(knots[:-1, None] + np.diff(knots)[:, None] * share)


def _season(start: int, minutes: int) -> Rows:
    """Return volatility's factor by minute: busier when London and New York open, calmer at weekends."""
    minute = start // MINUTE_MS + np.arange(minutes, dtype=np.int64)
    of_day = np.arange(_MINUTES_A_DAY)
    busy = 0.7 + sum(
        height * np.exp(-0.5 * ((of_day - centre) / width) ** 2)
        for centre, width, height in ((8 * 60, 70, 0.5), (14 * 60 + 30, 100, 1.0), (20 * 60, 60, 0.3))
    )
    busy /= np.sqrt(np.mean(busy**2))
    weekday = (minute // _MINUTES_A_DAY + 3) % 7
    return np.asarray(busy[minute % _MINUTES_A_DAY] * np.where(weekday >= 5, 0.7, 1.0))


def _walk(sigma: Rows, noise: Rows, *, edge: float, price: float, tick: float) -> tuple[Rows, Rows]:
    """Return log prices and closes at the ends of all minutes.

    Block by block, since each block's signal is read from the very closes that the candles will have.
    """
    variance = (sigma * sigma).reshape(-1, BLOCK_MINUTES)
    # A minute's share of the drift is its share of the variance; the block's mean is then `edge` deviations.
    drift = edge * variance / np.sqrt(variance.sum(axis=1))[:, None]
    steps = (sigma * noise).reshape(-1, BLOCK_MINUTES)
    path = np.empty_like(steps)
    closes = np.empty_like(steps)
    ends = np.empty(len(steps) + 1)
    travelled = np.zeros(len(steps) + 1)
    level = math.log(price)
    ends[0] = _on_ticks(np.array([level]), tick)[0]
    for block, step in enumerate(steps):
        path[block] = level + np.cumsum(step + _signal(ends, travelled, block) * drift[block])
        closes[block] = _on_ticks(path[block], tick)
        level = path[block, -1]
        ends[block + 1] = closes[block, -1]
        travelled[block + 1] = travelled[block] + abs(ends[block + 1] / ends[block] - 1.0)
    return path.ravel(), closes.ravel()


def _signal(closes: Rows, travelled: Rows, block: int) -> int:
    """Return the signal of a block from the closes at and before its opening, ``closes[: block + 1]``.

    `travelled` are the running sums of absolute returns between them.
    """
    if block < USUAL_BLOCKS:
        return 0
    move = closes[block] - closes[block - MOMENTUM_BLOCKS]
    lately = (travelled[block] - travelled[block - CALM_BLOCKS]) / CALM_BLOCKS
    usually = (travelled[block] - travelled[block - USUAL_BLOCKS]) / USUAL_BLOCKS
    direction = int(move > 0) - int(move < 0)
    return direction if lately > usually else -direction


def _on_ticks(log_prices: Rows, tick: float) -> Rows:
    """Round prices to multiples of the tick, at least one; decimal ticks give the nearest float of the decimal."""
    ticks = np.maximum(np.rint(np.exp(log_prices) / tick), 1.0)
    # 3 * 0.1 is not 0.3, but 3 / 10 is; the file and the array then show the same price.
    per_unit = 1.0 / tick
    return np.asarray(ticks / round(per_unit) if per_unit > 1 and per_unit == round(per_unit) else ticks * tick)


def _extreme(begins: Rows, ends: Rows, sigma: Rows, generator: "np.random.Generator", *, side: int) -> Rows:
    """Draw how far a Brownian path between two log prices gets above (side 1) or below (side -1) them."""
    log_uniform = np.log1p(-generator.random(len(ends)))
    reach = np.sqrt((ends - begins) ** 2 - 2.0 * sigma * sigma * log_uniform)
    return np.asarray(0.5 * (begins + ends + side * reach))


def _volumes(log_volatility: Rows, season: Rows, noise: Rows, generator: "np.random.Generator") -> Rows:
    """Return volumes that go with volatility, the hour and the size of the move, each with chance of its own."""
    chance = np.exp(0.6 * generator.standard_normal(len(season)))
    return np.round(_MEDIAN_VOLUME * season * np.exp(1.5 * log_volatility) * (0.4 + np.abs(noise)) * chance, 3)


__all__ = [
    "BLOCK_MINUTES",
    "CALM_BLOCKS",
    "MOMENTUM_BLOCKS",
    "USUAL_BLOCKS",
    "best_auc",
    "planted_signal",
    "synthetic_candles",
]
