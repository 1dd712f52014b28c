"""The multiclass task: which of several outcomes, such as -1, 0, +1 of a triple barrier."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np

from livermore.errors import DatasetError
from livermore.ml import metrics
from livermore.ml.tasks._batch_metrics import MULTICLASS_METRICS, BatchMetric
from livermore.ml.tasks._classifier import ACCURACY, check_classes, check_classifier, predict_classes
from livermore.ml.tasks._labels import refuse_bools
from livermore.ml.tasks._prediction import Prediction
from livermore.ml.tasks._proxies import CLASSIFIER_PROXIES, Proxies
from livermore.ml.tasks._skill_statistics import ROC_AUC, SkillStatistic
from livermore.ml.tasks._task import Headline
from livermore.typing import Array, Floats


class Multiclass:
    """Labels are whole numbers, each a class of its own.

    Classes that occur in one part of the split only are kept: they have a row and a column in the confusion matrix.

    Examples
    --------
    >>> Multiclass().encode([-1, 0, 1, 1.0]).tolist()
    [-1, 0, 1, 1]
    """

    name: ClassVar[str] = "multiclass"
    is_classifier: ClassVar[bool] = True
    has_thresholds: ClassVar[bool] = False
    headline: ClassVar[Headline] = ACCURACY
    proxies: ClassVar[Proxies] = CLASSIFIER_PROXIES
    statistic: ClassVar[SkillStatistic] = ROC_AUC
    batch_metrics: ClassVar[Mapping[str, BatchMetric]] = MULTICLASS_METRICS

    def encode(self, labels: Sequence[bool | int | float]) -> Array:
        """Return the labels as whole numbers; raise DatasetError for bools and fractions."""
        refuse_bools(labels, self.name)
        for label in labels:
            if label != int(label):
                raise DatasetError(
                    f"task='multiclass' needs whole numbers as labels, such as -1, 0, 1, and one is {label!r}. "
                    "For a continuous label use task='regression', or 'binary' if only its sign matters."
                )
        return np.array([int(label) for label in labels], dtype=np.int64)

    def check_estimator(self, estimator: Any) -> None:
        """Raise EstimatorError for what is not a classifier with probabilities."""
        check_classifier(estimator, self.name)

    def check_target(self, y_train: Array) -> None:
        """Raise TrainingError if the training part has a single class."""
        check_classes(y_train, "Each whole number is a class.")

    def predict(self, model: Any, X: Floats) -> Prediction:
        """Return classes and the probability of each class that occurs in the training part."""
        return predict_classes(model, X)

    def metrics(self, y_true: Array, prediction: Prediction, weight: Floats | None = None) -> dict[str, Any]:
        """Return accuracy, macro area under the ROC curve, MCC, and the counts and scores of all classes."""
        every = np.union1d(prediction.classes, y_true)
        return {
            "accuracy": metrics.mean(metrics.per_sample_hits(y_true, prediction.values), weight),
            "roc_auc_macro": metrics.roc_auc_macro(y_true, prediction.probabilities, prediction.classes, weight),
            "mcc": metrics.mcc(y_true, prediction.values, weight),
            "confusion_matrix": metrics.confusion_counts(y_true, prediction.values, every),
            "classes": [int(label) for label in every],
            **metrics.class_scores(y_true, prediction.values, every, weight),
        }

    def tables(self, y_train: Array, y_true: Array, prediction: Prediction) -> dict[str, Any]:
        """Return nothing: this task has no tables of its own."""
        return {}

    def thresholds(self, y_true: Array, prediction: Prediction) -> None:
        """Return None: with several classes there is no single threshold."""

    def classes(self, y: Array) -> list[int]:
        """Return the classes in `y`, sorted."""
        return [int(label) for label in np.unique(y)]
