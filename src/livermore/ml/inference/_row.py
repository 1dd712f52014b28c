"""A fitted model and its scaler as a function of one row."""

import threading
from typing import Any, Protocol

import numpy as np

from livermore.typing import Floats


class RowModel(Protocol):
    """A model that predicts one sample at a time.

    `predict` and `predict_proba` take an unscaled row of shape (f,), features in the model's order. Who predicts often
    does without their checks and copies: hold `lock`, fill `row`, call `run_value` or `run_probabilities`, and read
    `value` or `probabilities`.
    """

    n_features: int
    accepts_nan: bool
    lock: threading.Lock
    row: Floats
    value: Floats
    probabilities: Floats | None

    def predict(self, values: Floats, /) -> float:
        """Return the predicted number or class."""

    def predict_proba(self, values: Floats, /) -> Any:
        """Return the probability of each class, in the order of the model's `classes_`."""

    def run_value(self) -> None:
        """Fill `value` from `row`, which may be overwritten."""

    def run_probabilities(self) -> None:
        """Fill `probabilities` from `row`, which may be overwritten."""


def row_model(model: Any, scaler: Any, n_features: int, n_classes: int | None) -> RowModel:
    """Return compiled code that predicts what the model does, or the model itself where there is none for its kind."""
    from livermore.ml.inference._fast import compile_row_function

    return compile_row_function(model, scaler, n_features) or EstimatorRowModel(model, scaler, n_features, n_classes)


class EstimatorRowModel:
    """Calls the estimator itself. What it makes of missing values is left to it.

    Parameters
    ----------
    model, scaler : estimator
        Fitted.
    n_features : int
        How many the scaler takes.
    n_classes : int or None
        How many probabilities the model returns; None if it has none.
    """

    accepts_nan = True

    def __init__(self, model: Any, scaler: Any, n_features: int, n_classes: int | None) -> None:
        self._model = model
        self._scaler = scaler
        self.n_features = n_features
        self.lock = threading.Lock()
        self.row = np.zeros(n_features)
        self.value = np.zeros(1)
        self.probabilities = None if n_classes is None or not hasattr(model, "predict_proba") else np.zeros(n_classes)

    def predict(self, values: Floats) -> float:
        """Return the predicted number or class."""
        return float(np.ravel(self._model.predict(self._scaled(values)))[0])

    def predict_proba(self, values: Floats) -> list[float]:
        """Return the probability of each class."""
        return [float(probability) for probability in self._model.predict_proba(self._scaled(values))[0]]

    def run_value(self) -> None:
        """Fill `value` from `row`."""
        self.value[0] = self.predict(self.row)

    def run_probabilities(self) -> None:
        """Fill `probabilities` from `row`."""
        assert self.probabilities is not None
        self.probabilities[:] = self.predict_proba(self.row)

    def _scaled(self, values: Floats) -> Floats:
        scaled: Floats = self._scaler.transform(values.reshape(1, -1))
        return scaled
