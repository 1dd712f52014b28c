"""What training found, as one frozen object: reports, notebooks and model folders are made from it alone."""

import importlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from livermore.dates import day

if TYPE_CHECKING:
    from livermore.ml.dataset import Dataset
    from livermore.ml.tasks import Task

__all__ = [
    "BothSides",
    "DataSummary",
    "FeatureSummary",
    "SideSamples",
    "TrainingResult",
    "feature_summaries",
    "sizes_and_dates",
]

Array = npt.NDArray[Any]
Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class FeatureSummary:
    """One feature on the training side.

    Attributes
    ----------
    name : str
        Its name.
    low, high : float
        Smallest and largest value.
    missing : int
        In how many training samples it is missing.
    is_bool : bool
        Whether it was recorded as a bool.
    """

    name: str
    low: float
    high: float
    missing: int
    is_bool: bool


@dataclass(frozen=True)
class DataSummary:
    """The data that a model was trained and tested on.

    Attributes
    ----------
    label_name : str
        What is predicted.
    class_counts : dict or None
        Samples of each class; None for regression.
    label_moments : dict or None
        `mean`, `std`, `min` and `max` of a continuous label; None for classification.
    n_train, n_test, n_purged : int
        Samples on either side of the split, and those that were left out of the training side because their labels
        reach into the test side.
    can_purge : bool
        Whether it is known when each label became known.
    train_interval, test_interval : tuple of int
        Times of the first and the last sample of each side, in UTC seconds.
    features : tuple of FeatureSummary
        In the order in which the model takes them.
    fingerprint : str
        SHA-256 of the data set.
    """

    label_name: str
    class_counts: dict[int, int] | None
    label_moments: dict[str, float] | None
    n_train: int
    n_test: int
    n_purged: int
    can_purge: bool
    train_interval: tuple[int, int]
    test_interval: tuple[int, int]
    features: tuple[FeatureSummary, ...]
    fingerprint: str

    @property
    def n_samples(self) -> int:
        """All samples, purged ones included."""
        return self.n_train + self.n_test + self.n_purged

    @classmethod
    def of(
        cls, data: "Dataset", task: "Task", train_side: "Dataset", test_side: "Dataset", n_purged: int
    ) -> "DataSummary":
        """Describe data that a task cut into two sides."""
        y = task.encode(data.labels)
        classes = task.classes(y)
        return cls(
            label_name=data.label_name,
            class_counts=None if classes is None else {label: int((y == label).sum()) for label in classes},
            label_moments=None if classes is not None else _moments(y),
            n_train=len(train_side),
            n_test=len(test_side),
            n_purged=n_purged,
            can_purge=data.label_time is not None,
            train_interval=_interval(train_side),
            test_interval=_interval(test_side),
            features=feature_summaries(train_side),
            fingerprint=data.fingerprint(),
        )


@dataclass(frozen=True, eq=False, kw_only=True)
class SideSamples:
    """The samples of one side of the split, as plots need them.

    Attributes
    ----------
    time : ndarray of shape (n,)
        When the features were recorded, in UTC seconds.
    y : ndarray of shape (n,)
        Encoded labels.
    values : ndarray of shape (n,) or None
        Predicted classes or numbers; None on the training side.
    probabilities : ndarray of shape (n, k) or None
        Predicted probability of each class; k is 0 for regression.
    classes : ndarray of shape (k,) or None
        What the columns of `probabilities` stand for.
    """

    time: Integers
    y: Array
    values: Array | None = None
    probabilities: Floats | None = None
    classes: Array | None = None


