"""Calibration: predicted probabilities against observed frequencies, in buckets over [0, 1]."""

from typing import Any

import numpy as np
import numpy.typing as npt

from livermore.ml.evidence._estimates import FEWEST_INDEPENDENT, share_interval
from livermore.ml.labels import LabelWindows

__all__ = ["calibration_buckets"]


def calibration_buckets(
    y: npt.NDArray[Any], probability: npt.NDArray[np.float64], windows: LabelWindows, n_buckets: int = 10
) -> list[dict[str, Any]]:
    """Compare predicted probabilities with observed frequencies.

    Parameters
    ----------
    y : ndarray of shape (n,)
        1 where the outcome was positive, else 0.
    probability : ndarray of shape (n,)
        Predicted probability of 1.
    windows : LabelWindows
        Label intervals of the samples, from which the number of independent samples follows.
    n_buckets : int
        Buckets of equal width; the last includes 1.

    Returns
    -------
    list of dict
        One for each bucket that holds a sample: `range`, `n`, `n_effective`, `expected` (mean prediction),
        `actual_rate`, `diff`, `low` and `high` (95 % interval of the rate; NaN where it is thin), `thin` (fewer
        than ten independent samples).

    Examples
    --------
    >>> windows = LabelWindows.of(range(40), range(1, 41))
    >>> rows = calibration_buckets(np.arange(40) % 2, np.full(40, 0.52), windows)
    >>> rows[0]["range"], rows[0]["expected"], rows[0]["actual_rate"], rows[0]["thin"]
    ('[0.5–0.6)', 0.52, 0.5, False)
    """
    bucket = np.minimum((probability * n_buckets).astype(int), n_buckets - 1)
    return [_bucket(y, probability, windows, bucket == b, b, n_buckets) for b in np.unique(bucket)]


def _bucket(
    y: npt.NDArray[Any],
    probability: npt.NDArray[np.float64],
    windows: LabelWindows,
    inside: npt.NDArray[np.bool_],
    number: int,
    n_buckets: int,
) -> dict[str, Any]:
    """Describe one bucket."""
    actual, expected = float(y[inside].mean()), float(probability[inside].mean())
    (low, high), n_effective = share_interval(y, inside, windows)
    closing = "]" if number == n_buckets - 1 else ")"
    return {
        "range": f"[{number / n_buckets:.1f}–{(number + 1) / n_buckets:.1f}{closing}",
        "n": int(inside.sum()),
        "n_effective": n_effective,
        "actual_rate": actual,
        "expected": expected,
        "diff": actual - expected,
        "low": low,
        "high": high,
        "thin": n_effective < FEWEST_INDEPENDENT,
    }
