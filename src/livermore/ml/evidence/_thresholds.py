"""From which probability on a signal is worth taking, by precision and by money, each with its interval."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from livermore.ml.evidence._bootstrap import block_length_for
from livermore.ml.evidence._calibration import THIN
from livermore.ml.evidence._intervals import resample, wilson_interval
from livermore.ml.labels import LabelWindows, effective_sample_size

__all__ = ["THRESHOLDS", "ThresholdChoice", "choose_threshold", "evaluate_threshold", "threshold_rows"]

Floats = npt.NDArray[np.float64]

THRESHOLDS = (0.45, 0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8)


@dataclass(frozen=True)
class ThresholdChoice:
    """The threshold that was chosen, and how firmly.

    Parameters
    ----------
    threshold : float or None
        None if no row holds enough independent samples.
    by : str
        "money" (net return) or "lift" (precision above the base rate).
    stable_band : tuple of float, or None
        Lowest and highest threshold around it, without a gap, whose gain is within one standard error of the best.
    """

    threshold: float | None
    by: str
    stable_band: tuple[float, float] | None


def threshold_rows(
    y: npt.NDArray[Any],
    probability: Floats,
    windows: LabelWindows,
    payoff: Floats | None = None,
    thresholds: tuple[float, ...] = THRESHOLDS,
) -> list[dict[str, Any]]:
    """Evaluate thresholds on predictions out of fold.

    Parameters
    ----------
    y : ndarray of shape (n,)
        1 where the signal was good, else 0.
    probability : ndarray of shape (n,)
        Predicted probability of 1.
    windows : LabelWindows
        Label intervals of the samples.
    payoff : ndarray of shape (n,), optional
        Return of acting on each signal, net of fees, as a fraction.
    thresholds : tuple of float
        A signal passes from its threshold on.

    Returns
    -------
    list of dict
        As `evaluate_threshold` makes them.
    """
    return [evaluate_threshold(y, probability, windows, payoff, threshold) for threshold in thresholds]


def evaluate_threshold(
    y: npt.NDArray[Any], probability: Floats, windows: LabelWindows, payoff: Floats | None, threshold: float
) -> dict[str, Any]:
    """Say what passes a threshold and what becomes of it.

    Returns
    -------
    dict
        `threshold`, `n` and `allowed` (signals that pass), `n_effective` (independent ones), `coverage` (share that
        passes), `precision` with `low` and `high` (95 %), `lift` over the base rate with `lift_low` and `lift_high`,
        `thin` (too few to tell); and, with payoffs, `net_return` per signal taken with `net_low` and `net_high`.
        NaN where nothing passes.

    Examples
    --------
    >>> y, p = np.tile([0, 1], 50), np.tile([0.4, 0.6], 50)
    >>> row = evaluate_threshold(y, p, LabelWindows.of(range(100), range(1, 101)), None, 0.5)
    >>> row["n"], row["precision"], row["lift"], row["thin"]
    (50, 1.0, 0.5, False)
    """
    passed = probability >= threshold
    n_effective = effective_sample_size(windows.take(np.flatnonzero(passed))) if passed.any() else 0.0
    precision = float(y[passed].mean()) if passed.any() else float("nan")
    low, high = wilson_interval(precision, n_effective)
    row: dict[str, Any] = {
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
    row.update(_lift(y.astype(np.float64), passed, windows))
    if payoff is not None:
        row.update(_money(payoff, passed, windows))
    return row


def choose_threshold(
    rows: list[dict[str, Any]],
    y: npt.NDArray[Any],
    probability: Floats,
    windows: LabelWindows,
    payoff: Floats | None = None,
) -> ThresholdChoice:
    """Choose the threshold that gains most over all signals, by money if payoffs are known, else by precision.

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
    What is maximised is the gain per candidate: the mean over all signals of the payoff of those that pass (or of
    ``y`` less the base rate). The gain per signal taken alone would choose the row with the fewest.
    """
    value = y - y.mean() if payoff is None else payoff
    by = "lift" if payoff is None else "money"
    thick = [row["threshold"] for row in rows if not row["thin"]]
    if not thick:
        return ThresholdChoice(None, by, None)
    gains = [np.where(probability >= threshold, value, 0.0) for threshold in thick]
    best = int(np.argmax([gain.mean() for gain in gains]))
    close = [_close(gains[best] - gain, windows) for gain in gains]
    first = last = best
    while first > 0 and close[first - 1]:
        first -= 1
    while last + 1 < len(thick) and close[last + 1]:
        last += 1
    return ThresholdChoice(thick[best], by, (thick[first], thick[last]))


def _lift(y: Floats, passed: npt.NDArray[np.bool_], windows: LabelWindows) -> dict[str, float]:
    """Return precision less base rate, with a bootstrap interval that knows that both come from the same samples."""

    def lift(weights: Floats) -> Floats:
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.asarray((weights[:, passed] @ y[passed]) / weights[:, passed].sum(axis=1) - _mean(weights, y))

    if not passed.any():
        return {"lift": float("nan"), "lift_low": float("nan"), "lift_high": float("nan")}
    block = block_length_for((y - y[passed].mean()) * passed, windows)
    found = resample(lift, y.size, block, n_resamples=500)
    low, high = found.interval()
    return {"lift": found.value, "lift_low": low, "lift_high": high}


def _money(payoff: Floats, passed: npt.NDArray[np.bool_], windows: LabelWindows) -> dict[str, float]:
    """Return the mean payoff of what passes, with its interval."""
    taken = payoff[passed]
    if not taken.size:
        return {"net_return": float("nan"), "net_low": float("nan"), "net_high": float("nan")}
    block = block_length_for(taken, windows.take(np.flatnonzero(passed)))
    found = resample(lambda weights: _mean(weights, taken), taken.size, block, n_resamples=500)
    low, high = found.interval()
    return {"net_return": found.value, "net_low": low, "net_high": high}


def _close(difference: Floats, windows: LabelWindows) -> bool:
    """Tell whether a loss against the best is within one standard error of nothing."""
    if not difference.any():
        return True
    block = block_length_for(difference, windows)
    found = resample(lambda weights: _mean(weights, difference), difference.size, block, n_resamples=300)
    return found.value <= found.standard_error


def _mean(weights: Floats, values: Floats) -> Floats:
    """Return the weighted means."""
    return np.asarray(weights @ values / weights.sum(axis=1))