@dataclass(frozen=True, eq=False)
class BothSides:
    """The samples of both sides of the split."""

    train: SideSamples
    test: SideSamples


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class TrainingResult(dict[str, Any]):
    """What `train_model` returns: a dict with the documented keys, and a frozen object with all that a report needs.

    It is a real dict, because scripts written for Jesse treat it as one: they index it, copy it, and add keys of their
    own. Its attributes cannot be set, and those are what reports and model folders are made from, so whatever a script
    does to the dict, a report tells what training found.

    Attributes
    ----------
    model, scaler
        The fitted estimator and the fitted StandardScaler.
    feature_names : list of str
        Sorted; the order in which the model takes them.
    metrics : dict
        Metrics on the test side.
    feature_importance : dict or None
        The four-method table; None if it was switched off.
    feature_impact : list of dict or None
        The headline metric without each feature; None if it was switched off.
    train_test_info : dict
        Sizes and dates of both sides.
    tables : dict
        What only this task has: `calibration` and `class_weights` for binary. Its items are keys of the dict.
    evidence : dict
        How sure the figures are (verdict, intervals and so on). Its items are keys of the dict.
    task : str
        "binary", "multiclass" or "regression".
    headline : dict
        The metric that the feature impact is told in: `name`, `title`, `greater_is_better`, `value`.
    importance_titles : dict
        How a report calls the F statistic (`f`) and the cross-validated score (`score`) of the four-method table.
    thresholds : list of dict or None
        Precision and coverage over confidence thresholds on the test side; binary only.
    data : DataSummary
        What it was trained on.
    missing_values : str
        "allow" if values were missing on the training side, and the model learnt to deal with that, else "refuse".
    seconds : dict
        How long each step took.
    notes : tuple of str
        What a reader must know to read the figures right.
    title : str
        What the model is called in a report.
    samples : BothSides or None
        Times, labels and predictions, for plots.
    """

    model: Any
    scaler: Any
    feature_names: list[str]
    metrics: dict[str, Any]
    feature_importance: dict[str, Any] | None
    feature_impact: list[dict[str, Any]] | None
    train_test_info: dict[str, Any]
    task: str
    headline: dict[str, Any]
    importance_titles: dict[str, str]
    data: DataSummary
    missing_values: str
    tables: dict[str, Any] = field(default_factory=dict)
    evidence: dict[str, Any] = field(default_factory=dict)
    thresholds: list[dict[str, Any]] | None = None
    seconds: dict[str, float] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    title: str = ""
    samples: BothSides | None = None

    def __post_init__(self) -> None:
        self.update(
            model=self.model,
            scaler=self.scaler,
            feature_names=self.feature_names,
            metrics=self.metrics,
            feature_importance=self.feature_importance,
            feature_impact=self.feature_impact,
            train_test_info=self.train_test_info,
            **self.tables,
            **self.evidence,
        )

    def __repr__(self) -> str:
        return (
            f"TrainingResult({type(self.model).__name__}, {self.task}, {self.data.n_train} training and "
            f"{self.data.n_test} test samples, {self.headline['name']} {self.headline['value']:.4g}, keys {list(self)})"
        )

    def to_html(self, path: str | Path | None = None) -> str:
        """Return the report as one HTML file that works offline, and write it if a path is given."""
        return str(_report().train_report_html(self, path))

    def _repr_html_(self) -> str:
        return str(_report().train_report_html(self, embed=True))


def _report() -> Any:
    """Return the reports, which know results and so stand above them: found by name, once they are asked for."""
    return importlib.import_module("livermore.ml.report")


def feature_summaries(train_side: "Dataset") -> tuple[FeatureSummary, ...]:
    """Describe the features of the samples that a model is trained on; none may be missing in all of them."""
    missing = train_side.missing()
    low, high = np.nanmin(train_side.X, axis=0), np.nanmax(train_side.X, axis=0)
    return tuple(
        FeatureSummary(name, float(low[k]), float(high[k]), missing.get(name, 0), name in train_side.bool_features)
        for k, name in enumerate(train_side.feature_names)
    )


def sizes_and_dates(train_side: "Dataset", test_side: "Dataset") -> dict[str, Any]:
    """Return sizes and dates (UTC) of both sides, as Jesse lists them."""
    (train_start, train_end), (test_start, test_end) = _interval(train_side), _interval(test_side)
    return {
        "train_size": len(train_side),
        "test_size": len(test_side),
        "train_start": day(train_start),
        "train_end": day(train_end),
        "test_start": day(test_start),
        "test_end": day(test_end),
    }


def _moments(y: Array) -> dict[str, float]:
    """Describe a continuous label."""
    return {"mean": float(y.mean()), "std": float(y.std()), "min": float(y.min()), "max": float(y.max())}


def _interval(side: "Dataset") -> tuple[int, int]:
    """Return the times of the first and the last sample, in UTC seconds."""
    return int(side.time[0]), int(side.time[-1])
