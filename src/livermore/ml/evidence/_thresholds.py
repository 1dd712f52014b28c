"""Probability thresholds of signals: precision and net return above each of them, with intervals."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import stats
from scipy.stats import rankdata

from livermore.ml.evidence._bootstrap import block_length_for
from livermore.ml.evidence._calibration import THIN
from livermore.ml.evidence._intervals import Resampled, resample_all, wilson_interval
from livermore.ml.evidence._losses import long_run_test
from livermore.ml.labels import LabelWindows, effective_sample_size
from livermore.ml.metrics import THRESHOLDS
from livermore.ml.tasks import circular_correlations

__all__ = ["THRESHOLDS", "ThresholdChoice", "choose_threshold", "evaluate_threshold", "take_none_row", "threshold_rows"]

Floats = npt.NDArray[np.float64]

N_RESAMPLES = 500
# Share of the largest outcome below which a mean gain counts as zero.
ROUND_OFF = 1e-12


@dataclass(frozen=True)
class ThresholdChoice:
    """The chosen threshold, and the thresholds that are about as good.

    Parameters
    ----------
    threshold : float or None
        None if no threshold is passed by enough independent samples, or to take no signal is best.
    by : str
        "money" (net return) or "lift" (precision above the base rate).
    stable_band : tuple of float, or None
        Lowest and highest of the adjacent thresholds whose gain is within one standard error of the best.
    none_is_best : bool
        Whether no threshold has a positive gain, so that to take no signal is best.
    none_is_close : bool
        Whether to take no signal is best, or within one standard error of the best.
    """

    threshold: float | None
    by: str
    stable_band: tuple[float, float] | None
    none_is_best: bool = False
    none_is_close: bool = False


def threshold_rows(
    y: npt.NDArray[Any],
    probability: Floats,
    windows: LabelWindows,
    payoff: Floats | None = None,
    thresholds: tuple[float, ...] = THRESHOLDS,
) -> list[dict[str, Any]]:
    """Evaluate thresholds on out-of-fold predictions.

    Parameters
    ----------
    y : ndarray of shape (n,)
        1 where the outcome of the signal was positive, else 0.
    probability : ndarray of shape (n,)
        Predicted probability of 1.
    windows : LabelWindows
        Label intervals of the samples.
    payoff : ndarray of shape (n,), optional
        Return of acting on each signal, net of fees, as a fraction.
    thresholds : tuple of float
        A signal passes a threshold if its probability is at least that.

    Returns
    -------
    list of dict
        As from `evaluate_threshold`.

    Examples
    --------
    >>> y, p = np.tile([0, 1], 50), np.tile([0.4, 0.6], 50)
    >>> rows = threshold_rows(y, p, LabelWindows.of(range(100), range(1, 101)), thresholds=(0.3, 0.5))
    >>> [(row["threshold"], row["coverage"], row["precision"]) for row in rows]
    [(0.3, 1.0, 0.5), (0.5, 0.5, 1.0)]
    """
    passed = {threshold: probability >= threshold for threshold in thresholds}
    truth = y.astype(np.float64)
    figures: dict[str, Any] = {}
    for threshold, mask in passed.items():
        figures[f"lift {threshold}"] = lambda w, m=mask: _ratio(w, truth, m) - _mean(w, truth)
        if payoff is not None:
            figures[f"net {threshold}"] = lambda w, m=mask: _ratio(w, payoff, m)
    contribution = (truth - truth.mean()) * (rankdata(probability) / truth.size - 0.5)
    found = resample_all(figures, truth.size, block_length_for(contribution, windows), N_RESAMPLES)
    quantile = _student_quantile(windows)
    rows = []
    for threshold, mask in passed.items():
        row = _row(truth, threshold, mask, windows)
        row |= _lift(found[f"lift {threshold}"], truth, mask, quantile, (row["low"], row["high"]))
        if payoff is not None:
            row |= _money(found[f"net {threshold}"], payoff[mask], row["n_effective"])
        rows.append(row)
    return rows


def evaluate_threshold(
    y: npt.NDArray[Any], probability: Floats, windows: LabelWindows, payoff: Floats | None, threshold: float
) -> dict[str, Any]:
    """Evaluate the signals that pass a threshold.

    Returns
    -------
    dict
        `threshold`, `n` and `allowed` (signals that pass), `n_effective` (independent ones), `coverage` (share that
        passes), `precision` with `low` and `high` (95 %), `lift` over the base rate with `lift_low` and `lift_high`,
        `thin` (too few independent ones for a verdict); and, with payoffs, `net_return` per signal taken with `net_low`
        and `net_high`.
        Where nothing passes the values are NaN, and the intervals of precision and lift are the whole possible range.

    Examples
    --------
    >>> y, p = np.tile([0, 1], 50), np.tile([0.4, 0.6], 50)
    >>> row = evaluate_threshold(y, p, LabelWindows.of(range(100), range(1, 101)), None, 0.5)
    >>> row["n"], row["precision"], row["lift"], row["thin"]
    (50, 1.0, 0.5, False)
    """
    return threshold_rows(y, probability, windows, payoff, (threshold,))[0]


def choose_threshold(
    rows: list[dict[str, Any]],
    y: npt.NDArray[Any],
    probability: Floats,
    windows: LabelWindows,
    payoff: Floats | None = None,
) -> ThresholdChoice:
    """Choose the threshold with the largest gain, if any gains: in net return if payoffs are known, else in precision.

    Parameters
    ----------
    rows : list of dict
        From `threshold_rows` on the same arrays.
    y, probability, windows, payoff
        As there.

    Returns
    -------
    ThresholdChoice

    Notes
    -----
    The gain is the mean over all signals of the payoff of those that pass (or of ``y`` less the base rate). The mean
    over the signals that pass alone would favour the threshold that the fewest signals pass.

    Examples
    --------
    >>> y, p, windows = np.tile([0, 1], 50), np.tile([0.4, 0.6], 50), LabelWindows.of(range(100), range(1, 101))
    >>> choose_threshold(threshold_rows(y, p, windows), y, p, windows).threshold
    0.45
    """
    value = y - y.mean() if payoff is None else payoff
    by = "lift" if payoff is None else "money"
    thick = [row["threshold"] for row in rows if not row["thin"]]
    if not thick:
        return ThresholdChoice(None, by, None)
    gains = [np.where(probability >= threshold, value, 0.0) for threshold in thick]
    means = [float(gain.mean()) for gain in gains]
    best = int(np.argmax(means))
    # Where all signals pass, the precision gained is zero but for round-off.
    if means[best] <= ROUND_OFF * float(np.abs(value).max(initial=0.0)):
        return ThresholdChoice(None, by, None, none_is_best=True, none_is_close=True)
    close = [_close(gains[best] - gain, windows) for gain in gains]
    first = last = best
    while first > 0 and close[first - 1]:
        first -= 1
    while last + 1 < len(thick) and close[last + 1]:
        last += 1
    return ThresholdChoice(thick[best], by, (thick[first], thick[last]), none_is_close=_close(gains[best], windows))


def take_none_row(*, with_payoffs: bool) -> dict[str, Any]:
    """Return the row of a table of thresholds that stands for taking no signal: it gains nothing.

    Returns
    -------
    dict
        The keys of `evaluate_threshold`; `threshold` is None, and what is measured on signals taken is NaN.

    Examples
    --------
    >>> row = take_none_row(with_payoffs=True)
    >>> row["threshold"], row["n"], row["net_return"]
    (None, 0, nan)
    """
    counted: dict[str, Any] = {"threshold": None, "n": 0, "allowed": 0, "n_effective": 0.0, "coverage": 0.0}
    measured = ["precision", "low", "high", "lift", "lift_low", "lift_high"]
    measured += ["net_return", "net_low", "net_high"] if with_payoffs else []
    return counted | {"thin": False} | dict.fromkeys(measured, math.nan)


def _row(y: Floats, threshold: float, passed: npt.NDArray[np.bool_], windows: LabelWindows) -> dict[str, Any]:
    """Describe the signals that pass one threshold."""
    n_effective = effective_sample_size(windows.take(np.flatnonzero(passed))) if passed.any() else 0.0
    precision = float(y[passed].mean()) if passed.any() else float("nan")
    low, high = wilson_interval(precision, n_effective)
    return {
        "threshold": threshold,
        "n": int(passed.sum()),
        "allowed": int(passed.sum()),
        "n_effective": n_effective,
        "coverage": float(passed.mean()),
        "precision": precision,
        "low": low,
        "high": high,
        "thin": n_effective < THIN,
    }


def _student_quantile(windows: LabelWindows) -> float:
    """Return the half width of a 95 % interval in standard errors: Student's quantile for the independent samples."""
    return float(stats.t.ppf(0.975, max(effective_sample_size(windows) - 1, 1.0)))


