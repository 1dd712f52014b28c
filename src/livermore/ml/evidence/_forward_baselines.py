"""What can be predicted without a model: from past labels, from the last label, from volatility.

Each baseline is a ridge regression on what was known at the time of a decision, fitted on the training rows of each
block. A model has learned something of its own only if it predicts what such a baseline leaves over.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Protocol

import numpy as np
from scipy.signal import lfilter

from livermore.ml.validation import LabelledSamples
from livermore.typing import Floats, Integers

__all__ = ["SPANS", "Baseline", "LastLabel", "PastLabels", "Ridge", "Volatility", "known_averages", "volatility_of"]

#: Spans of the averages of known labels, in label lengths.
SPANS = (3.0, 15.0, 75.0)
# The penalty of the ridge regressions, in label lengths: so many independent samples say that there is no dependence.
PENALTY = 10.0
TINY = 1e-12
# Predictors of curved relations count up to this many standard deviations.
FARTHEST = 3.0


class Baseline(Protocol):
    """What a prediction without a model is made from.

    Attributes
    ----------
    name : str
        Its key in results.
    title : str
        What reports call it.
    curved : bool
        Whether squares of its predictors count as well.
    explains_predictions : bool
        Whether the model is judged by the part of its predictions that the predictors do not explain: then it does not
        matter whether the baseline's own shape is right.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    curved: ClassVar[bool]
    explains_predictions: ClassVar[bool]

    def predictors(self, samples: LabelledSamples, outcome: Floats, rows: Integers, label_length: float) -> Floats:
        """Return the predictors of some rows, of shape (rows, k), each known at the time of its row; NaN if unknown.

        Parameters
        ----------
        samples : LabelledSamples
            All samples.
        outcome : ndarray of shape (n,)
            What is predicted, for all of them.
        rows : ndarray of int64
            The rows wanted.
        label_length : float
            Mean number of decision times that a label spans.
        """
        ...


@dataclass(frozen=True)
class PastLabels:
    """Three averages of the labels that are known, over spans of 3, 15 and 75 label lengths.

    Examples
    --------
    >>> samples = LabelledSamples(np.eye(3), np.array([1, 0, 1]), np.arange(3), np.arange(3) + 1)
    >>> PastLabels().predictors(samples, samples.y.astype(float), np.arange(3), 1.0).round(2).tolist()
    [[nan, nan, nan], [1.0, 1.0, 1.0], [0.33, 0.47, 0.49]]
    """

    name: ClassVar[str] = "past_labels"
    title: ClassVar[str] = "past labels"
    curved: ClassVar[bool] = False
    explains_predictions: ClassVar[bool] = False

    def predictors(self, samples: LabelledSamples, outcome: Floats, rows: Integers, label_length: float) -> Floats:
        """Return the averages."""
        return known_averages(samples, outcome, rows, [span * label_length for span in SPANS])


@dataclass(frozen=True)
class LastLabel:
    """The last label that is known: a first-order autoregression.

    Examples
    --------
    >>> samples = LabelledSamples(np.eye(3), np.array([1, 0, 1]), np.arange(3), np.arange(3) + 1)
    >>> LastLabel().predictors(samples, samples.y.astype(float), np.arange(3), 1.0).tolist()
    [[nan], [1.0], [0.0]]
    """

    name: ClassVar[str] = "last_label"
    title: ClassVar[str] = "the last label, AR(1)"
    curved: ClassVar[bool] = False
    explains_predictions: ClassVar[bool] = False

    def predictors(self, samples: LabelledSamples, outcome: Floats, rows: Integers, label_length: float) -> Floats:
        """Return the last label; a mean where several became known at once."""
        return known_averages(samples, outcome, rows, [1.0])


@dataclass(frozen=True, eq=False)
class Volatility:
    """How much prices moved of late: averages of absolute payoffs or labels that are known, and named features.

    Parameters
    ----------
    moves : ndarray of shape (n,) or None
        Absolute payoffs, or labels less their mean; None if neither is known.
    columns : sequence of int
        Columns of features that measure volatility.

    Examples
    --------
    >>> samples = LabelledSamples(np.eye(3), np.array([1, 0, 1]), np.arange(3), np.arange(3) + 1)
    >>> moves = np.array([0.01, 0.02, 0.01])
    >>> Volatility(moves, columns=[2]).predictors(samples, moves, np.arange(3), 1.0).shape
    (3, 4)
    """

    name: ClassVar[str] = "volatility"
    title: ClassVar[str] = "volatility alone"
    curved: ClassVar[bool] = True
    explains_predictions: ClassVar[bool] = True

    moves: Floats | None
    columns: Sequence[int] = ()

    def predictors(self, samples: LabelledSamples, outcome: Floats, rows: Integers, label_length: float) -> Floats:
        """Return logarithms of the averages, and the features."""
        parts = [samples.X[rows][:, np.asarray(self.columns, dtype=np.int64)]]
        if self.moves is not None:
            averages = known_averages(samples, self.moves, rows, [span * label_length for span in SPANS])
            parts.append(np.log(np.maximum(averages, TINY)))
        return np.column_stack(parts)


