"""The interface of a task: what `train_model` and its evaluation need to know about the meaning of the labels."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

from livermore.ml.tasks._batch_metrics import BatchMetric
from livermore.ml.tasks._prediction import Prediction
from livermore.ml.tasks._proxies import Proxies
from livermore.ml.tasks._skill_statistics import SkillStatistic
from livermore.typing import Array, Floats

__all__ = ["Headline", "Task"]


@dataclass(frozen=True)
class Headline:
    """The metric that feature impact is measured in; it is a mean over samples.

    Attributes
    ----------
    name : str
        Its key in the metrics.
    title : str
        Its name in reports.
    greater_is_better : bool
        Whether larger values are better.
    per_sample : callable
        From (y_true, predicted values) to the value of each sample, shape (n,).

    Examples
    --------
    >>> import numpy as np
    >>> accuracy = Headline("accuracy", "Accuracy", True, lambda y, predicted: (y == predicted).astype(float))
    >>> accuracy.per_sample(np.array([0, 1]), np.array([1, 1])).tolist()
    [0.0, 1.0]
    """

    name: str
    title: str
    greater_is_better: bool
    per_sample: Callable[[Array, Array], Floats]


class Task(Protocol):
    """What `train_model` needs to know about the labels. A new task is a class of this kind and a line in the registry.

    All methods are pure. `y` is always the result of `encode`; samples are in order of time.

    Attributes
    ----------
    name : str
        By which `train_model(task=…)` selects it.
    is_classifier : bool
        Whether labels are classes, and models predict their probabilities.
    has_thresholds : bool
        Whether signals are selected by a threshold on the probability of class 1.
    headline : Headline
        The metric of the feature impact.
    proxies : Proxies
        The proxy models of the four-method importance table.
    statistic : SkillStatistic
        The statistic that the verdict is based on.
    batch_metrics : mapping of str to callable
        The metrics that get a bootstrap interval.

    Examples
    --------
    >>> import numpy as np
    >>> from livermore.ml.tasks import task_named
    >>> task = task_named("multiclass")
    >>> y = task.encode([-1, 0, 1, 1])
    >>> task.is_classifier, task.classes(y)
    (True, [-1, 0, 1])
    """

    name: ClassVar[str]
    is_classifier: ClassVar[bool]
    has_thresholds: ClassVar[bool]
    headline: ClassVar[Headline]
    proxies: ClassVar[Proxies]
    statistic: ClassVar[SkillStatistic]
    batch_metrics: ClassVar[Mapping[str, BatchMetric]]

    def encode(self, labels: Sequence[bool | int | float]) -> Array:
        """Turn recorded labels into the target, shape (n,); raise DatasetError for labels that do not fit."""
        ...

    def check_estimator(self, estimator: Any) -> None:
        """Raise EstimatorError, with a remedy, if the estimator cannot be trained for the task."""
        ...

    def check_target(self, y_train: Array) -> None:
        """Raise TrainingError if nothing can be learned from this target."""
        ...

    def predict(self, model: Any, X: Floats) -> Prediction:
        """Predict the rows of X with a fitted model."""
        ...

    def metrics(self, y_true: Array, prediction: Prediction, weight: Floats | None = None) -> dict[str, Any]:
        """Return the task's metrics under their documented keys; counts are not weighted."""
        ...

    def tables(self, y_train: Array, y_true: Array, prediction: Prediction) -> dict[str, Any]:
        """Return the keys of the result that only this task has."""
        ...

    def thresholds(self, y_true: Array, prediction: Prediction) -> list[dict[str, Any]] | None:
        """Return precision and coverage over confidence thresholds; None where the task has none."""
        ...

    def classes(self, y: Array) -> list[int] | None:
        """Return the classes in `y`, sorted; None for regression."""
        ...
