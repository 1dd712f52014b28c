"""The binary task: a positive or a negative outcome."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np

from livermore.ml import metrics
from livermore.ml.tasks._batch_metrics import BINARY_METRICS, BatchMetric
from livermore.ml.tasks._classifier import ACCURACY, check_classes, check_classifier, predict_classes
from livermore.ml.tasks._prediction import Prediction
from livermore.ml.tasks._proxies import CLASSIFIER_PROXIES, Proxies
from livermore.ml.tasks._skill_statistics import ROC_AUC, SkillStatistic
from livermore.ml.tasks._task import Headline
from livermore.typing import Array, Floats

BOTH = np.array([0, 1])


class Binary:
    """Labels that are True or above zero are class 1, all others class 0.

    Examples
    --------
    >>> Binary().encode([True, -1, 0, 0.3]).tolist()
    [1, 0, 0, 1]
    """

    name: ClassVar[str] = "binary"
    is_classifier: ClassVar[bool] = True
    has_thresholds: ClassVar[bool] = True
    headline: ClassVar[Headline] = ACCURACY
    proxies: ClassVar[Proxies] = CLASSIFIER_PROXIES
    statistic: ClassVar[SkillStatistic] = ROC_AUC
    batch_metrics: ClassVar[Mapping[str, BatchMetric]] = BINARY_METRICS

    def encode(self, labels: Sequence[bool | int | float]) -> Array:
        """Return 1 where the label is True or above zero, else 0."""
        return np.array([int(label > 0) for label in labels], dtype=np.int64)

    def check_estimator(self, estimator: Any) -> None:
        """Raise EstimatorError for what is not a classifier with probabilities."""
        check_classifier(estimator, self.name)

    def check_target(self, y_train: Array) -> None:
        """Raise TrainingError if the training part has a single class."""
        check_classes(y_train, "Class 1 is True or any number above zero, class 0 is the rest.")

    def predict(self, model: Any, X: Floats) -> Prediction:
        """Return classes and the probabilities of 0 and 1."""
        return predict_classes(model, X)

    def metrics(self, y_true: Array, prediction: Prediction, weight: Floats | None = None) -> dict[str, Any]:
        """Return accuracy, area under the ROC curve, MCC, and the counts and scores of both classes."""
        counts = metrics.confusion_counts(y_true, prediction.values, BOTH)
        (tn, fp), (fn, tp) = counts
        return {
            "accuracy": metrics.mean(metrics.per_sample_hits(y_true, prediction.values), weight),
            "roc_auc": metrics.roc_auc(y_true, prediction.positive, weight),
            "mcc": metrics.mcc(y_true, prediction.values, weight),
            "confusion_matrix": counts,
            **metrics.class_scores(y_true, prediction.values, BOTH, weight),
            "tn": tn,
            "fp": fp,
            "fn": fn,
            "tp": tp,
        }

    def tables(self, y_train: Array, y_true: Array, prediction: Prediction) -> dict[str, Any]:
        """Return the calibration buckets of the test part and the suggested class weights of the training part."""
        n_positive = int(y_train.sum())
        return {
            "calibration": metrics.calibration_table(y_true, prediction.positive),
            "class_weights": {0: 1.0, 1: (len(y_train) - n_positive) / n_positive},
        }

    def thresholds(self, y_true: Array, prediction: Prediction) -> list[dict[str, Any]]:
        """Return precision and coverage of class 1 over thresholds."""
        return metrics.threshold_table(y_true, prediction.positive)

    def classes(self, y: Array) -> list[int]:
        """Return both classes."""
        return [0, 1]