def volatility_of(
    samples: LabelledSamples, is_classifier: bool, columns: Sequence[int] = ()
) -> tuple[Volatility | None, str]:
    """Return the baseline that volatility alone gives, and what it is measured by.

    Parameters
    ----------
    samples : LabelledSamples
        All samples.
    is_classifier : bool
        Whether labels are classes, which say nothing of the size of a move.
    columns : sequence of int
        Columns of features that measure volatility.

    Returns
    -------
    (Volatility or None, str)
        None where the samples hold no measure of it.
    """
    moves, measured = None, []
    if samples.payoff is not None:
        moves, measured = np.abs(samples.payoff), ["absolute payoffs known by then"]
    elif not is_classifier:
        moves, measured = np.abs(samples.y.astype(np.float64)), ["absolute labels known by then"]
    if columns:
        measured.append("the named features")
    return (Volatility(moves, columns) if measured else None), " and ".join(measured)


def known_averages(samples: LabelledSamples, values: Floats, rows: Integers, spans: Sequence[float]) -> Floats:
    """Return exponential averages of the values whose labels are known at the time of each row.

    Parameters
    ----------
    samples : LabelledSamples
        All samples, in any order.
    values : ndarray of shape (n,)
        One value for each; it becomes known with the label.
    rows : ndarray of int64
        The rows at whose times the averages are wanted.
    spans : sequence of float
        Spans in times at which labels became known, at least 1; 1 takes the last of these times alone.

    Returns
    -------
    ndarray of shape (rows, spans)
        NaN where no label was known.

    Examples
    --------
    >>> samples = LabelledSamples(np.eye(3), np.array([1, 0, 1]), np.arange(3), np.arange(3) + 1)
    >>> known_averages(samples, samples.y.astype(float), np.arange(3), [1.0, 3.0]).round(3).tolist()
    [[nan, nan], [1.0, 1.0], [0.0, 0.333]]
    """
    windows = samples.windows
    known, place = np.unique(windows.end, return_inverse=True)
    sums = np.bincount(place, values, known.size)
    counts = np.bincount(place, minlength=known.size).astype(np.float64)
    last = np.searchsorted(known, windows.start[rows], side="right") - 1
    averages = np.full((rows.size, len(spans)), np.nan)
    for k, span in enumerate(spans):
        decay = 1.0 - 2.0 / (max(span, 1.0) + 1.0)
        average = lfilter([1.0], [1.0, -decay], sums) / lfilter([1.0], [1.0, -decay], counts)
        averages[last >= 0, k] = average[last[last >= 0]]
    return averages


@dataclass(frozen=True, eq=False)
class Ridge:
    """A ridge regression on standardised predictors; unknown predictors count as average.

    Parameters
    ----------
    centre, scale : ndarray of shape (k,)
        Mean and standard deviation of the predictors in the training rows.
    curved : bool
        Whether there are coefficients for squares of the standardised predictors as well.
    slope : ndarray of shape (k,) or (2 k,)
        The coefficients.
    intercept : float
        The prediction where all predictors are unknown.
    """

    centre: Floats
    scale: Floats
    curved: bool
    slope: Floats
    intercept: float

    @classmethod
    def fitted(cls, predictors: Floats, target: Floats, label_length: float, curved: bool = False) -> "Ridge":
        """Fit it on training rows.

        Parameters
        ----------
        predictors : ndarray of shape (n, k)
            NaN where unknown.
        target : ndarray of shape (n,)
            What is predicted.
        label_length : float
            Mean number of decision times that a label spans; the penalty grows with it, since overlapping samples
            repeat one another.
        curved : bool
            Whether squares count as well.

        Returns
        -------
        Ridge
            That predicts the mean if fewer than two rows have all predictors.

        Examples
        --------
        >>> x = np.arange(1000.0)[:, None]
        >>> Ridge.fitted(x, 2 * x[:, 0], 1.0).predict(np.array([[499.5], [np.nan], [999.0]])).round().tolist()
        [999.0, 999.0, 1988.0]
        """
        complete = np.isfinite(predictors).all(axis=1)
        intercept, k = float(target.mean()), predictors.shape[1]
        if complete.sum() < 2:
            return cls(np.zeros(k), np.ones(k), False, np.zeros(k), intercept)
        inside, wanted = predictors[complete], target[complete]
        centre, scale = inside.mean(axis=0), inside.std(axis=0)
        scale = np.where(scale > TINY * np.maximum(1.0, np.abs(centre)), scale, np.inf)
        basis = _basis((inside - centre) / scale, curved)
        middle = basis.mean(axis=0)
        penalty = PENALTY * label_length * np.eye(middle.size)
        centred = basis - middle
        slope = np.linalg.solve(centred.T @ centred + penalty, centred.T @ (wanted - wanted.mean()))
        return cls(centre, scale, curved, slope, float(wanted.mean() - middle @ slope))

    def predict(self, predictors: Floats) -> Floats:
        """Predict rows."""
        z = np.nan_to_num((predictors - self.centre) / self.scale, nan=0.0)
        return np.asarray(self.intercept + _basis(z, self.curved) @ self.slope)


def _basis(z: Floats, curved: bool) -> Floats:
    """Return standardised predictors, and their squares if these count."""
    if not curved:
        return z
    near = np.clip(z, -FARTHEST, FARTHEST)
    return np.column_stack([near, near**2])
