"""What training found, as one frozen object: reports, notebooks and model folders are made from it alone."""

import functools
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from livermore.dates import day
from livermore.ml.dataset import FeatureSummary, Markets, feature_summaries, markets_of
from livermore.typing import Array, Floats, Integers

if TYPE_CHECKING:
    from livermore.ml.dataset import Dataset
    from livermore.ml.report import HtmlReport
    from livermore.ml.split import TrainTestSplit
    from livermore.ml.tasks import Task

__all__ = [
    "DataSummary",
    "FeatureSummary",
    "PartSamples",
    "SplitSamples",
    "TrainingResult",
    "feature_summaries",
    "sizes_and_dates",
]


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
        Samples in each part of the split, and those that were purged from the training part because their labels
        became known only in the test period.
    can_purge : bool
        Whether it is known when each label became known.
    train_interval, test_interval : tuple of int
        Times of the first and the last sample of each part, in UTC seconds.
    features : tuple of FeatureSummary
        In the order in which the model takes them.
    fingerprint : str
        SHA-256 of the data set.
    markets : tuple of tuple of str
        Exchange, symbol and timeframe of each market that the samples come from; empty if it is not known.

    Examples
    --------
    >>> from livermore.ml.dataset import Dataset
    >>> from livermore.ml.split import TrainTestSplit
    >>> from livermore.ml.tasks import task_named
    >>> samples = [
    ...     {"time": 60 * i, "features": {"rsi": float(i % 7)}, "label": {"name": "up", "value": i % 3 == 0},
    ...      "label_time": 60 * i + 60}
    ...     for i in range(20)
    ... ]
    >>> data, task = Dataset.from_samples(samples), task_named("binary")
    >>> summary = DataSummary.of(data, task, TrainTestSplit.chronological(data, task, test_ratio=0.25))
    >>> summary.n_train, summary.n_test, summary.class_counts, [feature.name for feature in summary.features]
    (15, 5, {0: 13, 1: 7}, ['rsi'])
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
    markets: Markets = ()

    @property
    def n_samples(self) -> int:
        """All samples, purged ones included."""
        return self.n_train + self.n_test + self.n_purged

    @classmethod
    def of(cls, data: "Dataset", task: "Task", split: "TrainTestSplit") -> "DataSummary":
        """Describe a data set and its split."""
        y, train, test = task.encode(data.labels), split.train.data, split.test.data
        classes = task.classes(y)
        return cls(
            label_name=data.label_name,
            class_counts=None if classes is None else {label: int((y == label).sum()) for label in classes},
            label_moments=None if classes is not None else _moments(y),
            n_train=len(train),
            n_test=len(test),
            n_purged=split.n_purged,
            can_purge=data.label_time is not None,
            train_interval=_interval(train),
            test_interval=_interval(test),
            features=feature_summaries(train),
            fingerprint=data.fingerprint(),
            markets=markets_of(data),
        )


@dataclass(frozen=True, eq=False, kw_only=True)
class PartSamples:
    """The samples of one part of the split, as plots need them.

    Attributes
    ----------
    time : ndarray of shape (n,)
        When the features were recorded, in UTC seconds.
    y : ndarray of shape (n,)
        Encoded labels.
    values : ndarray of shape (n,) or None
        Predicted classes or numbers; None in the training part.
    probabilities : ndarray of shape (n, k) or None
        Predicted probability of each class; k is 0 for regression.
    classes : ndarray of shape (k,) or None
        The classes that the columns of `probabilities` stand for.

    Examples
    --------
    >>> import numpy as np
    >>> part = PartSamples(time=np.array([0, 60]), y=np.array([0, 1]))
    >>> len(part.time), part.values is None
    (2, True)
    """

    time: Integers
    y: Array
    values: Array | None = None
    probabilities: Floats | None = None
    classes: Array | None = None


