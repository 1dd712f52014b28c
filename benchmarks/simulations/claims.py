"""What `train_model` claims of a data set, as numbers that can be counted."""

from typing import Any

import numpy as np

from livermore.ml.dataset import Dataset
from livermore.ml.result import TrainingResult
from livermore.research import train_model

__all__ = ["claims", "interval_holds", "judged_features", "trained"]


def trained(data: Dataset, estimator: Any, task: str = "binary", **options: Any) -> TrainingResult:
    """Train with all evidence but verdicts on features, in one process and without a report."""
    quick = {"importance": False, "impact": False, "judge_features": False, "n_jobs": 1, "verbose": False}
    return train_model(data, estimator, task, **(quick | options))


def claims(result: TrainingResult) -> dict[str, float | bool | None]:
    """Return whether the verdict says yes, in each of its words, and its p-value."""
    verdict = result["verdict"]
    return {
        "predicts": verdict["predicts"] == "yes",
        "pays": verdict["pays"] == "yes",
        "edge": verdict["edge"] == "yes",
        "no edge": verdict["edge"] == "no",
        "p": verdict["p_value"],
    }


def judged_features(result: TrainingResult) -> dict[str, float | bool | None]:
    """Return how many features are said to help or to hurt."""
    verdicts = list(result["feature_verdicts"].values())
    return {
        "any helps": "helps" in verdicts,
        "any judged": any(verdict != "cannot tell" for verdict in verdicts),
        "judged": float(np.mean([verdict != "cannot tell" for verdict in verdicts])),
    }


def interval_holds(interval: Any, truth: float) -> bool | None:
    """Return whether an interval holds the truth; None if there is no interval or no truth."""
    if interval is None or not np.isfinite([*interval, truth]).all():
        return None
    return bool(interval[0] <= truth <= interval[1])
