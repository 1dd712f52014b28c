"""Losses of single samples, and the test of a mean of autocorrelated values."""

from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import stats

from livermore.ml.evidence._bootstrap import block_length_for
from livermore.ml.evidence._intervals import small_sample_stretch
from livermore.ml.evidence._memory import autocovariances
from livermore.ml.labels import LabelWindows
from livermore.ml.tasks import Prediction

__all__ = ["long_run_test", "per_sample_loss"]

Floats = npt.NDArray[np.float64]


def per_sample_loss(y: npt.NDArray[Any], prediction: Prediction) -> Floats:
    """Return the proper loss of each sample: the Brier score for probabilities, the squared error for numbers.

    Parameters
    ----------
    y : ndarray of shape (n,)
        The outcomes.
    prediction : Prediction
        The predictions of the same rows.

    Returns
    -------
    ndarray of shape (n,)
        For probabilities half the squared distance from the outcome, summed over classes, so that two classes give the
        usual Brier score.

    Examples
    --------
    >>> p = np.array([[0.2, 0.8], [0.5, 0.5]])
    >>> per_sample_loss(np.array([1, 0]), Prediction(np.array([1, 0]), p, np.array([0, 1])))
    array([0.04, 0.25])
    """
    if not prediction.probabilities.shape[1]:
        return np.asarray((y - prediction.values) ** 2, dtype=np.float64)
    outcome = y[:, None] == prediction.classes[None, :]
    unknown_class = ~outcome.any(axis=1)
    return np.asarray((((prediction.probabilities - outcome) ** 2).sum(axis=1) + unknown_class) / 2)


def long_run_test(series: Floats, windows: LabelWindows | None = None) -> tuple[float, float, float]:
    """Return the mean of an autocorrelated series, its standard error, and the two-sided p-value of a zero mean.

    Parameters
    ----------
    series : ndarray of shape (n,)
        In order of time.
    windows : LabelWindows, optional
        Label intervals of the samples; their overlap is a lower bound of the bandwidth.

    Returns
    -------
    (mean, standard_error, p_value)
        The standard error is corrected for short series. p is 1 for a constant series.

    Notes
    -----
    Newey and West, Econometrica 1987 (Bartlett kernel), with the bandwidth of two block lengths and fixed-b critical
    values (`small_sample_stretch`).

    Examples
    --------
    >>> long_run_test(np.random.default_rng(0).normal(size=400))[2] > 0.05
    True
    """
    n = series.size
    mean = float(series.mean())
    centred = series - mean
    block = block_length_for(series, windows)
    width = int(min(2 * block, n - 1))
    lags = autocovariances(centred, width + 1)
    variance = lags[0] + 2 * float((1 - np.arange(1, width + 1) / (width + 1)) @ lags[1:])
    if not variance > 1e-300:
        return mean, 0.0, 1.0
    error = float(np.sqrt(variance / n)) * small_sample_stretch(block, n)
    return mean, error, float(2 * stats.norm.sf(abs(mean) / error))
