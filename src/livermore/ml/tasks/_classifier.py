"""What the two classification tasks have in common."""

from typing import Any

import numpy as np
from sklearn.base import is_classifier

from livermore import errors
from livermore.ml import metrics
from livermore.ml.tasks._prediction import Prediction
from livermore.ml.tasks._task import Headline
from livermore.typing import Array, Floats

# Where `predict` is defined that returns the likeliest class.
LIKELIEST = {
    ("sklearn.calibration", "CalibratedClassifierCV.predict"),
    ("sklearn.ensemble._forest", "ForestClassifier.predict"),
}
ACCURACY = Headline("accuracy", "Accuracy", greater_is_better=True, per_sample=metrics.per_sample_hits)


def check_classifier(estimator: Any, task: str) -> None:
    """Refuse what cannot be fitted as a classifier with probabilities."""
    name = type(estimator).__name__
    if isinstance(estimator, type):
        raise errors.EstimatorError(
            f"the estimator is the class {estimator.__name__}; pass an instance: {estimator.__name__}()."
        )
    if not hasattr(estimator, "fit"):
        raise errors.EstimatorError(
            f"the estimator must be a scikit-learn classifier, such as LogisticRegression(), not {estimator!r}."
        )
    if not (is_classifier(estimator) or hasattr(estimator, "predict_proba")):
        raise errors.EstimatorError(
            f"task={task!r} needs a classifier, and {name} is none. Use a classifier (such as LogisticRegression or "
            "HistGradientBoostingClassifier), or task='regression'."
        )
    if not hasattr(estimator, "predict_proba"):
        raise errors.EstimatorError(
            f"task={task!r} needs a classifier with predict_proba, and this {name} has none. Wrap it: "
            f"CalibratedClassifierCV({name}(), ensemble=False); for SVC, older releases of scikit-learn also take "
            "SVC(probability=True)."
        )


def check_classes(y_train: Array, label_hint: str) -> None:
    """Refuse a training side on which there is nothing to tell apart."""
    found = np.unique(y_train)
    if len(found) < 2:
        raise errors.TrainingError(
            f"all {len(y_train)} training samples are of class {found[0]}: there is nothing to tell apart. "
            f"{label_hint} Gather over a longer window, or check how the label is recorded."
        )


def predict_classes(model: Any, X: Floats) -> Prediction:
    """Ask a classifier for classes and probabilities, and refuse probabilities that are none."""
    probabilities = np.asarray(model.predict_proba(X), dtype=np.float64)
    values = np.asarray(model.classes_)[probabilities.argmax(axis=1)] if _is_likeliest(model) else model.predict(X)
    if not np.isfinite(probabilities).all():
        raise errors.EstimatorError(
            f"{type(model).__name__}.predict_proba returned values that are not finite: "
            "the estimator did not learn from these samples."
        )
    return Prediction(np.asarray(values), probabilities, np.asarray(model.classes_))


def _is_likeliest(model: Any) -> bool:
    """Tell whether a model's `predict` computes the probabilities once more and returns the likeliest class."""
    predict = getattr(type(model), "predict", None)
    return (getattr(predict, "__module__", ""), getattr(predict, "__qualname__", "")) in LIKELIEST
