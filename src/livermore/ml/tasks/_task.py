"""The interface of a task, and the values that pass through it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

import numpy as np
import numpy.typing as npt

from livermore.ml.tasks._proxies import Proxies

Array = npt.NDArray[Any]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Prediction:
    """What a model says about n samples.

    Attributes
    ----------
    values : ndarray of shape (n,)
        Predicted classes or numbers.
    probabilities : ndarray of shape (n, k)
        Probability of each class; for regression k is 0.
    classes : ndarray of shape (k,)
        The classes that the columns of `probabilities` stand for.
    """

    values: Array
    probabilities: Floats
    classes: Array


@dataclass(frozen=True)
class Headline:
    """The one figure by which the feature impact is told: a mean over samples.

    Attributes
    ----------
    name : str
        Its key in the metrics.
    title : str
        How a report calls it.
    greater_is_better : bool
        Whether a larger figure is the better one.
    per_sample : callable
        From (y_true, predicted values) to the figure of each sample, shape (n,).
    """

    name: str
    title: str
    greater_is_better: bool
    per_sample: Callable[[Array, Array], Floats]


class Task(Protocol):
    """What `train_model` asks of a task. All methods are pure.

    `y` is always what `encode` made of the labels; samples are in order of time.
    """

    name: ClassVar[str]
    headline: ClassVar[Headline]
    proxies: ClassVar[Proxies]

    def encode(self, labels: Sequence[bool | int | float]) -> Array:
        """Turn recorded labels into the target, shape (n,); raise DatasetError for labels that do not fit."""
        ...

    def check_estimator(self, estimator: Any) -> None:
        """Raise EstimatorError, saying what to do, if this estimator cannot learn the task."""
        ...

    def check_target(self, y_train: Array) -> None:
        """Raise TrainingError if nothing can be learnt from this target."""
        ...

    def predict(self, model: Any, X: Floats) -> Prediction:
        """Ask a fitted model about the rows of X."""
        ...

    def metrics(self, y_true: Array, prediction: Prediction, weight: Floats | None = None) -> dict[str, Any]:
        """Return the task's metrics, keyed as the documentation lists them; counts stay counts of samples."""
        ...

    def tables(self, y_train: Array, y_true: Array, prediction: Prediction) -> dict[str, Any]:
        """Return what the task's result holds beyond the keys that all tasks have."""
        ...

    def thresholds(self, y_true: Array, prediction: Prediction) -> list[dict[str, Any]] | None:
        """Return precision and coverage over confidence thresholds; None where the task has none."""
        ...

    def classes(self, y: Array) -> list[int] | None:
        """Return the classes in `y`, sorted; None for regression."""
        ...
