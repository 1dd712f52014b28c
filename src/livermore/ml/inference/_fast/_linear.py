"""Linear models and naive Bayes of scikit-learn."""

from collections.abc import Callable
from typing import Any

import numpy as np

from livermore.ml.inference._fast._kernels.linear import Affine, NormalDensities
from livermore.ml.inference._fast._kernels.links import Exponential, Logistic, OneVersusRest, Ramp, Softmax
from livermore.ml.inference._fast._parts import Parts, Scorer, UnsupportedModelError, labels_of

__all__ = [
    "read_classifier",
    "read_log_regressor",
    "read_logistic",
    "read_naive_bayes",
    "read_regressor",
    "read_sgd_classifier",
]


def affine(model: Any) -> Affine:
    """Return coef_ · x + intercept_: one score per class, or a single one."""
    coef = np.atleast_2d(np.asarray(model.coef_, dtype=np.float64))
    return Affine(coef, np.broadcast_to(np.asarray(model.intercept_, dtype=np.float64), len(coef)))


def read_regressor(model: Any, n_features: int) -> Parts:
    """Least squares, however regularised."""
    scorer = affine(model)
    if scorer.size != 1:
        raise UnsupportedModelError("several targets")
    return Parts("linear", scorer)


def read_log_regressor(model: Any, n_features: int) -> Parts:
    """Generalised linear models with a log link."""
    return Parts("linear", Exponential(affine(model), 1))


def read_classifier(model: Any, n_features: int) -> Parts:
    """Linear classifiers without probabilities."""
    scorer = affine(model)
    return Parts("linear", scorer, labels_of(model), response=scorer)


def read_logistic(model: Any, n_features: int) -> Parts:
    """Logistic regression, and linear discriminants: the logistic of one score, or the softmax of several."""
    separate = getattr(model, "multi_class", None) == "ovr" or getattr(model, "solver", None) == "liblinear"
    return _with_probability(model, OneVersusRest if separate else Softmax)


def read_sgd_classifier(model: Any, n_features: int) -> Parts:
    """Stochastic gradient descent: its loss decides what its scores mean."""
    if model.loss == "log_loss":
        return _with_probability(model, OneVersusRest)
    parts = read_classifier(model, n_features)
    if model.loss != "modified_huber":
        return parts
    if parts.decision.size != 1:
        raise UnsupportedModelError("modified Huber loss on several classes")
    return Parts("linear", parts.decision, parts.labels, Ramp(parts.decision, 2), parts.decision)


def read_naive_bayes(model: Any, n_features: int) -> Parts:
    """Gaussian naive Bayes."""
    constant = np.log(model.class_prior_) - 0.5 * np.log(2.0 * np.pi * model.var_).sum(axis=1)
    scorer = NormalDensities(model.theta_, model.var_, constant)
    probability = Softmax(scorer, scorer.size)
    return Parts("naive Bayes", scorer, labels_of(model), probability, probability)


def _with_probability(model: Any, several: Callable[[Scorer, int], Scorer]) -> Parts:
    scorer = affine(model)
    labels = labels_of(model)
    link = Logistic if scorer.size == 1 else several
    return Parts("linear", scorer, labels, link(scorer, len(labels)), scorer)
