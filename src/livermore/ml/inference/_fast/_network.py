"""Neural networks of scikit-learn."""

from collections.abc import Callable
from typing import Any

import numpy as np

from livermore.ml.inference._fast._kernels.links import Logistic, Softmax
from livermore.ml.inference._fast._parts import Parts, UnsupportedModelError, labels_of
from livermore.typing import Floats

__all__ = ["read_network_classifier", "read_network_regressor"]


def read_network_regressor(model: Any, n_features: int) -> Parts:
    """Multilayer perceptron with one output."""
    scorer = _network(model)
    if scorer.size != 1 or model.out_activation_ != "identity":
        raise UnsupportedModelError("several targets")
    return Parts("neural network", scorer)


def read_network_classifier(model: Any, n_features: int) -> Parts:
    """Multilayer perceptron with a logistic or softmax output."""
    links = {"logistic": Logistic, "softmax": Softmax}
    scorer, labels = _network(model), labels_of(model)
    if model.out_activation_ not in links:
        raise UnsupportedModelError(f"the output activation {model.out_activation_!r}")
    probability = links[model.out_activation_](scorer, len(labels))
    return Parts("neural network", scorer, labels, probability, probability)


class Network:
    """A multilayer perceptron, a scorer: layers of weights (inputs, outputs), one activation for the hidden ones."""

    def __init__(self, weights: list[Floats], biases: list[Floats], activation: Callable[[Floats], Floats]) -> None:
        self.size = len(biases[-1])
        self.row, self.out = np.zeros(len(weights[0])), np.zeros(self.size)
        self._hidden = [
            (np.array(w, np.float64), np.array(b, np.float64)) for w, b in zip(weights, biases, strict=True)
        ]
        self._last = self._hidden.pop()
        self._activation = activation

    def bind(self, row: Floats, out: Floats) -> None:
        """Read and fill other arrays after this call."""
        self.row, self.out = row, out

    def run(self) -> None:
        """Fill `out` from `row`."""
        state = self.row[None, :]
        for weights, biases in self._hidden:
            state = state @ weights
            state += biases
            state = self._activation(state)
        weights, biases = self._last
        np.add((state @ weights)[0], biases, out=self.out)


def _network(model: Any) -> Network:
    if model.activation not in _ACTIVATIONS:
        raise UnsupportedModelError(f"the activation {model.activation!r}")
    return Network(model.coefs_, model.intercepts_, _ACTIVATIONS[model.activation])


def _relu(values: Floats) -> Floats:
    return np.maximum(values, 0.0, out=values)


def _tanh(values: Floats) -> Floats:
    return np.tanh(values, out=values)


def _logistic(values: Floats) -> Floats:
    with np.errstate(over="ignore"):
        return 1.0 / (1.0 + np.exp(-values))


def _identity(values: Floats) -> Floats:
    return values


_ACTIVATIONS: dict[str, Callable[[Floats], Floats]] = {
    "relu": _relu,
    "tanh": _tanh,
    "logistic": _logistic,
    "identity": _identity,
}
