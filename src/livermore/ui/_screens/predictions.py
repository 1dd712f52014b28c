"""Predictions of live sessions, with the labels that became known later, and how well they were calibrated."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from livermore.formatting import number
from livermore.ui._charts import line_series
from livermore.ui._journals import Prediction, labelled_predictions, last_predictions
from livermore.ui._project import session_folders
from livermore.ui._screen import Asked, Screen, Shown, choose
from livermore.ui._screens.samples import rolling_mean

__all__ = ["SCREEN", "calibration_table"]

MOST_SHOWN = 200
MOST_LABELLED = 20_000
#: Labelled predictions of one point of the rolling calibration.
WINDOW = 50
EDGES = np.linspace(0, 1, 6)


class Bucket(NamedTuple):
    """Predictions between two probabilities: how many, their mean, and the share that came true; as text."""

    between: str
    n: int
    predicted: str
    came_true: str


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
    values |= {"buckets": calibration_table(labelled), "features": _features}
    return Shown("predictions_session", f"Predictions of {name}", values)


def chart(asked: Asked) -> Mapping[str, Any]:
    """Return mean prediction and mean label over the last labelled predictions, at each of them."""
    found = labelled_predictions(_folder(asked), MOST_LABELLED)
    found = sorted((p for p in found if np.isfinite(p.result)), key=lambda p: p.time)
    time = [p.time for p in found][WINDOW - 1 :]
    predicted = rolling_mean(np.array([p.result for p in found]), WINDOW)
    came_true = rolling_mean(np.array([p.label for p in found], dtype=float), WINDOW)
    lines = [line_series(time, predicted, "predicted", "accent"), line_series(time, came_true, "came true", "warning")]
    return {"panes": [lines]}


def calibration_table(labelled: Sequence[Prediction]) -> Sequence[Bucket]:
    """Return predictions by fifths of the probability; none if they are no probabilities of an event.

    Examples
    --------
    >>> calibration_table([Prediction(0, "BTC-USDT", None, "", 0.7, False, 1.0, {})])
    [Bucket(between='60% to 80%', n=1, predicted='70.0%', came_true='100.0%')]
    """
    known = [p for p in labelled if np.isfinite(p.result)]
    result, label = (np.array([getattr(p, name) for p in known], dtype=float) for name in ("result", "label"))
    if not known or result.min() < 0 or result.max() > 1 or not np.isin(label, (0.0, 1.0)).all():
        return []
    place = np.clip(np.digitize(result, EDGES) - 1, 0, len(EDGES) - 2)
    return [
        Bucket(
            f"{EDGES[k]:.0%} to {EDGES[k + 1]:.0%}",
            int((place == k).sum()),
            number(result[place == k].mean(), ".1%"),
            number(label[place == k].mean(), ".1%"),
        )
        for k in np.unique(place)
    ]


def _folder(asked: Asked) -> Path:
    return choose(session_folders(asked.root), asked["session"], "session")


def _features(prediction: Prediction) -> str:
    """Return what a model saw as one line."""
    return ", ".join(
        f"{name} {number(value, '.4g') if isinstance(value, float) else value}"
        for name, value in prediction.features.items()
    )


SCREEN = Screen("/predictions", "Predictions", {"/predictions": show}, {"/predictions/chart": chart})