def _lift(
    lift: Resampled, y: Floats, passed: npt.NDArray[np.bool_], quantile: float, wilson: tuple[float, float]
) -> dict[str, float]:
    """Return precision minus base rate, with an interval; the whole possible range where nothing passes.

    The interval is the wider of two: the bootstrap's, which does not assume stationarity but has no variance for a few
    signals; and `quantile` times the standard deviation of the lift over all circular shifts of the signals against the
    outcomes, which keeps the autocorrelation of both. Where all outcomes are equal neither has any variance, and
    Wilson's interval is used, narrowed because precision and base rate share samples.
    """
    base, share = float(y.mean()), float(passed.mean())
    if share == 0:
        return {"lift": float("nan"), "lift_low": -base, "lift_high": 1.0 - base}
    low, high = lift.interval()
    spread = quantile * float((circular_correlations(y, passed) / passed.sum()).std())
    below = above = spread
    if base in (0.0, 1.0):
        below, above = np.sqrt(1.0 - share) * (base - wilson[0]), np.sqrt(1.0 - share) * (wilson[1] - base)
    return {
        "lift": lift.value,
        "lift_low": max(-1.0, float(np.fmin(low, lift.value - below))),
        "lift_high": min(1.0, float(np.fmax(high, lift.value + above))),
    }


def _money(net: Resampled, taken: Floats, n_effective: float) -> dict[str, float]:
    """Return the mean payoff of the signals that pass, with the wider of the bootstrap's and Student's interval.

    With fewer than two independent samples the variance is unknown, and there is no interval.
    """
    if n_effective < 2:
        return {"net_return": net.value, "net_low": float("nan"), "net_high": float("nan")}
    low, high = net.interval()
    half = float(stats.t.ppf(0.975, n_effective - 1) * taken.std(ddof=1) / np.sqrt(n_effective))
    return {
        "net_return": net.value,
        "net_low": float(np.fmin(low, net.value - half)),
        "net_high": float(np.fmax(high, net.value + half)),
    }


def _close(difference: Floats, windows: LabelWindows) -> bool:
    """Return whether a loss against the best threshold is within one standard error of zero."""
    mean, error, _ = long_run_test(difference, windows)
    return mean <= error


def _ratio(weights: Floats, values: Floats, passed: npt.NDArray[np.bool_]) -> Floats:
    """Return the weighted means over the signals that pass; NaN where none does."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray((weights @ (values * passed)) / (weights @ passed))


def _mean(weights: Floats, values: Floats) -> Floats:
    """Return the weighted means."""
    return np.asarray(weights @ values / weights.sum(axis=1))
