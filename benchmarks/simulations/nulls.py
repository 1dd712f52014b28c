"""Data sets in which nothing can be predicted, or nothing be earned, although they look like markets.

Each is drawn by a pure function of a generator of random numbers. `Null.promise` is the share of sets in which
"predicts" may be said of it; martingale barriers can be predicted, and only "pays" would be wrong.
"""

import functools
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.tree import DecisionTreeClassifier

from livermore.ml.dataset import Dataset
from simulations.samples import BAR, labels_of, samples
from simulations.series import (
    SETTLING,
    autoregressive,
    change,
    gjr_returns,
    overlapping,
    price_distances,
    price_levels,
    random_walk,
    regimes,
    technical,
    trailing_deviation,
    trailing_mean,
    wandering_volatility,
)

__all__ = ["MODELS", "NULLS", "Null", "barriers", "own_noise"]

Floats = npt.NDArray[np.float64]
Generator = np.random.Generator

MODELS: dict[str, Callable[[], Any]] = {
    "binary": LogisticRegression,
    "multiclass": LogisticRegression,
    "regression": Ridge,
}
HORIZON = 10
N_FEATURES = 18


@dataclass(frozen=True)
class Null:
    """A kind of data set in which there is nothing to find.

    Attributes
    ----------
    draw : callable
        Draws a data set with a generator of random numbers.
    task : str
        The task of its labels.
    model : callable
        Makes the estimator that is trained on it.
    promise : float or None
        The largest share of sets in which "predicts" may be said; None where the label can be predicted.
    """

    draw: Callable[[Generator], Dataset]
    task: str = "binary"
    model: Callable[[], Any] | None = None
    promise: float | None = 0.05

    def estimator(self) -> Any:
        """Return a fresh estimator."""
        return (self.model or MODELS[self.task])()


def own_noise(random: Generator, n: int, task: str = "binary") -> Dataset:
    """Draw the project's own noise: 18 autoregressive features and labels over ten bars."""
    X = autoregressive(n, random.uniform(0, 0.95, N_FEATURES), random)
    return _noise(X, overlapping(n, HORIZON, random), task)


def _noise(X: Floats, outcome: Floats, task: str = "binary", horizon: int = HORIZON) -> Dataset:
    """Return samples whose payoff has mean 0, whatever is known."""
    return samples(X, labels_of(outcome, task), horizon, payoff=0.01 * outcome)


def _unpaid(X: Floats, outcome: Floats) -> Dataset:
    """Return samples without payoffs: the mean of these outcomes is not 0 at all times."""
    return samples(X, labels_of(outcome, "binary"), HORIZON)


def _price(n: int, random: Generator) -> tuple[Floats, Floats]:
    """Draw a random walk and its outcomes; returns prices with those before the first sample, and n log returns."""
    logarithm = random_walk(SETTLING + n + HORIZON, 0.01, random)
    outcome = change(logarithm, HORIZON)[SETTLING + HORIZON :]
    return 100 * np.exp(logarithm[:-HORIZON]), outcome


def on_a_price(random: Generator, n: int, features: Callable[[Floats], Floats]) -> Dataset:
    """Draw a price that is a random walk, features of it, and whether it rises over the next ten bars."""
    price, outcome = _price(n, random)
    return samples(features(price)[SETTLING:], labels_of(outcome, "binary"), HORIZON, payoff=outcome)


def walking_base_rate(random: Generator, n: int) -> Dataset:
    """Draw labels whose base rate is a random walk, and features that are other random walks."""
    X = np.column_stack([random_walk(n, 1.0, random) for _ in range(N_FEATURES)])
    return _unpaid(X, random_walk(n, 1.5 / np.sqrt(n), random) + overlapping(n, HORIZON, random))


def rising_base_rate(random: Generator, n: int) -> Dataset:
    """Draw labels whose base rate rises from 35 % to 65 % in a line, and stationary features."""
    X = autoregressive(n, random.uniform(0, 0.95, N_FEATURES), random)
    return _unpaid(X, np.linspace(-0.385, 0.385, n) + overlapping(n, HORIZON, random))


