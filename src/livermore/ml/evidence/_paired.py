"""The paired comparison: the same bets with and without a model, and with its decisions assigned to other bets.

Two questions are answered by two methods. *How large is the difference?* Both variants are resampled together in blocks
of time, so that they share the same market. *Is it larger than chance?* The decisions of the model, sizes included, are
permuted over the bets: such a random filter passes as many bets as the model, in runs of the same length. Under the
null hypothesis of no skill, the model is one of these filters.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from livermore.dates import FEWEST_DAYS_PER_YEAR
from livermore.errors import DatasetError
from livermore.ml import sizes
from livermore.ml.evidence._bootstrap import automatic_block_length, block_length_for, stationary_bootstrap
from livermore.ml.evidence._corrections import sidak
from livermore.ml.evidence._intervals import resampled_interval
from livermore.ml.evidence._judging import LEVEL

__all__ = ["METRICS", "BetPool", "Bets", "PairedComparison", "compare_paired", "match_bets"]

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Texts = npt.NDArray[np.str_]

#: The metrics that are compared; larger is better for all of them.
METRICS = ("expectancy", "win_rate", "sharpe_ratio", "max_drawdown", "annual_return")

DAY = 86_400
YEAR = 365 * DAY
# With fewer days than this, returns are computed on shorter periods: otherwise too few blocks could be drawn.
FEWEST_PERIODS = 60
# Smaller pools are only rotated by the permutation; larger ones may also be cut.
FEWEST_TO_CUT = 40
MOST_CUTS = 3
# No figure lies outside of its range, whatever the bootstrap says.
RANGES = {"win_rate": (0.0, 1.0), "max_drawdown": (-100.0, 0.0), "annual_return": (-100.0, math.inf)}
ANYTHING = (-math.inf, math.inf)


@dataclass(frozen=True, eq=False, kw_only=True)
class Bets:
    """Closed bets.

    Parameters
    ----------
    opened, closed : ndarray of shape (n,)
        When each was placed and when it ended, UTC seconds.
    value : ndarray of shape (n,)
        Net return on its size after costs, as a fraction: 0.01 is 1 %.
    exposure : ndarray of shape (n,)
        Its size as a fraction of the account when it was placed.
    symbol, side : ndarray of shape (n,) of str
        Its symbol, and "long" or "short".

    Examples
    --------
    >>> one = np.ones(2, dtype=np.int64)
    >>> len(Bets(opened=0 * one, closed=60 * one, value=0.01 * one, exposure=0.5 * one,
    ...          symbol=np.array(["BTC-USDT", "ETH-USDT"]), side=np.array(["long", "short"])))
    2
    """

    opened: Integers
    closed: Integers
    value: Floats
    exposure: Floats
    symbol: Texts
    side: Texts

    def __post_init__(self) -> None:
        shapes = {np.shape(array) for array in vars(self).values()}
        if len(shapes) > 1:
            raise DatasetError(f"Bets need arrays of one shape (n,); they have {sorted(shapes)}.")

    def __len__(self) -> int:
        return len(self.opened)


@dataclass(frozen=True, eq=False, kw_only=True)
class BetPool:
    """All bets of both variants, each once, in order of opening.

    Parameters
    ----------
    opened, closed : ndarray of shape (n,)
        UTC seconds.
    value : ndarray of shape (n,)
        Net return on its size, without the model; with it, for bets that only the model placed.
    value_with : ndarray of shape (n,)
        Net return on its size with the model; `value` where the model did not place it.
    without, with_model : ndarray of shape (n,)
        Exposure in each variant; 0 where that variant did not place the bet.
    multiple : ndarray of shape (n,)
        Exposure with the model divided by the exposure without it; 0 for bets that the model skipped.
    symbol, side : ndarray of shape (n,) of str
        Symbol of each bet, and "long" or "short".

    Examples
    --------
    >>> pool = BetPool(
    ...     opened=np.array([0, 60]), closed=np.array([60, 120]), value=np.array([0.01, -0.02]),
    ...     value_with=np.array([0.01, -0.02]), without=np.array([0.5, 0.5]), with_model=np.array([1.0, 0.0]),
    ...     multiple=np.array([2.0, 0.0]), symbol=np.array(["BTC-USDT"] * 2), side=np.array(["long"] * 2),
    ... )
    >>> len(pool), pool.n_matched, pool.base.tolist(), pool.take(pool.value > 0).opened.tolist()
    (2, 1, [0.5, 0.5], [0])
    """

    opened: Integers
    closed: Integers
    value: Floats
    value_with: Floats
    without: Floats
    with_model: Floats
    multiple: Floats
    symbol: Texts
    side: Texts

    def __len__(self) -> int:
        return len(self.opened)

    def take(self, rows: npt.NDArray[Any]) -> "BetPool":
        """Return the bets of some rows (indices or a mask) as a new pool."""
        return BetPool(**{name: array[rows] for name, array in vars(self).items()})

    @property
    def base(self) -> Floats:
        """Exposure of each bet without the model, estimated for bets that only the model placed."""
        return np.where(
            self.multiple > 0, self.with_model / np.where(self.multiple > 0, self.multiple, 1), self.without
        )

    @property
    def n_matched(self) -> int:
        """Number of bets that both variants placed."""
        return int(np.count_nonzero((self.without > 0) & (self.with_model > 0)))

    @property
    def n_only_model(self) -> int:
        """Number of bets that only the model placed: their signals arrived while the baseline held a position."""
        return int(np.count_nonzero(self.without == 0))

    @property
    def n_changed(self) -> int:
        """Number of bets that both variants placed and that ended differently."""
        return int(np.count_nonzero(np.abs(self.value - self.value_with) > 1e-6))


@dataclass(frozen=True, eq=False, kw_only=True)
class PairedComparison:
    """The difference that a model made.

    Parameters
    ----------
    without, with_model : dict
        The metrics of `METRICS` in each variant.
    random : dict
        For each metric ``{"mean", "low", "high"}`` over random filters: the mean and the 2.5 % and 97.5 % quantiles.
    difference : dict
        For each metric ``{"value", "low", "high", "p_random"}``: with the model minus without it, the 95 % interval of
        that, and the share of random filters that do at least as well as the model.
    p_value : float
        Probability that the best of `trials` random filters has at least as large an expectancy.
    trials : int
        Number of trials that were evaluated on these bets.
    n_draws : int
        Number of random filters.
    block_length : float
        Mean length of the resampled blocks, in periods.
    period : int
        Length of the periods, in seconds: a day, or less in short tests.
    equity : dict of str to ndarray of shape (p + 1,)
        ``time`` (UTC seconds, ends of the periods) and the account, 1 at the start: ``without``, ``with_model``,
        and ``random_low``, ``random_median``, ``random_high`` (2.5 %, 50 %, 97.5 % of the random filters at each time).

    Examples
    --------
    >>> comparison = PairedComparison(
    ...     without={"expectancy": 0.001}, with_model={"expectancy": 0.004}, random={},
    ...     difference={"expectancy": {"value": 0.003, "low": 0.001, "high": 0.005, "p_random": 0.01}},
    ...     p_value=0.01, trials=1, n_draws=1000, block_length=5.0, period=86_400, equity={},
    ... )
    >>> comparison.helped
    'yes'
    """

    without: dict[str, float]
    with_model: dict[str, float]
    random: dict[str, dict[str, float]]
    difference: dict[str, dict[str, float]]
    p_value: float
    trials: int
    n_draws: int
    block_length: float
    period: int
    equity: dict[str, npt.NDArray[Any]]

    @property
    def helped(self) -> str:
        """Whether the model helped: "yes", "no" or "cannot tell".

        *Yes* has two conditions: the expectancy is larger than that of random filters with p at most 5 %, corrected for
        the number of trials, and the interval of the difference lies above zero. *No* has one of two: that interval
        lies below zero, or at least 97.5 % of random filters do as well. A model that placed no bet cannot be judged.
        """
        expectancy = self.difference["expectancy"]
        if math.isnan(expectancy["value"]):
            return "cannot tell"
        if self.p_value <= LEVEL and expectancy["low"] > 0:
            return "yes"
        return "no" if expectancy["high"] < 0 or expectancy["p_random"] >= 1 - LEVEL / 2 else "cannot tell"


def match_bets(without: Bets, with_model: Bets) -> BetPool:
    """Match the bets of both variants: bets are the same if symbol, side and time of opening are equal.

    Parameters
    ----------
    without, with_model : Bets
        The bets of both variants, over the same period.

    Returns
    -------
    BetPool

    Notes
    -----
    A bet that only the model placed comes from a signal that arrived while the baseline already held a position. It is
    part of the pool, so that random filters can place it too. Its exposure without a model is unknown, and the median
    exposure is used.

    Examples
    --------
    >>> def bets(opened, value):
    ...     n = len(opened)
    ...     opened = np.array(opened)
    ...     return Bets(opened=opened, closed=opened + 60, value=np.array(value), exposure=np.full(n, 0.5),
    ...                 symbol=np.full(n, "BTC-USDT"), side=np.full(n, "long"))
    >>> pool = match_bets(bets([0, 300, 900], [0.01, -0.02, 0.01]), bets([300, 600], [-0.02, 0.03]))
    >>> len(pool), pool.n_matched, pool.n_only_model, pool.multiple.tolist()
    (4, 1, 1, [0.0, 1.0, 1.0, 0.0])
    """
    rows = {key: row for row, key in enumerate(_keys(without))}
    partner = np.array([rows.get(key, -1) for key in _keys(with_model)], dtype=np.int64)
    matched = partner >= 0
    extra = ~matched
    median = float(np.median(without.exposure)) if len(without) else 1.0
    exposure_with = np.zeros(len(without))
    exposure_with[partner[matched]] = with_model.exposure[matched]
    value_with = without.value.copy()
    value_with[partner[matched]] = with_model.value[matched]
    opened = np.concatenate([without.opened, with_model.opened[extra]])
    order = np.argsort(opened, kind="stable")
    usual = np.concatenate([without.exposure, np.full(extra.sum(), median)])
    taken = np.concatenate([exposure_with, with_model.exposure[extra]])
    return BetPool(
        opened=opened[order],
        closed=np.concatenate([without.closed, with_model.closed[extra]])[order],
        value=np.concatenate([without.value, with_model.value[extra]])[order],
        value_with=np.concatenate([value_with, with_model.value[extra]])[order],
        without=np.concatenate([without.exposure, np.zeros(extra.sum())])[order],
        with_model=taken[order],
        multiple=(taken / usual)[order],
        symbol=np.concatenate([without.symbol, with_model.symbol[extra]])[order],
        side=np.concatenate([without.side, with_model.side[extra]])[order],
    )


def compare_paired(
    pool: BetPool,
    *,
    start: int,
    end: int,
    trials: int = 1,
    n_draws: int = 2000,
    n_resamples: int = 1000,
    random_state: int = 0,
) -> PairedComparison:
    """Estimate the difference that the model made, its interval, and how often a random filter does as well.

    Parameters
    ----------
    pool : BetPool
        From `match_bets`.
    start, end : int
        The test period, UTC seconds, half-open.
    trials : int
        Number of trials on these bets, this one included: models, thresholds and feature sets that were tried.
    n_draws, n_resamples : int
        Number of random filters, and of resamples for the intervals.
    random_state : int
        Seed, fixed by default, so that a comparison is reproducible.

    Returns
    -------
    PairedComparison

    Raises
    ------
    DatasetError
        If there is no bet without the model, or `end` is not after `start`.

    Notes
    -----
    `expectancy` is the net return on money placed, in percent: the mean over bets, weighted by size. Win rate is a
    share of the bets, Sharpe ratio and annual return come from the returns of the account by period (profit counted
    when a bet closes, compounded, 365 days a year); both are NaN for fewer than 30 days. The drawdown is in percent and
    negative. Larger is better for all of them.

    A random filter applies the model's decisions in their order, rotated around the circle of all bets by a random
    number of bets, reversed with probability 1/2, and in large pools also cut at up to three places. This keeps the
    number of bets, their sizes, and the serial dependence of the filter. Outcomes are serially dependent too, and an
    i.i.d. draw for each bet would understate the variance under the null hypothesis.
    """
    if not (pool.without > 0).any():
        raise DatasetError("There is nothing to compare with: no bet was placed without the model.")
    if end <= start:
        raise DatasetError(f"The test period must end after its start; it goes from {start} to {end}.")
    periods = _Periods.over(start, end, pool.closed)
    random = np.random.default_rng(random_state)
    without = periods.add_up(pool.without[None], pool.value)
    with_model = periods.add_up(pool.with_model[None], pool.value_with)
    figures_without, figures_with = _figures(without, periods), _figures(with_model, periods)
    block_length = _block_length(pool, with_model.profit[0] - without.profit[0])
    replicates = _resampled_differences(without, with_model, periods, block_length, n_resamples, random)
    drawn, curves = _random_filters(pool, periods, n_draws, random)
    difference = {
        name: _difference(
            name,
            float(figures_without[name][0]),
            float(figures_with[name][0]),
            replicates[name],
            block_length,
            periods.n,
        )
        | {"p_random": _p_random(float(figures_with[name][0]), drawn[name])}
        for name in METRICS
    }
    return PairedComparison(
        without={name: float(figures_without[name][0]) for name in METRICS},
        with_model={name: float(figures_with[name][0]) for name in METRICS},
        random={name: _spread(drawn[name]) for name in METRICS},
        difference=difference,
        p_value=sidak(difference["expectancy"]["p_random"], trials),
        trials=trials,
        n_draws=n_draws,
        block_length=block_length,
        period=periods.length,
        equity=_equity(without, with_model, curves, periods),
    )


@dataclass(frozen=True, eq=False)
class _Sums:
    """Sums over the bets of b filters in each of p periods; each array has shape (b, p)."""

    profit: Floats
    placed: Floats
    wins: Floats
    bets: Floats

    def take(self, rows: Integers) -> "_Sums":
        """Return the periods of the only filter at `rows`, shape (b, p)."""
        return _Sums(self.profit[0][rows], self.placed[0][rows], self.wins[0][rows], self.bets[0][rows])


@dataclass(frozen=True, eq=False)
class _Periods:
    """Periods of equal length, and the period in which each bet of a pool closed."""

    start: int
    length: int
    n: int
    of_bet: Integers

    @classmethod
    def over(cls, start: int, end: int, closed: Integers) -> "_Periods":
        """Divide a time span into days, or into shorter periods if there are few days."""
        length = min(DAY, max(60, (end - start) // FEWEST_PERIODS))
        n = max(2, -(-(end - start) // length))
        return cls(start, length, n, np.clip((closed - 1 - start) // length, 0, n - 1))

    def add_up(self, exposure: Floats, value: Floats) -> _Sums:
        """Sum the bets of b filters, whose exposures have shape (b, m), by period."""
        cells = (self.n * np.arange(len(exposure))[:, None] + self.of_bet).ravel()

        def summed(amounts: Floats) -> Floats:
            size = len(exposure) * self.n
            totals: Floats = np.bincount(cells, weights=amounts.ravel(), minlength=size).astype(np.float64)
            return totals.reshape(-1, self.n)

        placed = (exposure > 0).astype(np.float64)
        return _Sums(summed(exposure * value), summed(exposure), summed(placed * (value > 0)), summed(placed))


def _keys(bets: Bets) -> Iterator[tuple[str, str, int]]:
    """Return the key of each bet: symbol, side and time of opening."""
    return zip(bets.symbol.tolist(), bets.side.tolist(), bets.opened.tolist(), strict=True)


def _figures(sums: _Sums, periods: _Periods) -> dict[str, Floats]:
    """Compute each metric for b filters; NaN where it is undefined."""
    per_year = YEAR / periods.length if periods.n * periods.length >= FEWEST_DAYS_PER_YEAR * DAY else math.nan
    growth = np.log(np.maximum(1 + sums.profit, 1e-12))
    account = np.cumsum(growth, axis=1)
    peak = np.maximum.accumulate(np.maximum(account, 0.0), axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = sums.profit.std(axis=1, ddof=1)
        sharpe = np.where(spread > 0, sums.profit.mean(axis=1) / spread, np.nan) * math.sqrt(per_year)
        return {
            "expectancy": 100 * sums.profit.sum(axis=1) / sums.placed.sum(axis=1),
            "win_rate": sums.wins.sum(axis=1) / sums.bets.sum(axis=1),
            "sharpe_ratio": sharpe,
            "max_drawdown": 100 * np.expm1((account - peak).min(axis=1)),
            "annual_return": 100 * np.expm1(np.clip(account[:, -1] * per_year / periods.n, None, 700.0)),
        }


def _block_length(pool: BetPool, gain: Floats) -> float:
    """Return the mean block length in periods, from the autocorrelation of the gain and of the model's decisions.

    A year of noisy outcomes hardly shows their autocorrelation; that of the decisions is visible. Where only one of the
    two is autocorrelated, the blocks are longer than needed and the interval is slightly wider.
    """
    runs = automatic_block_length(pool.multiple > 0) * gain.size / len(pool)
    return float(min(max(block_length_for(gain), runs), gain.size / 3))


def _resampled_differences(
    without: _Sums,
    with_model: _Sums,
    periods: _Periods,
    block_length: float,
    n_resamples: int,
    random: np.random.Generator,
) -> dict[str, Floats]:
    """Compute the differences of all metrics on resamples of the periods, the same for both variants."""
    at_once = max(1, sizes.WEIGHTS_AT_ONCE // periods.n)
    parts: dict[str, list[Floats]] = {name: [] for name in METRICS}
    for done in range(0, n_resamples, at_once):
        rows = stationary_bootstrap(periods.n, min(at_once, n_resamples - done), block_length, random)
        before, after = _figures(without.take(rows), periods), _figures(with_model.take(rows), periods)
        for name in METRICS:
            parts[name].append(after[name] - before[name])
    return {name: np.concatenate(part) for name, part in parts.items()}


def _random_filters(
    pool: BetPool, periods: _Periods, n_draws: int, random: np.random.Generator
) -> tuple[dict[str, Floats], Floats]:
    """Return the metrics of random filters and their equity curves, shape (n_draws, p)."""
    base = pool.base
    at_once = max(1, sizes.WEIGHTS_AT_ONCE // max(len(pool), periods.n))
    parts: dict[str, list[Floats]] = {name: [] for name in METRICS}
    curves = []
    for done in range(0, n_draws, at_once):
        size = min(at_once, n_draws - done)
        multiples = pool.multiple[np.stack([_permuted(len(pool), random) for _ in range(size)])]
        sums = periods.add_up(base * multiples, pool.value)
        figures = _figures(sums, periods)
        for name in METRICS:
            parts[name].append(figures[name])
        curves.append(np.cumsum(np.log(np.maximum(1 + sums.profit, 1e-12)), axis=1))
    return {name: np.concatenate(part) for name, part in parts.items()}, np.concatenate(curves)


def _permuted(n: int, random: np.random.Generator) -> Integers:
    """Return a random permutation of n decisions that keeps runs: rotated, possibly cut and reversed."""
    rows = np.roll(np.arange(n), int(random.integers(n)))
    if n >= FEWEST_TO_CUT:
        cuts = np.sort(random.integers(0, n, random.integers(0, MOST_CUTS + 1)))
        pieces = np.split(rows, cuts)
        rows = np.concatenate([pieces[k] for k in random.permutation(len(pieces))])
    return rows[::-1] if random.random() < 0.5 else rows


def _difference(
    name: str, without: float, with_model: float, replicates: Floats, block_length: float, n: int
) -> dict[str, float]:
    """Return a difference with its interval, cut off where the figure with the model would leave its range."""
    value = with_model - without
    low, high = resampled_interval(value, replicates[np.isfinite(replicates)], block_length, n)
    least, most = RANGES.get(name, ANYTHING)
    # The range is known without error, so that cutting the interval off takes no coverage away.
    return {"value": value, "low": max(low, least - without), "high": min(high, most - without)}


def _p_random(value: float, drawn: Floats) -> float:
    """Return the share of random filters that do at least as well; 1 if the value is undefined."""
    defined = drawn[np.isfinite(drawn)]
    if not np.isfinite(value) or not defined.size:
        return 1.0
    # Rounding must not break ties with a filter that makes the same decisions.
    as_good = np.count_nonzero(defined >= value - 1e-9 * max(1.0, abs(value)))
    return (1 + as_good) / (1 + defined.size)


def _spread(drawn: Floats) -> dict[str, float]:
    """Return the mean and the 2.5 % and 97.5 % quantiles of a metric over random filters."""
    defined = drawn[np.isfinite(drawn)]
    if not defined.size:
        return {"mean": math.nan, "low": math.nan, "high": math.nan}
    low, high = np.quantile(defined, [0.025, 0.975])
    return {"mean": float(defined.mean()), "low": float(low), "high": float(high)}


def _equity(without: _Sums, with_model: _Sums, curves: Floats, periods: _Periods) -> dict[str, npt.NDArray[Any]]:
    """Return the equity curves at the ends of the periods, starting with 1."""
    low, median, high = np.quantile(curves, [0.025, 0.5, 0.975], axis=0)
    accounts = {
        "without": np.cumsum(np.log(np.maximum(1 + without.profit[0], 1e-12))),
        "with_model": np.cumsum(np.log(np.maximum(1 + with_model.profit[0], 1e-12))),
        "random_low": low,
        "random_median": median,
        "random_high": high,
    }
    time = periods.start + periods.length * np.arange(periods.n + 1)
    return {"time": time} | {name: np.exp(np.concatenate([[0.0], path])) for name, path in accounts.items()}
