"""One model for all symbols, or one each: which of the two predicts later samples better."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from livermore.ml.evidence import LEVEL, ForwardFit, cosine_error, label_length, per_sample_loss, summed_by
from livermore.ml.validation import LabelledSamples
from livermore.typing import Floats

__all__ = ["Pooling", "compare_pooling"]

NAN = float("nan")


@dataclass(frozen=True)
class Pooling:
    """Whether one model for all symbols predicts better than one each.

    Attributes
    ----------
    better : {"one for all", "one each", "cannot tell"}
        The one whose loss is lower with a two-sided p-value of at most 5 %.
    loss_for_all, loss_each : float
        Mean loss of the same samples: Brier score, or squared error. NaN where no symbol has a model of its own.
    difference, low, high : float
        `loss_each` less `loss_for_all`, and its 95 % interval; NaN where there are too few times.
    p_value : float
        Two-sided; 1 where there are too few times.
    n, n_symbols : int
        Samples and symbols compared.
    n_left_out : int
        Symbols of which too few samples were known, or all of one class, so that they have no model of their own.

    Examples
    --------
    >>> found = Pooling("one for all", 0.24, 0.25, difference=0.01, low=0.004, high=0.016, p_value=0.002,
    ...                 n=2000, n_symbols=8, n_left_out=0)
    >>> found.better, found.difference > 0
    ('one for all', True)
    """

    better: str
    loss_for_all: float
    loss_each: float
    difference: float
    low: float
    high: float
    p_value: float
    n: int
    n_symbols: int
    n_left_out: int


def compare_pooling(samples: LabelledSamples, for_all: ForwardFit, each: Sequence[ForwardFit | None]) -> Pooling:
    """Compare predictions of one model with those of one model for each symbol, on the same later samples.

    Parameters
    ----------
    samples : LabelledSamples
        All samples.
    for_all : ForwardFit
        Of the model that was trained on all symbols.
    each : sequence of ForwardFit or None
        Of the models that were trained on one symbol, None for a symbol that has none.

    Returns
    -------
    Pooling

    Notes
    -----
    Differences of the losses are summed over the symbols of each time, and the mean of that series is tested with the
    long-run variance of `livermore.ml.evidence.cosine_test` (Diebold and Mariano, Journal of Business & Economic
    Statistics 1995).

    Examples
    --------
    Ten symbols of which each follows the same feature: one model learns it from ten times as many samples.

    >>> from sklearn.linear_model import LogisticRegression
    >>> from livermore.ml.dataset import Dataset
    >>> from livermore.ml.tasks import task_named
    >>> from livermore.ml.transfer import evaluate_transfer
    >>> random = np.random.default_rng(0)
    >>> samples = [
    ...     {
    ...         "time": 3600 * i,
    ...         "symbol": f"S{k}-USDT",
    ...         "features": {f"x{j}": x for j, x in enumerate(row)},
    ...         "label": {"name": "win", "value": bool(row[0] + random.standard_normal() > 0)},
    ...         "label_time": 3600 * (i + 1),
    ...     }
    ...     for i in range(100)
    ...     for k, row in enumerate(random.standard_normal((10, 8)))
    ... ]
    >>> evaluate_transfer(Dataset.from_samples(samples), LogisticRegression(), task_named("binary")).pooling.better
    'one for all'
    """
    own = [fit for fit in each if fit is not None]
    left_out = len(each) - len(own)
    if not own:
        return Pooling("cannot tell", NAN, NAN, NAN, NAN, NAN, 1.0, 0, 0, left_out)
    alone, pooled = _losses(samples, own), _losses(samples, [for_all])
    rows = np.flatnonzero(np.isfinite(alone) & np.isfinite(pooled))
    gain = alone[rows] - pooled[rows]
    by_time = summed_by(samples.decided[rows], gain)[1]
    error, degrees = cosine_error(by_time, label_length(samples.windows.take(rows)))
    means = float(pooled[rows].mean()), float(alone[rows].mean()), float(gain.mean())
    found = rows.size, len(own), left_out
    if not degrees:
        return Pooling("cannot tell", *means, NAN, NAN, 1.0, *found)
    error *= by_time.size / rows.size
    half = float(stats.t.ppf(0.975, degrees)) * error
    p = float(2 * stats.t.sf(abs(means[2]) / error, degrees)) if error > 0 else 1.0
    better = "cannot tell" if p > LEVEL else "one for all" if means[2] > 0 else "one each"
    return Pooling(better, *means, means[2] - half, means[2] + half, p, *found)


def _losses(samples: LabelledSamples, fits: Sequence[ForwardFit]) -> Floats:
    """Return the loss of each sample that is predicted; NaN for the others."""
    loss = np.full(len(samples.y), np.nan)
    for fit in fits:
        loss[fit.block] = per_sample_loss(samples.y[fit.block], fit.prediction)
    return loss
