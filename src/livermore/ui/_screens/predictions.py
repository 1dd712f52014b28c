"""Predictions of live sessions, with the labels that became known later, and how well they were calibrated."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from livermore.formatting import number
from livermore.ml.evidence import calibration_buckets
from livermore.ml.labels import LabelWindows
from livermore.typing import Floats
from livermore.ui._charts import line_series, rolling_mean
from livermore.ui._journals import Prediction, labelled_predictions, last_predictions
from livermore.ui._project import session_folders
from livermore.ui._screen import Asked, Screen, Shown, choose

__all__ = ["SCREEN", "calibration"]

MOST_SHOWN = 200
MOST_LABELLED = 20_000
#: Labelled predictions of one point of the rolling calibration.
WINDOW = 50


def show(asked: Asked) -> Shown:
    """Show the sessions, or the predictions of one."""
    sessions = session_folders(asked.root)
    name = asked["session"]
    values: dict[str, Any] = {"sessions": list(sessions), "session": name}
    if not name:
        return Shown("predictions", "Predictions", values)
    folder = choose(sessions, name, "session")
    labelled = labelled_predictions(folder, MOST_LABELLED)
    shown = last_predictions(folder, MOST_SHOWN)
    values |= {"shown": shown, "most": MOST_SHOWN, "labelled": len(labelled), "window": WINDOW}
    values |= {"buckets": calibration(labelled), "features": _features}
    return Shown("predictions_session", f"Predictions of {name}", values)


def chart(asked: Asked) -> Mapping[str, Any]:
    """Return mean prediction and mean label over the last labelled predictions, at each of them."""
    found = _usable(labelled_predictions(_folder(asked), MOST_LABELLED))
    time = [p.time for p in found][WINDOW - 1 :]
    predicted, label = _arrays(found)
    mean = rolling_mean(predicted, WINDOW)
    lines = [
        line_series(time, mean, "predicted"),
        line_series(time, rolling_mean(label, WINDOW), "came true", "warning"),
    ]
    if _are_probabilities(predicted, label):
        spread = 2 * np.sqrt(rolling_mean(predicted * (1 - predicted), WINDOW) / WINDOW)
        bounds = ((mean - spread, "two standard errors below"), (mean + spread, "and above"))
        lines += [line_series(time, bound, title, "muted") | {"dashed": True} for bound, title in bounds]
    return {"panes": [lines]}


def calibration(labelled: Sequence[Prediction]) -> Sequence[Mapping[str, Any]]:
    """Return predictions by fifths of the probability; none if they are no probabilities of an event.

    Returns
    -------
    sequence of dict
        As `livermore.ml.evidence.calibration_buckets` returns them.

    Examples
    --------
    >>> found = calibration([Prediction(0, "BTC-USDT", None, "", 0.7, False, 1.0, 60, {})])
    >>> [(row["range"], row["n"], row["actual_rate"]) for row in found]
    [('[0.6–0.8)', 1, 1.0)]
    """
    known = _usable(labelled)
    predicted, label = _arrays(known)
    if not known or not _are_probabilities(predicted, label):
        return []
    times = [p.time for p in known]
    windows = LabelWindows.of(times, [p.time if p.label_time is None else p.label_time for p in known])
    return calibration_buckets(label, predicted, windows, n_buckets=5)


def _usable(labelled: Sequence[Prediction]) -> Sequence[Prediction]:
    """Return the predictions that are numbers, in the order of their bars."""
    return sorted((p for p in labelled if np.isfinite(p.result)), key=lambda p: p.time)


def _arrays(found: Sequence[Prediction]) -> tuple[Floats, Floats]:
    """Return predictions and labels."""
    return np.array([p.result for p in found]), np.array([p.label for p in found], dtype=float)


def _are_probabilities(predicted: Floats, label: Floats) -> bool:
    """Return whether predictions may be probabilities of an event that came true or not."""
    return bool(((predicted >= 0) & (predicted <= 1)).all() and np.isin(label, (0.0, 1.0)).all())


def _folder(asked: Asked) -> Path:
    return choose(session_folders(asked.root), asked["session"], "session")


def _features(prediction: Prediction) -> str:
    """Return what a model saw as one line."""
    return ", ".join(
        f"{name} {number(value, '.4g') if isinstance(value, float) else value}"
        for name, value in prediction.features.items()
    )


SCREEN = Screen("/predictions", "Predictions", {"/predictions": show}, {"/predictions/chart": chart})