@dataclass(frozen=True, eq=False)
class SplitSamples:
    """The samples of both parts of the split: `train` and `test`.

    Examples
    --------
    >>> import numpy as np
    >>> train = PartSamples(time=np.array([0, 60]), y=np.array([0, 1]))
    >>> test = PartSamples(time=np.array([120]), y=np.array([1]), values=np.array([1]))
    >>> samples = SplitSamples(train, test)
    >>> samples.train.values is None, samples.test.values.tolist()
    (True, [1])
    """

    train: PartSamples
    test: PartSamples


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class TrainingResult(dict[str, Any]):
    """What `train_model` returns: a dict with the documented keys, and a frozen object with all that a report needs.

    It is a real dict, because scripts written for Jesse treat it as one: they index it, copy it, and add keys of their
    own. Its attributes cannot be set, and those are what reports and model folders are made from, so whatever a script
    does to the dict, a report shows what the training found.

    Attributes
    ----------
    model, scaler
        The fitted estimator and the fitted StandardScaler.
    feature_names : list of str
        Sorted; the order in which the model takes them.
    metrics : dict
        Metrics on the test part.
    feature_importance : dict or None
        The four-method table; None if it was switched off.
    feature_impact : list of dict or None
        The headline metric without each feature; None if it was switched off.
    train_test_info : dict
        Sizes and dates of both parts.
    tables : dict
        What only this task has: `calibration` and `class_weights` for binary. Its items are keys of the dict.
    evidence : dict
        How certain the metrics are (verdict, intervals and so on). Its items are keys of the dict.
    task : str
        "binary", "multiclass" or "regression".
    headline : dict
        The metric of the feature impact: `name`, `title`, `greater_is_better`, `value`.
    importance_titles : dict
        How a report calls the F statistic (`f`) and the cross-validated score (`score`) of the four-method table.
    thresholds : list of dict or None
        Precision and coverage over confidence thresholds on the test part; binary only.
    data : DataSummary
        What it was trained on.
    missing_values : str
        "allow" if values were missing in the training part, so that the model was fitted to handle them, else "refuse".
    best_params : dict
        Hyperparameters that searches inside the estimator (`GridSearchCV`) have chosen; empty, and no key of the dict,
        without a search.
    seconds : dict
        How long each step took.
    notes : tuple of str
        What a reader of the metrics must know.
    title : str
        Name of the model in reports.
    created : int
        When it was trained, in UTC seconds.
    samples : SplitSamples or None
        Times, labels and predictions, for plots.

    Examples
    --------
    >>> from livermore.testing import example_training
    >>> result = example_training()
    >>> result["train_test_info"]["train_size"] > result["train_test_info"]["test_size"]
    True
    >>> result.to_html()
    HtmlReport(...)
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
    best_params: dict[str, Any] = field(default_factory=dict)
    tables: dict[str, Any] = field(default_factory=dict)
    evidence: dict[str, Any] = field(default_factory=dict)
    thresholds: list[dict[str, Any]] | None = None
    seconds: dict[str, float] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    title: str = ""
    created: int = field(default_factory=lambda: int(time.time()))
    samples: SplitSamples | None = None

    def __post_init__(self) -> None:
        self.update(
            model=self.model,
            scaler=self.scaler,
            feature_names=self.feature_names,
            metrics=self.metrics,
            feature_importance=self.feature_importance,
            feature_impact=self.feature_impact,
            train_test_info=self.train_test_info,
            **({"best_params": self.best_params} if self.best_params else {}),
            **self.tables,
            **self.evidence,
        )

    def __repr__(self) -> str:
        return (
            f"TrainingResult({type(self.model).__name__}, {self.task}, {self.data.n_train} training and "
            f"{self.data.n_test} test samples, {self.headline['name']} {self.headline['value']:.4g}, keys {list(self)})"
        )

    @functools.cached_property
    def curves(self) -> dict[str, Any]:
        """Curves over the predictions for the test set, with bands, as `livermore.ml.evidence` makes them.

        `roc`: for each class its `Curve` against all others, for binary of class 1 alone; `precision_recall`: of class
        1, for binary; `tenths`: for regression. Empty if there are no predictions, or the test set has one class only.
        """
        from livermore.ml.evidence import mean_by_tenth, precision_recall_curve, roc_curve

        test = None if self.samples is None else self.samples.test
        if test is None or test.values is None:
            return {}
        if self.data.class_counts is None:
            return {"tenths": mean_by_tenth(test.y, test.values)}
        if test.probabilities is None or test.classes is None:
            return {}
        columns = {int(label): test.probabilities[:, k] for k, label in enumerate(test.classes)}
        if self.thresholds is not None:  # thresholds are set on the probability of class 1
            columns = {1: columns[1]}
        scores = {label: score for label, score in columns.items() if 0 < (test.y == label).sum() < test.y.size}
        curves: dict[str, Any] = {"roc": {label: roc_curve(test.y == label, score) for label, score in scores.items()}}
        if self.thresholds is not None and scores:
            curves["precision_recall"] = precision_recall_curve(test.y == 1, scores[1])
        return curves if scores else {}

    def to_html(self, path: str | Path | None = None) -> "HtmlReport":
        """Return the report as one HTML file that works offline, and write it if a path is given.

        Parameters
        ----------
        path : path-like, optional
            The file to write. Its folder must exist.

        Returns
        -------
        HtmlReport
            The page: a str whose repr is short, so that a notebook cell may end in this call.

        Raises
        ------
        OSError
            If the file cannot be written.
        """
        from livermore.ml.report import train_report_html

        return train_report_html(self, path)

    def _repr_html_(self) -> str:
        from livermore.ml.report import train_report_html

        return train_report_html(self, embed=True)


def sizes_and_dates(train: "Dataset", test: "Dataset") -> dict[str, Any]:
    """Return sizes and dates (UTC) of both parts, as Jesse lists them.

    Examples
    --------
    >>> from livermore.ml.dataset import Dataset
    >>> from livermore.testing import example_samples
    >>> data = Dataset.from_samples(example_samples())
    >>> sizes_and_dates(data, data)["train_size"] == len(data)
    True
    """
    (train_start, train_end), (test_start, test_end) = _interval(train), _interval(test)
    return {
        "train_size": len(train),
        "test_size": len(test),
        "train_start": day(train_start),
        "train_end": day(train_end),
        "test_start": day(test_start),
        "test_end": day(test_end),
    }


def _moments(y: Array) -> dict[str, float]:
    """Describe a continuous label."""
    return {"mean": float(y.mean()), "std": float(y.std()), "min": float(y.min()), "max": float(y.max())}


def _interval(samples: "Dataset") -> tuple[int, int]:
    """Return the times of the first and the last sample, in UTC seconds."""
    return int(samples.time[0]), int(samples.time[-1])
