"""Data sets with an edge of known size, and the truth about a model's figures: the same on fresh samples."""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.optimize import brentq
from scipy.stats import norm
from sklearn.metrics import roc_auc_score

from livermore.ml.dataset import Dataset
from livermore.ml.result import TrainingResult
from livermore.ml.tasks import Prediction, task_named
from simulations.claims import interval_holds
from simulations.samples import BAR, labels_of, samples
from simulations.series import autoregressive, overlapping

__all__ = ["Planted", "coverage", "planted", "planted_symbols"]

Floats = npt.NDArray[np.float64]

N_FEATURES = 18
N_CARRIERS = 4
HORIZON = 10
FRESH = 40_000


@dataclass(frozen=True)
class Planted:
    """A data set with an edge, and samples that come after it.

    Attributes
    ----------
    data : Dataset
        To train and test on.
    X : ndarray of shape (m, f)
        Features of fresh samples.
    outcome : ndarray of shape (m,)
        Their outcomes: the label is whether it is above 0, the payoff one hundredth of it.
    """

    data: Dataset
    X: Floats
    outcome: Floats


def planted(
    random: np.random.Generator, n: int, area: float, *, rate: float = 0.5, memory: float = 0.0, fresh: int = FRESH
) -> Planted:
    """Draw a data set in which four of 18 features together have this area under the ROC curve.

    Parameters
    ----------
    random : Generator
        Of the random numbers.
    n : int
        Samples to train and test on.
    area : float
        Area under the ROC curve of the best predictor, at a base rate of one half.
    rate : float
        Base rate of the label.
    memory : float
        Autocorrelation of the outcome's noise; 0 stands for outcomes over ten bars.
    fresh : int
        Samples after those, for the truth.
    """
    total = n + HORIZON + fresh
    X = autoregressive(total, random.uniform(0, 0.95, N_FEATURES), random)
    noise = autoregressive(total, memory, random) if memory else overlapping(total, HORIZON, random)
    slope = slope_of(area)
    outcome = slope * X[:, :N_CARRIERS].mean(axis=1) * np.sqrt(N_CARRIERS) + noise
    outcome -= np.sqrt(1 + slope**2) * norm.ppf(1 - rate)
    data = samples(X[:n], labels_of(outcome[:n], "binary"), HORIZON, payoff=0.01 * outcome[:n])
    return Planted(data, X[n + HORIZON :], outcome[n + HORIZON :])


def planted_symbols(
    random: np.random.Generator, times: int, symbols: int, common: float, area: float, *, fresh: int = 4_000
) -> Planted:
    """Draw samples of several symbols at the same times, of which two of eight features carry an edge.

    Parameters
    ----------
    random : Generator
        Of the random numbers.
    times : int
        Times to train and test on.
    symbols : int
        Samples at each time.
    common : float
        Correlation of two symbols, in features and in the outcome's noise.
    area : float
        As for `planted`.
    fresh : int
        Times after those, for the truth.
    """
    total = times + HORIZON + fresh

    def of_all(draw: Callable[[], Floats]) -> Floats:
        own = np.column_stack([draw() for _ in range(symbols)])
        return np.sqrt(common) * draw()[:, None] + np.sqrt(1 - common) * own

    features = []
    for memory in random.uniform(0, 0.95, 8):
        alike = functools.partial(autoregressive, total, float(memory), random)
        features.append(of_all(alike).ravel())
    X = np.column_stack(features)
    outcome = slope_of(area) * X[:, :2].mean(axis=1) * np.sqrt(2)
    outcome += of_all(functools.partial(overlapping, total, HORIZON, random)).ravel()
    n, later = times * symbols, (times + HORIZON) * symbols
    data = samples(
        X[:n],
        labels_of(outcome[:n], "binary"),
        HORIZON,
        payoff=0.01 * outcome[:n],
        time=np.repeat(BAR * np.arange(times, dtype=np.int64), symbols),
        symbol=np.tile([f"S{k:02}-USDT" for k in range(symbols)], times),
    )
    return Planted(data, X[later:], outcome[later:])


@functools.cache
def slope_of(area: float) -> float:
    """Return the weight of the signal at which it alone reaches an area under the ROC curve."""
    if area == 0.5:
        return 0.0
    random = np.random.default_rng(0)
    signal, noise = random.standard_normal((2, 100_000))

    def missing(slope: float) -> float:
        return float(roc_auc_score(slope * signal + noise > 0, signal)) - area

    return float(brentq(missing, 0.0, 3.0, xtol=1e-3))


def coverage(result: TrainingResult, drawn: Planted) -> dict[str, float | bool | None]:
    """Return which of the printed intervals hold the figure of the same model on fresh samples."""
    task = task_named(result.task)
    y = (drawn.outcome > 0).astype(np.int64)
    prediction = task.predict(result["model"], result["scaler"].transform(drawn.X))
    ones = np.ones((1, y.size))
    found: dict[str, float | bool | None] = {}
    for name, interval in result["intervals"].items():
        metric = task.batch_metrics.get(name)
        truth = float("nan") if metric is None else float(metric(y, prediction, ones)[0])
        found[f"holds {name}"] = interval_holds(interval, truth)
        found[f"given {name}"] = interval is not None and bool(np.isfinite(interval).all())
    return found | _buckets(result, y, prediction) | _threshold(result, drawn, y, prediction)


def _buckets(result: TrainingResult, y: Any, prediction: Prediction) -> dict[str, float | bool | None]:
    """Return the share of the calibration's intervals that hold the rate among fresh samples of the bucket."""
    number = np.minimum((prediction.positive * 10).astype(int), 9)
    holds = []
    for row in result["calibration"]:
        inside = number == min(int(row["expected"] * 10), 9)
        interval = None if row["thin"] else (row["low"], row["high"])
        if np.count_nonzero(inside) >= 200:
            holds.append(interval_holds(interval, float(y[inside].mean())))
    known = [hold for hold in holds if hold is not None]
    return {"holds calibration": float(np.mean(known)) if known else None}


def _threshold(result: TrainingResult, drawn: Planted, y: Any, prediction: Prediction) -> dict[str, Any]:
    """Return which intervals at the chosen threshold hold the truth there."""
    row = result["threshold"]["test"]
    if not row or not row["n"] or row["threshold"] is None:
        return {}
    passed = prediction.positive >= row["threshold"]
    if np.count_nonzero(passed) < 200:
        return {}
    precision = float(y[passed].mean())
    truths = {"lift": precision - float(y.mean()), "net": 0.01 * float(drawn.outcome[passed].mean())}
    found = {f"holds {key}": interval_holds((row[f"{key}_low"], row[f"{key}_high"]), v) for key, v in truths.items()}
    wilson = None if row["thin"] else (row["low"], row["high"])
    return found | {"holds precision above the threshold": interval_holds(wilson, precision)}
