"""Curves over all thresholds, with the band in which 95 % of their resamples lie."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from livermore.ml.evidence._bootstrap import block_length_for, stationary_weights
from livermore.ml.evidence._estimates import FEWEST_INDEPENDENT, independent_samples
from livermore.ml.labels import LabelWindows
from livermore.typing import Floats, Integers

__all__ = ["Curve", "TenthsOfPredictions", "mean_by_tenth", "precision_recall_curve", "roc_curve"]

Array = npt.NDArray[Any]

N_RESAMPLES = 200
GRID = np.linspace(0, 1, 101)


@dataclass(frozen=True, eq=False)
class Curve:
    """A curve on a grid from 0 to 1, with its band.

    Attributes
    ----------
    x, y : ndarray of shape (101,)
        The curve.
    low, high : ndarray of shape (101,)
        At each x the middle 95 % of the curves of block-bootstrap resamples; NaN where there are fewer than ten
        independent samples of a class.
    area, area_low, area_high : float
        The area under the curve, and the middle 95 % of the areas of the resamples.

    Examples
    --------
    >>> from livermore.ml.evidence import roc_curve
    >>> curve = roc_curve(np.tile([False, True], 50), np.tile([0.4, 0.6], 50))
    >>> curve.x.shape, curve.area, curve.area_low <= curve.area <= curve.area_high
    ((101,), 1.0, True)
    """

    x: Floats
    y: Floats
    low: Floats
    high: Floats
    area: float
    area_low: float
    area_high: float


@dataclass(frozen=True, eq=False)
class TenthsOfPredictions:
    """The samples in ten groups of equal size, from the lowest predictions to the highest.

    Attributes
    ----------
    predicted, actual : ndarray of shape (k,)
        Mean prediction and mean label of each group; k is 10, or less if there are fewer samples.
    error : ndarray of shape (k,)
        Two standard errors of the mean label; 0 for a group of one sample.

    Examples
    --------
    >>> from livermore.ml.evidence import mean_by_tenth
    >>> tenths = mean_by_tenth(np.arange(100) % 2.0, np.linspace(0, 1, 100))
    >>> tenths.predicted.size, tenths.actual.tolist() == [0.5] * 10
    (10, True)
    """

    predicted: Floats
    actual: Floats
    error: Floats


def roc_curve(positive: Array, score: Floats) -> Curve:
    """Return the true positive rate over the false positive rate.

    Parameters
    ----------
    positive : ndarray of shape (n,)
        Whether each sample is of the class, in order of time.
    score : ndarray of shape (n,)
        Its predicted probability.

    Returns
    -------
    Curve
        The band comes from the stationary bootstrap (Politis and Romano 1994), which keeps neighbours together.

    Examples
    --------
    >>> roc_curve(np.tile([False, True], 50), np.tile([0.4, 0.6], 50)).area
    1.0
    """
    return _with_band(_true_positive_rate, np.asarray(positive, dtype=bool), score)


def precision_recall_curve(positive: Array, score: Floats) -> Curve:
    """Return the precision over the recall; see `roc_curve`.

    Examples
    --------
    >>> float(precision_recall_curve(np.tile([False, True], 50), np.full(100, 0.5)).y[-1])
    0.5
    """
    return _with_band(_precision_at_recall, np.asarray(positive, dtype=bool), score)


def mean_by_tenth(y: Array, predicted: Array) -> TenthsOfPredictions:
    """Return the mean label of each tenth of the predictions, with two standard errors.

    Examples
    --------
    >>> mean_by_tenth(np.arange(20.0), np.arange(20.0)).actual[:3]
    array([0.5, 2.5, 4.5])
    """
    order = np.argsort(predicted, kind="stable")
    tenths = [rows for rows in np.array_split(order, 10) if rows.size]
    error = [2 * y[rows].std(ddof=1) / np.sqrt(rows.size) if rows.size > 1 else np.nan for rows in tenths]
    return TenthsOfPredictions(
        predicted=np.array([predicted[rows].mean() for rows in tenths], dtype=np.float64),
        actual=np.array([y[rows].mean() for rows in tenths], dtype=np.float64),
        error=np.array(error, dtype=np.float64),
    )


def _with_band(curve: Callable[[Floats, Array, Integers], Floats], positive: Array, score: Floats) -> Curve:
    """Compute a curve, and the band in which 95 % of its resamples lie; NaN with few independent samples of a class."""
    order = np.argsort(-score, kind="stable")
    # Equal scores are one point of the curve.
    ends = np.flatnonzero(np.append(np.diff(score[order]) != 0, True))
    drawn = curve(np.ones((1, positive.size)), positive[order], ends)[0]
    count = positive.size
    if independent_samples(positive, LabelWindows.of(np.arange(count), np.arange(count) + 1)) < FEWEST_INDEPENDENT:
        unknown = np.full(GRID.size, np.nan)
        return Curve(GRID, drawn, unknown, unknown, float(_area(drawn)), float("nan"), float("nan"))
    # Resampled in order of time, then read in order of score.
    block_length = block_length_for(positive - score)
    drawn_weights = stationary_weights(positive.size, N_RESAMPLES, block_length, 0)
    resampled = np.concatenate([curve(weights[:, order], positive[order], ends) for weights in drawn_weights])
    low, high = np.nanquantile(resampled, [0.025, 0.975], axis=0)
    area_low, area_high = np.nanquantile(_area(resampled), [0.025, 0.975])
    return Curve(GRID, drawn, low, high, float(_area(drawn)), float(area_low), float(area_high))


def _area(curves: Floats) -> Floats:
    """Return the areas under curves on the grid, by the trapezoidal rule."""
    inner = curves[..., 1:-1].sum(axis=-1)
    return np.asarray((inner + (curves[..., 0] + curves[..., -1]) / 2) / (GRID.size - 1))


def _true_positive_rate(weights: Floats, positive: Array, ends: Integers) -> Floats:
    """Return the true positive rate at each false positive rate of the grid, for each row of weights."""
    hits, misses = _counted(weights, positive, ends)
    rows = [
        np.interp(GRID, miss / max(miss[-1], 1), hit / max(hit[-1], 1)) for hit, miss in zip(hits, misses, strict=True)
    ]
    return np.array(rows)


def _precision_at_recall(weights: Floats, positive: Array, ends: Integers) -> Floats:
    """Return the precision at each recall of the grid, for each row of weights."""
    hits, misses = _counted(weights, positive, ends)
    rows = []
    for hit, miss in zip(hits, misses, strict=True):
        at = np.minimum(np.searchsorted(hit, GRID * hit[-1]), hit.size - 1)
        rows.append(hit[at] / np.maximum(hit[at] + miss[at], 1e-12))
    return np.array(rows)


def _counted(weights: Floats, positive: Array, ends: Integers) -> tuple[Floats, Floats]:
    """Count samples of the class and others down to each score, beginning with none."""
    none = np.zeros((len(weights), 1))
    hits, misses = np.cumsum(weights * positive, axis=1), np.cumsum(weights * ~positive, axis=1)
    return np.hstack([none, hits[:, ends]]), np.hstack([none, misses[:, ends]])
