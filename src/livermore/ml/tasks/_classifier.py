"""What the two classification tasks share: checks of estimator and target, and prediction."""

from typing import Any

import numpy as np

from livermore import errors
from livermore.ml import metrics
from livermore.ml.tasks._fitting import call_fitted, is_of_kind, predicts_probabilities
from livermore.ml.tasks._prediction import Prediction
from livermore.ml.tasks._task import Headline
from livermore.typing import Array, Floats

# Implementations of `predict` that return the class of the largest probability: these need no second prediction.
LIKELIEST = {
    ("sklearn.calibration", "CalibratedClassifierCV.predict"),
    ("sklearn.ensemble._forest", "ForestClassifier.predict"),
}
# Sums and quotients of floats of 32 bits may be beyond 0 and 1 by this much.
ROUNDING = 1e-5
ACCURACY = Headline("accuracy", "Accuracy", greater_is_better=True, per_sample=metrics.per_sample_hits)


def check_classifier(estimator: Any, task: str) -> None:
    """Raise EstimatorError for what is not a classifier with probabilities."""
    name = type(estimator).__name__
    if isinstance(estimator, type):
        raise errors.EstimatorError(
            f"the estimator is the class {estimator.__name__}; pass an instance: {estimator.__name__}()."
        )
    if not hasattr(estimator, "fit"):
        raise errors.EstimatorError(
            f"the estimator must be a scikit-learn classifier, such as LogisticRegression(), not {estimator!r}."
        )
    if not (hasattr(estimator, "predict_proba") or is_of_kind(estimator, "classifier")):
        raise errors.EstimatorError(
            f"task={task!r} needs a classifier, and {name} is none. Use a classifier (such as LogisticRegression or "
            "HistGradientBoostingClassifier), or task='regression'."
        )
    if not predicts_probabilities(estimator):
        raise errors.EstimatorError(
            f"task={task!r} needs a classifier with predict_proba, and this {name} has none. Wrap it: "
            f"CalibratedClassifierCV({name}(), ensemble=False); for SVC, older releases of scikit-learn also take "
            "SVC(probability=True)."
        )


def check_classes(y_train: Array, label_hint: str) -> None:
    """Raise TrainingError if the training part has a single class."""
    found = np.unique(y_train)
    if len(found) < 2:
        raise errors.TrainingError(
            f"all {len(y_train)} training samples are of class {found[0]}: there is nothing to distinguish. "
            f"{label_hint} Gather over a longer period, or check how the label is recorded."
        )


def predict_classes(model: Any, X: Floats) -> Prediction:
    """Predict classes and probabilities with a fitted classifier; raise EstimatorError if they are not finite."""
    missing = [name for name in ("predict_proba", "predict", "classes_") if not hasattr(model, name)]
    if missing:
        raise errors.EstimatorError(
            f"{type(model).__name__} has no {' and no '.join(missing)} once it is fitted, as a classifier must have. "
            "In a search, set refit=True; in an ensemble, use classifiers with predict_proba."
        )
    probabilities = np.asarray(call_fitted(model, "predict_proba", X), dtype=np.float64)
    if not np.isfinite(probabilities).all():
        raise errors.EstimatorError(
            f"{type(model).__name__}.predict_proba returned values that are not finite: "
            "the fit has failed without an error."
        )
    if probabilities.size and not (probabilities.min() >= -ROUNDING and probabilities.max() <= 1 + ROUNDING):
        raise errors.EstimatorError(
            f"{type(model).__name__}.predict_proba returned values from {probabilities.min():.3g} to "
            f"{probabilities.max():.3g}, and probabilities are from 0 to 1."
        )
    classes = np.asarray(model.classes_)
    values = classes[probabilities.argmax(axis=1)] if _is_likeliest(model) else call_fitted(model, "predict", X)
    return Prediction(np.asarray(values), probabilities, classes)


def _is_likeliest(model: Any) -> bool:
    """Return whether a model's `predict` computes the probabilities again and returns the likeliest class."""
    predict = getattr(type(model), "predict", None)
    return (getattr(predict, "__module__", ""), getattr(predict, "__qualname__", "")) in LIKELIEST
