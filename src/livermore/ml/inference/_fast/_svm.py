"""Support vector machines of scikit-learn."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from livermore.ml.inference._fast._kernels.links import Negative, PairConfidence, PairProbability, PairVotes
from livermore.ml.inference._fast._kernels.svm import KernelMachine, SupportVectors
from livermore.ml.inference._fast._parts import Parts, Scorer, UnsupportedModelError, labels_of

__all__ = ["read_classifier", "read_regressor", "share_vectors"]

_FAMILY = "support vector machine"
#: Looking a distance up costs less than half of computing it.
_WORTHWHILE = 0.8


def read_regressor(model: Any, n_features: int) -> Parts:
    """Epsilon and nu regression."""
    return Parts(_FAMILY, _kernel_machine(model, [len(model.support_vectors_), 0]))


def read_classifier(model: Any, n_features: int) -> Parts:
    """C and nu classification: a decision value for each pair of classes; probabilities by Platt's method."""
    if model.break_ties:
        raise UnsupportedModelError("broken ties")
    pairs = _kernel_machine(model, model._n_support)
    labels = labels_of(model)
    probability = None
    if len(model._probA):
        probability = PairProbability(pairs, len(labels), model._probA, model._probB)
    decision, response = PairVotes(pairs, len(labels)), _decision_function(model, pairs, len(labels))
    return Parts(_FAMILY, decision, labels, probability, response, svm=pairs)


def share_vectors(models: Sequence[KernelMachine]) -> None:
    """Let models that were fitted on overlapping rows compute a row's distance to each of those rows once."""
    stacked = [model.support.vectors for model in models if model.support.distance]
    if len(stacked) < 2 or len(stacked) < len(models):
        return
    vectors, place = np.unique(np.concatenate(stacked), axis=0, return_inverse=True)
    if len(vectors) > _WORTHWHILE * sum(map(len, stacked)):
        return
    support = SupportVectors(vectors, True)
    ends = np.cumsum([len(part) for part in stacked])
    for model, places in zip(models, np.split(place.ravel(), ends[:-1]), strict=True):
        model.share(support, places)


def _decision_function(model: Any, pairs: Scorer, n_classes: int) -> Scorer:
    """Return scikit-learn's decision function, which has libsvm's sign for several classes alone."""
    if n_classes == 2:
        return Negative(pairs, 1)
    return PairConfidence(pairs, n_classes) if model.decision_function_shape == "ovr" else pairs


def _kernel_machine(model: Any, counts: Any) -> KernelMachine:
    finish, distance = _finish(model)
    return KernelMachine(
        model.support_vectors_,
        model._dual_coef_,
        np.asarray(counts),
        model._intercept_,
        1.0 if model.kernel == "linear" else model._gamma,
        model.coef0 if model.kernel in ("poly", "sigmoid") else 0.0,
        finish,
        distance,
    )


def _finish(model: Any) -> tuple[Callable[[NDArray[np.float64]], object], bool]:
    """Return what turns exponents or products into kernel values in place, and whether they come from distances."""
    if model._sparse or model.kernel not in ("rbf", "linear", "poly", "sigmoid"):
        raise UnsupportedModelError(f"the kernel {model.kernel!r}")
    finishes: dict[str, Callable[[NDArray[np.float64]], object]] = {
        "rbf": _exp,
        "linear": _nothing,
        "poly": partial(_power, degree=model.degree),
        "sigmoid": _tanh,
    }
    return finishes[model.kernel], model.kernel == "rbf"


def _exp(values: NDArray[np.float64]) -> object:
    return np.exp(values, out=values)


def _tanh(values: NDArray[np.float64]) -> object:
    return np.tanh(values, out=values)


def _power(values: NDArray[np.float64], degree: int) -> object:
    return np.power(values, degree, out=values)


def _nothing(values: NDArray[np.float64]) -> object:
    return values
