"""Intervals of metrics by influence: how much each stretch of time moves a metric, and how these moves remember.

A metric of weighted samples is, near unit weights, a sum of what each sample adds (its influence function; Hampel,
JASA 1974). Summed over consecutive stretches of time the influences are a series, and the variance of the metric is the
long-run variance of that series. This is as good as a block bootstrap where there are many samples, needs no random
numbers, and says with few how many degrees of freedom the variance has.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from scipy import stats
from scipy.special import expit, logit

from livermore.ml import sizes
from livermore.ml.evidence._intervals import wilson_ends
from livermore.ml.evidence._memory import cosine_transforms, fit_memory
from livermore.ml.labels import LabelWindows
from livermore.typing import Array, Floats, Integers

__all__ = [
    "FEWEST_INDEPENDENT",
    "Estimate",
    "degrees_of",
    "estimate_all",
    "independent_samples",
    "share_interval",
    "time_stretches",
]

Interval = tuple[float, float]
Figure = Callable[[Floats], Floats]

#: With fewer independent samples of the smaller class there is no interval.
FEWEST_INDEPENDENT = 10.0
# Stretches of time at most, and cosine waves over them.
MOST_STRETCHES = 400
MOST_WAVES = 24
FEWEST_WAVES = 3
# The weight added to a stretch, whose effect on the metric is its influence.
STEP = 1e-4
UNBOUNDED = (-np.inf, np.inf)
NONE = (float("nan"), float("nan"))


@dataclass(frozen=True)
class Estimate:
    """A metric with its 95 % interval.

    Parameters
    ----------
    value : float
        The metric.
    interval : tuple of float
        (NaN, NaN) where the samples are too few for one.
    standard_error : float
        NaN where the metric is undefined.

    Examples
    --------
    >>> Estimate(0.61, (0.55, 0.67)).interval
    (0.55, 0.67)
    """

    value: float
    interval: Interval = NONE
    standard_error: float = float("nan")


def estimate_all(
    figures: Mapping[str, Figure],
    windows: LabelWindows,
    independent: float,
    bounds: Mapping[str, Interval] | None = None,
) -> dict[str, Estimate]:
    """Estimate metrics of the same samples.

    Parameters
    ----------
    figures : mapping of str to callable
        From weights of shape (b, n) to b values of a metric that is smooth in them, NaN where undefined.
    windows : LabelWindows
        Label intervals of the n samples: stretches are cut by their starts.
    independent : float
        Number of independent samples of the smaller class (`independent_samples`): with fewer than 10 no interval is
        given, and it bounds the degrees of freedom.
    bounds : mapping of str to tuple of float, optional
        Range of each metric. The interval is computed on the scale of log-odds between two bounds, and of logarithms
        from one, so that it stays inside.

    Returns
    -------
    dict of str to Estimate

    Notes
    -----
    The half width is the mean of two: from the fitted memory of the influences with as many degrees of freedom as there
    are independent values, and from their longest cosine waves (Lazarus, Lewis, Stock and Watson, JBES 2018) with one
    for each. Simulated coverage is stated in `docs/intervals.md`.

    Examples
    --------
    >>> x = np.random.default_rng(0).normal(loc=1.0, size=200)
    >>> windows = LabelWindows.of(range(200), range(1, 201))
    >>> mean = estimate_all({"mean": lambda w: w @ x / w.sum(axis=1)}, windows, independent=200.0)["mean"]
    >>> mean.value, mean.interval[0] < 1.0 < mean.interval[1], mean.interval[1] - mean.interval[0] < 0.4
    (1.015, True, True)
    """
    stretch = time_stretches(windows)
    moved = _influences(figures, stretch)
    found = {}
    for name, (value, influence) in moved.items():
        range_ = UNBOUNDED if bounds is None else bounds.get(name, UNBOUNDED)
        found[name] = _estimate(value, influence, independent, range_)
    return found


def independent_samples(member: Array, windows: LabelWindows) -> float:
    """Return how many independent samples carry as much information on a share as those of the smaller group.

    Parameters
    ----------
    member : ndarray of shape (n,)
        Whether each sample is in the group.
    windows : LabelWindows
        Label intervals of the samples.

    Returns
    -------
    float
        Samples in the group or outside, whichever are fewer, divided by how much larger the variance of their share is
        than that of independent samples. 0 if all are of one kind.

    Examples
    --------
    >>> windows = LabelWindows.of(range(400), range(1, 401))
    >>> independent_samples(np.random.default_rng(0).random(400) < 0.1, windows)
    41.895
    >>> independent_samples(np.arange(400) < 40, windows) < 3
    True
    """
    truth = np.asarray(member, dtype=np.float64)
    rate = float(truth.mean()) if truth.size else 0.0
    if rate in (0.0, 1.0):
        return 0.0
    stretch = time_stretches(windows)
    sums = np.bincount(stretch, truth - rate).astype(np.float64)
    fitted, _ = _variances(sums)
    inflation = fitted.variance / (truth.size * rate * (1 - rate))
    return min(rate, 1 - rate) * truth.size / max(inflation, 1.0)


def share_interval(truth: Array, inside: Array, windows: LabelWindows) -> tuple[Interval, float]:
    """Return the interval of the share of true samples among some, and how many independent ones these are.

    Parameters
    ----------
    truth : ndarray of shape (n,)
        Whether each sample is true.
    inside : ndarray of shape (n,), bool
        Which samples are counted.
    windows : LabelWindows
        Label intervals of all samples.

    Returns
    -------
    ((low, high), n_effective)
        Wilson's interval for the independent samples; (NaN, NaN) if they are fewer than 10, or if those of the smaller
        class among all n are: how much samples depend on one another is then unknown.

    Notes
    -----
    The number of independent samples is the one at which independent samples would have the variance of the share
    (design effect; Korn and Graubard, Survey Methodology 1998), and the normal quantile is Student's. The effect is the
    geometric mean of that among the counted samples and that of all n: among few samples it is known badly, and those
    in which it looks small would be given too narrow an interval.

    Examples
    --------
    >>> windows = LabelWindows.of(range(100), range(1, 101))
    >>> share_interval(np.arange(100) % 4 == 0, np.arange(100) < 40, windows)
    ((0.139, 0.408), 39.6)
    """
    count = int(np.count_nonzero(inside))
    if not count:
        return NONE, 0.0
    hit, chosen = np.asarray(truth, dtype=np.float64), np.asarray(inside, dtype=np.bool_)
    rate = float(hit[chosen].mean())
    stretch = time_stretches(windows)
    whole = _inflation(hit - hit.mean(), stretch)
    smaller = min(float(hit.sum()), float((1.0 - hit).sum())) / max(whole, 1.0)
    own = _inflation(np.where(chosen, hit - rate, 0.0), stretch) if 0 < rate < 1 else whole
    independent = count / np.sqrt(max(own, 1.0) * max(whole, 1.0))
    if min(independent, smaller) < FEWEST_INDEPENDENT:
        return NONE, float(independent)
    z = float(stats.t.ppf(0.975, degrees_of(independent)))
    return wilson_ends(rate, float(independent), z), float(independent)


def degrees_of(independent: float) -> float:
    """Return the degrees of freedom of an interval from so many independent samples: one less, and fewer below 22.

    An interval is given from ten samples on. Where about ten are expected it is given when there happen to be more,
    and then the samples are not typical: the wider interval makes up for that.

    Examples
    --------
    >>> degrees_of(10.0), degrees_of(18.0), degrees_of(100.0)
    (4.0, 12.5, 99.0)
    """
    return float(np.interp(independent, (14.0, 22.0), (4.0, 21.0))) if independent < 22.0 else independent - 1.0


def time_stretches(windows: LabelWindows) -> Integers:
    """Return the stretch of time in which each sample was taken: its time, or one of 400 groups of consecutive times.

    Examples
    --------
    >>> time_stretches(LabelWindows.of([0, 60, 60, 120], [60, 120, 120, 180]))
    array([0, 1, 1, 2])
    """
    times, place = np.unique(windows.start, return_inverse=True)
    if times.size <= MOST_STRETCHES:
        return np.asarray(place, dtype=np.int64)
    return np.asarray(place * MOST_STRETCHES // times.size, dtype=np.int64)


@dataclass(frozen=True)
class _Variance:
    """An estimate of the variance of a sum, and its degrees of freedom."""

    variance: float
    degrees: float

    def half(self, most_degrees: float) -> float:
        """Return half the width of the 95 % interval."""
        degrees = max(min(self.degrees, most_degrees), 1.0)
        return float(stats.t.ppf(0.975, degrees) * np.sqrt(self.variance))


def _variances(sums: Floats) -> tuple[_Variance, _Variance]:
    """Return two estimates of the variance of the total of a series: from its fitted memory, and from its waves."""
    n, centred = sums.size, sums - sums.mean()
    memory = fit_memory([centred])
    fitted = n**2 * memory.variance_of_mean(n)
    inflation = fitted / (n * memory.variance) if memory.variance > 0 else 1.0
    count = max(min(memory.waves(n), MOST_WAVES), FEWEST_WAVES)
    free = n * float((cosine_transforms(centred, count) ** 2).mean())
    return _Variance(fitted, n / max(inflation, 1.0) - 2), _Variance(free, float(count))


def _inflation(values: Floats, stretch: Integers) -> float:
    """Return how much larger the variance of the sum of values is than if they were independent."""
    alone = float(values @ values)
    return _variances(np.bincount(stretch, values).astype(np.float64))[0].variance / alone if alone > 0 else 1.0


def _influences(figures: Mapping[str, Figure], stretch: Integers) -> dict[str, tuple[float, Floats]]:
    """Return each metric, and how much it moves per unit of weight that a stretch of time gains."""
    n, count = stretch.size, int(stretch.max(initial=-1)) + 1
    at_once = max(1, sizes.WEIGHTS_AT_ONCE // max(n, 1))
    with np.errstate(invalid="ignore", divide="ignore"):
        values = {name: float(figure(np.ones((1, n)))[0]) for name, figure in figures.items()}
        moved: dict[str, list[Floats]] = {name: [] for name in figures}
        for first in range(0, count, at_once):
            numbers = np.arange(first, min(first + at_once, count))
            weights = 1.0 + STEP * (stretch == numbers[:, None])
            for name, figure in figures.items():
                moved[name].append((figure(weights) - values[name]) / STEP)
    return {name: (values[name], np.concatenate(parts)) for name, parts in moved.items() if parts}


def _estimate(value: float, influence: Floats, independent: float, bounds: Interval) -> Estimate:
    """Return the interval of one metric from its influences."""
    if not np.isfinite(value) or not np.isfinite(influence).all():
        return Estimate(value)
    fitted, free = _variances(influence)
    # Influences are measured from the sample's own fit, which makes them small by about one in `independent`.
    widen = float(np.sqrt(independent / (independent - 1))) if independent > 2 else 1.0
    most = degrees_of(independent)
    half = widen * (fitted.half(most) + free.half(most)) / 2
    error = widen * float(np.sqrt((fitted.variance + free.variance) / 2))
    scaled, slope = _stretched(value, bounds)
    if independent < FEWEST_INDEPENDENT or not np.isfinite(scaled) or not half > 0:
        return Estimate(value, standard_error=error)
    ends = _shrunk(np.array([scaled - half * slope, scaled + half * slope]), bounds)
    return Estimate(value, (float(ends[0]), float(ends[1])), error)


def _stretched(value: float, bounds: Interval) -> tuple[float, float]:
    """Return a value on a scale without bounds, and the slope of that scale there."""
    low, high = bounds
    with np.errstate(divide="ignore", invalid="ignore"):
        if np.isfinite(low) and np.isfinite(high):
            share = np.float64((value - low) / (high - low))
            return float(logit(share)), float(1 / (share * (1 - share) * (high - low)))
        if np.isfinite(low):
            return float(np.log(np.float64(value - low))), float(1 / np.float64(value - low))
        if np.isfinite(high):
            return float(-np.log(np.float64(high - value))), float(1 / np.float64(high - value))
    return value, 1.0


def _shrunk(scaled: Floats, bounds: Interval) -> Floats:
    """Return values from the scale without bounds."""
    low, high = bounds
    if np.isfinite(low) and np.isfinite(high):
        return np.asarray(low + (high - low) * expit(scaled))
    if np.isfinite(low):
        return np.asarray(low + np.exp(scaled))
    return np.asarray(high - np.exp(-scaled)) if np.isfinite(high) else scaled