def persistent(random: Generator, n: int, features: tuple[float, float], label: float) -> Dataset:
    """Draw features and labels with long memories that have nothing to do with each other."""
    X = autoregressive(n, random.uniform(*features, N_FEATURES), random)
    return _unpaid(X, autoregressive(n, label, random))


def switching(random: Generator, n: int) -> Dataset:
    """Draw features and a base rate that switch between two states each, at times of their own."""
    X = autoregressive(n, random.uniform(0, 0.95, N_FEATURES), random)
    X += np.column_stack([regimes(n, n // 8, random) for _ in range(N_FEATURES)])
    return _unpaid(X, 0.5 * regimes(n, n // 8, random) + overlapping(n, HORIZON, random))


def barriers(random: Generator, n: int, cost: float) -> Dataset:
    """Draw triple-barrier labels on a martingale whose volatility clusters; the features are past volatilities.

    Volatility tells whether a barrier is reached in time, so the label can be predicted; the payoff cannot: whatever
    stopping rule is used on a martingale, its mean is 0, less the cost.
    """
    limit, width = 20, 0.006
    returns = wandering_volatility(SETTLING + n + limit, 0.98, 0.7, random)
    logarithm = np.cumsum(returns)
    paths = np.lib.stride_tricks.sliding_window_view(logarithm, limit + 1)[SETTLING - 1 : SETTLING - 1 + n]
    gains = paths[:, 1:] - paths[:, :1]
    touched = np.abs(gains) >= width
    at = np.where(touched.any(axis=1), touched.argmax(axis=1), limit - 1)
    payoff = gains[np.arange(n), at]
    won = payoff >= width
    squares = returns**2
    X = np.column_stack([np.log(trailing_deviation(returns, w) + 1e-9) for w in (5, 10, 20, 50, 100)])
    X = np.column_stack([X, squares, change(logarithm, 5), change(logarithm, 20)])[SETTLING - 1 : SETTLING - 1 + n]
    return samples(X, tuple(won.tolist()), at + 1, payoff=payoff - cost)


def pooled(random: Generator, bars: int, says_when_known: bool) -> Dataset:
    """Draw 50 symbols of which one factor makes four fifths of the variance, in labels and in features."""
    symbols = 50

    def of_all(common: Floats, own: Floats) -> Floats:
        return np.sqrt(0.8) * common[:, None] + np.sqrt(0.2) * own

    own = np.column_stack([overlapping(bars, HORIZON, random) for _ in range(symbols)])
    outcome = of_all(overlapping(bars, HORIZON, random), own).ravel()
    memory = random.uniform(0, 0.95, 8)
    X = np.column_stack(
        [
            of_all(autoregressive(bars, rho, random), autoregressive(bars, np.full(symbols, rho), random)).ravel()
            for rho in memory
        ]
    )
    return samples(
        X,
        labels_of(outcome, "binary"),
        HORIZON,
        payoff=0.01 * outcome,
        time=np.repeat(BAR * np.arange(bars, dtype=np.int64), symbols),
        symbol=np.tile([f"S{k:02}-USDT" for k in range(symbols)], bars),
        says_when_known=says_when_known,
    )


def few_positives(random: Generator, n: int, memory: float) -> Dataset:
    """Draw labels of which 2 % are positive, over ten bars or, with a memory, in clusters."""
    X = autoregressive(n, random.uniform(0, 0.95, N_FEATURES), random)
    outcome = autoregressive(n, memory, random) if memory else overlapping(n, HORIZON, random)
    return _unpaid(X, outcome - 2.054)


def rare_class(random: Generator, n: int) -> Dataset:
    """Draw three classes, one of which has 2 % of the samples."""
    X = autoregressive(n, random.uniform(0, 0.95, N_FEATURES), random)
    classes = np.digitize(overlapping(n, HORIZON, random), [0.0, 2.054]) - 1
    return samples(X, tuple(classes.tolist()), HORIZON)


def duplicated(random: Generator, n: int, times: int) -> Dataset:
    """Draw the project's own noise with each sample several times over."""
    once = own_noise(random, n // times)
    return once.take(np.repeat(np.arange(len(once)), times))


def heavy_tails(random: Generator, n: int, features_too: bool) -> Dataset:
    """Draw returns, and perhaps features, of a t distribution with 2.1 degrees of freedom."""
    shape = (n, N_FEATURES)
    X = random.standard_t(2.1, shape) if features_too else random.standard_normal(shape)
    return samples(X, tuple((0.01 * random.standard_t(2.1, n)).tolist()), 1)


def garch(random: Generator, n: int, task: str) -> Dataset:
    """Draw the next return, or its sign, where volatility clusters; the features are past returns and volatilities."""
    returns = gjr_returns(SETTLING + n + 1, random)
    past, coming = returns[:-1], returns[1:]
    columns = [trailing_deviation(past, w) for w in (5, 10, 20, 50, 100)]
    columns += [past, np.abs(past), np.concatenate([[0.0], past[:-1]])]
    X = np.column_stack(columns)[SETTLING:]
    outcome = coming[SETTLING:]
    return samples(X, labels_of(100 * outcome, task), 1, payoff=outcome)


def signals_at_random_times(random: Generator, n: int) -> Dataset:
    """Draw signals that come in bursts, so that their labels overlap much or not at all."""
    at = np.cumsum(np.where(random.random(n) < 0.1, random.integers(20, 200, n), 1))
    noise = np.concatenate([[0.0], np.cumsum(random.standard_normal(at[-1] + HORIZON))])
    outcome = (noise[at + HORIZON] - noise[at]) / np.sqrt(HORIZON)
    X = autoregressive(n, random.uniform(0, 0.95, N_FEATURES), random)
    return samples(X, labels_of(outcome, "binary"), HORIZON, payoff=0.01 * outcome, time=BAR * at.astype(np.int64))


def hours_of_the_day(random: Generator, n: int) -> Dataset:
    """Draw volatility that follows the hour, and features that tell the hour."""
    hour = 2 * np.pi * np.arange(n + HORIZON) / 96
    noise = np.cumsum(np.exp(0.8 * np.sin(hour)) * random.standard_normal(n + HORIZON))
    X = np.column_stack([f(k * hour[:n]) for k in (1, 2, 3) for f in (np.sin, np.cos)])
    return _noise(X, (noise[HORIZON:] - noise[:-HORIZON]) / np.sqrt(HORIZON))


def trending(random: Generator, n: int) -> Dataset:
    """Draw labels whose base rate rises in a line, and features that rise or fall in lines of their own."""
    X = autoregressive(n, random.uniform(0, 0.95, N_FEATURES), random)
    X += np.linspace(-1, 1, n)[:, None] * random.uniform(-2, 2, N_FEATURES)
    return _unpaid(X, np.linspace(-0.385, 0.385, n) + overlapping(n, HORIZON, random))


def uneven_labels(random: Generator, n: int) -> Dataset:
    """Draw labels over 1 to 200 bars each."""
    bars = random.integers(1, 201, n)
    walk = np.concatenate([[0.0], np.cumsum(random.standard_normal(n + 200))])
    outcome = (walk[np.arange(n) + bars] - walk[:n]) / np.sqrt(bars)
    X = autoregressive(n, random.uniform(0, 0.95, N_FEATURES), random)
    return samples(X, labels_of(outcome, "binary"), bars, payoff=0.01 * outcome)


def walking_volatility(random: Generator, n: int, task: str = "binary") -> Dataset:
    """Draw returns of heavy tails whose log volatility is nearly a random walk; the features are past volatilities."""
    logarithm, deviation = _wild_price(n, random)
    columns = [np.log(trailing_deviation(np.diff(logarithm, prepend=0.0), w) + 1e-9) for w in (10, 50, 200)]
    X = np.column_stack([*columns, np.log(deviation), change(logarithm, 1), change(logarithm, 20)])[SETTLING:-HORIZON]
    outcome = change(logarithm, HORIZON)[SETTLING + HORIZON :]
    return samples(X, labels_of(100 * outcome, task), HORIZON, payoff=outcome)


def horizon_by_volatility(random: Generator, n: int) -> Dataset:
    """Draw labels over 5 to 60 bars, the longer the calmer it is; the features are the horizon and past returns."""
    logarithm, deviation = _wild_price(n + 50, random)
    at = np.arange(SETTLING, SETTLING + n)
    bars = np.clip(0.04 / deviation[at], 5, 60).astype(np.int64)
    X = np.column_stack([bars, *(change(logarithm, w)[at] for w in (1, 5, 20, 60))])
    outcome = logarithm[at + bars] - logarithm[at]
    return samples(X, labels_of(outcome, "binary"), bars, payoff=outcome)


def _wild_price(n: int, random: Generator) -> tuple[Floats, Floats]:
    """Draw a martingale with shocks of t(3), and its volatility; bars before and after the samples included."""
    length = SETTLING + n + HORIZON
    deviation = 0.002 * np.exp(0.7 * autoregressive(length, 0.998, random))
    return np.cumsum(deviation * random.standard_t(3, length)), deviation


def far_from_the_mean(random: Generator, n: int) -> Dataset:
    """Draw signals only where a random walk is two deviations from its mean of 50 bars; they come in clusters."""
    bars = 12 * n
    price, outcome = _price(bars, random)
    z = ((price - trailing_mean(price, 50)) / (trailing_deviation(price, 50) + 1e-12))[SETTLING:]
    at = np.flatnonzero(np.abs(z) > 2)[:n]
    X = np.column_stack([z, technical(price)[SETTLING:]])[at]
    return samples(X, labels_of(outcome[at], "binary"), HORIZON, payoff=outcome[at], time=BAR * at.astype(np.int64))


def own_time(random: Generator, n: int) -> Dataset:
    """Draw noise of ten bars, and features that are the time of the sample and its square."""
    at = np.linspace(-1, 1, n)
    return _noise(np.column_stack([at, at**2]), overlapping(n, HORIZON, random))


def missing_by_regime(random: Generator, n: int) -> Dataset:
    """Draw the project's own noise, with half of the features 0 in some regimes, as if they had been missing."""
    noise = own_noise(random, n)
    absent = (regimes(n, n // 8, random) > 0)[:, None] & (np.arange(N_FEATURES) < N_FEATURES // 2)
    return replace(noise, X=np.where(absent, 0.0, noise.X))


def listed_one_by_one(random: Generator, bars: int) -> Dataset:
    """Draw ten symbols of which each starts later than the one before."""
    every = pooled(random, bars, says_when_known=True)
    number = np.tile(np.arange(50), bars)
    return every.take(np.flatnonzero((number < 10) & (every.time >= BAR * number * (bars // 15))))


def drifting_shares(random: Generator, n: int) -> Dataset:
    """Draw three classes whose shares move in a line, by half, and stationary features."""
    X = autoregressive(n, random.uniform(0, 0.95, N_FEATURES), random)
    outcome = overlapping(n, HORIZON, random) + np.linspace(-0.3, 0.3, n)
    return samples(X, labels_of(outcome, "multiclass"), HORIZON)


def long_horizon(random: Generator, n: int) -> Dataset:
    """Draw labels over 200 bars, and features with memories as long."""
    X = autoregressive(n, random.uniform(0, 0.99, N_FEATURES), random)
    return _noise(X, overlapping(n, 200, random), horizon=200)


def _of(function: Callable[..., Dataset], **settings: Any) -> Callable[[Generator], Dataset]:
    return functools.partial(function, **settings)


def _log_level(price: Floats) -> Floats:
    return np.log(price)[:, None]


def _forest() -> Any:
    return RandomForestClassifier(20, min_samples_leaf=20, random_state=0)


def _stump() -> Any:
    return DecisionTreeClassifier(max_depth=1, random_state=0)


NULLS: dict[str, Null] = {
    "own noise, n = 500": Null(_of(own_noise, n=500)),
    "own noise, n = 2,000": Null(_of(own_noise, n=2000)),
    "own noise, multiclass, n = 500": Null(_of(own_noise, n=500, task="multiclass"), "multiclass"),
    "own noise, regression, n = 500": Null(_of(own_noise, n=500, task="regression"), "regression"),
    "price levels, n = 500": Null(_of(on_a_price, n=500, features=price_levels)),
    "price levels, n = 2,000": Null(_of(on_a_price, n=2000, features=price_levels)),
    "log price alone, n = 500": Null(_of(on_a_price, n=500, features=_log_level)),
    "price distances, n = 2,000": Null(_of(on_a_price, n=2000, features=price_distances)),
    "technical indicators, n = 500": Null(_of(on_a_price, n=500, features=technical)),
    "technical indicators, n = 2,000": Null(_of(on_a_price, n=2000, features=technical)),
    "base rate a random walk, n = 1,000": Null(_of(walking_base_rate, n=1000), promise=0.08),
    "base rate 35 to 65 %, n = 1,000": Null(_of(rising_base_rate, n=1000)),
    "memory .999, n = 1,000": Null(_of(persistent, n=1000, features=(0.999, 0.999), label=0.999)),
    "memory .99, n = 1,000": Null(_of(persistent, n=1000, features=(0.99, 0.99), label=0.99)),
    "labels' memory .99, n = 1,000": Null(_of(persistent, n=1000, features=(0.8, 0.99), label=0.99)),
    "regimes, n = 1,000": Null(_of(switching, n=1000)),
    "martingale barriers, no fee, n = 5,000": Null(_of(barriers, n=5000, cost=0.0), promise=None),
    "martingale barriers, fee 4 bp, n = 5,000": Null(_of(barriers, n=5000, cost=0.0004), promise=None),
    "pooled 50 × 40": Null(_of(pooled, bars=40, says_when_known=True)),
    "pooled 50 × 200": Null(_of(pooled, bars=200, says_when_known=True)),
    "pooled 50 × 200, no label times": Null(_of(pooled, bars=200, says_when_known=False)),
    "2 % positives, n = 2,000": Null(_of(few_positives, n=2000, memory=0.0)),
    "2 % positives, n = 5,000": Null(_of(few_positives, n=5000, memory=0.0)),
    "2 % positives in clusters, n = 5,000": Null(_of(few_positives, n=5000, memory=0.98)),
    "one class of three of 2 %, n = 2,000": Null(_of(rare_class, n=2000), "multiclass"),
    "each sample five times, n = 1,000": Null(_of(duplicated, n=1000, times=5)),
    "returns t(2.1), n = 1,000": Null(_of(heavy_tails, n=1000, features_too=False), "regression"),
    "returns and features t(2.1), n = 1,000": Null(_of(heavy_tails, n=1000, features_too=True), "regression"),
    "GJR-GARCH, sign, n = 1,000": Null(_of(garch, n=1000, task="binary")),
    "GJR-GARCH, return, n = 1,000": Null(_of(garch, n=1000, task="regression"), "regression"),
    "tree of depth 1, n = 1,000": Null(_of(own_noise, n=1000), model=_stump),
    "n = 60": Null(_of(own_noise, n=60)),
    "horizon 200, n = 1,000": Null(_of(long_horizon, n=1000)),
    "horizon 200, n = 3,000": Null(_of(long_horizon, n=3000)),
    "signals in bursts, n = 1,000": Null(_of(signals_at_random_times, n=1000)),
    "trends in base rate and features, n = 1,000": Null(_of(trending, n=1000)),
    "labels over 1 to 200 bars, n = 1,000": Null(_of(uneven_labels, n=1000)),
    "hours of the day, n = 2,000": Null(_of(hours_of_the_day, n=2000)),
    "volatility a random walk, sign, n = 1,000": Null(_of(walking_volatility, n=1000)),
    "volatility a random walk, return, n = 1,000": Null(
        _of(walking_volatility, n=1000, task="regression"), "regression"
    ),
    "horizon by volatility, n = 1,000": Null(_of(horizon_by_volatility, n=1000)),
    "two deviations from the mean, n = 1,000": Null(_of(far_from_the_mean, n=1000)),
    "time as a feature, n = 1,000": Null(_of(own_time, n=1000)),
    "features missing by regime, n = 1,000": Null(_of(missing_by_regime, n=1000)),
    "ten symbols listed one by one": Null(_of(listed_one_by_one, bars=300)),
    "shares of three classes in lines, n = 1,000": Null(_of(drifting_shares, n=1000), "multiclass"),
    "random forest, n = 1,000": Null(_of(own_noise, n=1000), model=_forest),
}
