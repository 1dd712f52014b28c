"""Probability thresholds of signals: precision and net return above each of them, with intervals."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import stats

from livermore.ml.evidence._estimates import (
    FEWEST_INDEPENDENT,
    degrees_of,
    estimate_all,
    independent_samples,
    share_interval,
)
from livermore.ml.evidence._losses import long_run_test
from livermore.ml.labels import LabelWindows
from livermore.ml.metrics import THRESHOLDS

__all__ = ["THRESHOLDS", "ThresholdChoice", "choose_threshold", "evaluate_threshold", "take_none_row", "threshold_rows"]

Floats = npt.NDArray[np.float64]

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

    Examples
    --------
    >>> choice = ThresholdChoice(0.6, "money", (0.55, 0.65))
    >>> low, high = choice.stable_band
    >>> low <= choice.threshold <= high, ThresholdChoice(None, "money", None, none_is_best=True).threshold
    (True, None)
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
    truth = y.astype(np.float64)
    independent = independent_samples(truth, windows)
    return [_row(truth, probability >= at, windows, payoff, independent) | {"threshold": at} for at in thresholds]


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
        Where nothing passes the values are NaN. Intervals are NaN where fewer than ten independent signals pass, and
        those of lift and net return also where there are fewer than ten independent samples of the smaller class.

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


def _row(
    truth: Floats, passed: npt.NDArray[np.bool_], windows: LabelWindows, payoff: Floats | None, independent: float
) -> dict[str, Any]:
    """Describe the signals that pass one threshold; `independent` is the number of samples of the smaller class."""
    (low, high), n_effective = share_interval(truth, passed, windows)
    row = {
        "threshold": math.nan,
        "n": int(passed.sum()),
        "allowed": int(passed.sum()),
        "n_effective": n_effective,
        "coverage": float(passed.mean()),
        "precision": float(truth[passed].mean()) if passed.any() else math.nan,
        "low": low,
        "high": high,
        "thin": n_effective < FEWEST_INDEPENDENT,
    }
    enough = min(n_effective, independent)
    row |= _lift(truth, passed, windows, enough)
    return row if payoff is None else row | _money(payoff, passed, windows, enough)


def _lift(truth: Floats, passed: npt.NDArray[np.bool_], windows: LabelWindows, independent: float) -> dict[str, float]:
    """Return precision minus base rate, with an interval where that is possible.

    Where all or none of the signals that pass come true, the variance of their precision is unknown; where all signals
    pass, so is that of the others.
    """
    if not passed.any():
        return dict.fromkeys(("lift", "lift_low", "lift_high"), math.nan)
    if passed.all():
        return {"lift": 0.0, "lift_low": math.nan, "lift_high": math.nan}
    lift = estimate_all({"": lambda w: _ratio(w, truth, passed) - _mean(w, truth)}, windows, independent)[""]
    low, high = lift.interval if 0 < truth[passed].mean() < 1 else (math.nan, math.nan)
    return {"lift": lift.value, "lift_low": float(np.maximum(low, -1.0)), "lift_high": float(np.minimum(high, 1.0))}


def _money(
    payoff: Floats, passed: npt.NDArray[np.bool_], windows: LabelWindows, independent: float
) -> dict[str, float]:
    """Return the mean payoff of the signals that pass, with an interval where that is possible.

    Its width is the mean of two: by the influences of the payoffs, and Student's for the independent signals. Few
    payoffs that remember say too little of how much they do.
    """
    if not passed.any():
        return dict.fromkeys(("net_return", "net_low", "net_high"), math.nan)
    net = estimate_all({"": lambda w: _ratio(w, payoff, passed)}, windows, independent)[""]
    low, high = net.interval
    if not math.isnan(low):
        alone = stats.t.ppf(0.975, degrees_of(independent)) * payoff[passed].std(ddof=1) / np.sqrt(independent)
        half = ((high - low) / 2 + float(alone)) / 2
        low, high = net.value - half, net.value + half
    return {"net_return": net.value, "net_low": low, "net_high": high}


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
