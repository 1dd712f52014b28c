"""Both sides of a training: what is learnt from, and what the model is tested on."""

import warnings
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.preprocessing import StandardScaler

from livermore.errors import FeatureError, LivermoreWarning, TrainingError
from livermore.ml.dataset import Dataset
from livermore.ml.tasks import Task, takes_missing_values
from livermore.ml.validation import PurgedSplit

__all__ = ["Notes", "Scaled", "Sides", "check_missing", "scale", "split"]

Array = npt.NDArray[Any]
Floats = npt.NDArray[np.float64]


@dataclass
class Notes:
    """What a reader must know to read the figures right."""

    lines: list[str] = field(default_factory=list)

    def add(self, line: str) -> None:
        """Write one down."""
        self.lines.append(line)


@dataclass(frozen=True, eq=False)
class Sides:
    """Both sides of the split."""

    train: Dataset
    test: Dataset
    y_train: Array
    y_test: Array
    n_purged: int


@dataclass(frozen=True, eq=False)
class Scaled:
    """Both sides as the model sees them."""

    sides: Sides
    scaler: StandardScaler
    X_train: Floats
    X_test: Floats


def check_missing(data: Dataset, estimator: Any) -> None:
    """Refuse missing values that the estimator cannot take."""
    missing = data.missing()
    if not missing or takes_missing_values(estimator):
        return
    counts = ", ".join(f"{name!r} in {count}" for name, count in missing.items())
    raise FeatureError(
        f"values are missing (of {len(data)} samples: {counts}), and {type(estimator).__name__} takes none. Use an "
        "estimator that does (such as HistGradientBoosting, LightGBM or XGBoost), fill them in with "
        "make_pipeline(SimpleImputer(), …), or record features only once their indicators have warmed up."
    )


def split(data: Dataset, task: Task, test_ratio: float, purge: bool, notes: Notes) -> Sides:
    """Cut the samples in order of time, purge the training side, and encode the labels."""
    if not 0 < test_ratio < 1:
        raise TrainingError(f"test_ratio must be a share between 0 and 1, not {test_ratio!r}.")
    cut = int(len(data) * (1 - test_ratio))
    if not 1 < cut < len(data):
        raise TrainingError(
            f"{len(data)} samples and test_ratio={test_ratio} leave {cut} to train on and {len(data) - cut} to "
            "test on: too few. Gather more samples (1,000 and more are a sound number), or change test_ratio."
        )
    rows, test_rows = np.arange(cut), np.arange(cut, len(data))
    if purge:
        fold = next(PurgedSplit(data.time, data.label_time, test_size=test_ratio).folds())
        rows, test_rows = fold.train, fold.test
        _note_purging(data, cut - len(rows), notes)
    y = task.encode(data.labels)
    task.check_target(y[rows])
    train_side = data.take(rows)
    _check_not_empty(train_side)
    return Sides(train_side, data.take(test_rows), y[rows], y[test_rows], n_purged=cut - len(rows))


def _note_purging(data: Dataset, n_purged: int, notes: Notes) -> None:
    """Say how many samples purging cost, or that it could not be done."""
    if data.label_time is None:
        warnings.warn(
            "the samples have no label_time, so it is unknown when their labels became known and nothing can be "
            "purged: training labels may overlap the test side and flatter it. Gather again with livermore, or pass "
            "purge=False to say that labels do not overlap.",
            LivermoreWarning,
            stacklevel=5,
        )
        notes.add("Nothing could be purged: the samples do not say when their labels became known (label_time).")
    elif n_purged:
        notes.add(f"{n_purged} training samples were purged: their labels became known only on the test side.")


def _check_not_empty(train_side: Dataset) -> None:
    """Refuse features that have no value at all on the training side."""
    for name, count in train_side.missing().items():
        if count == len(train_side):
            raise FeatureError(
                f"feature {name!r} is missing in all {count} training samples: nothing can be learnt from it. Record "
                "it, or leave it out of ml_features()."
            )


def scale(sides: Sides) -> Scaled:
    """Fit the scaler on the training side, and scale both."""
    scaler = StandardScaler().fit(sides.train.X)
    return Scaled(sides, scaler, scaler.transform(sides.train.X), scaler.transform(sides.test.X))
