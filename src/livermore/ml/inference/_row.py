"""From a fitted model and its scaler to a function of one row."""

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

Row = npt.NDArray[np.float64]
# From the features of one sample, shape (f,), unscaled, to the probabilities of the classes, shape (k,), or to the
# predicted number, shape (1,).
RowFunction = Callable[[Row], Row]


def row_function(model: Any, scaler: Any, n_features: int) -> RowFunction:
    """Return the fastest function there is that gives what scikit-learn gives for one row."""
    return compile_row_function(model, scaler, n_features) or sklearn_row_function(model, scaler)


def compile_row_function(model: Any, scaler: Any, n_features: int) -> RowFunction | None:
    """Return a compiled function for models of a known kind; None for all others."""
    return None


def sklearn_row_function(model: Any, scaler: Any) -> RowFunction:
    """Return a function that asks scikit-learn itself."""
    predict = model.predict_proba if hasattr(model, "classes_") else model.predict

    def ask(row: Row) -> Row:
        return np.asarray(predict(scaler.transform(row.reshape(1, -1))), dtype=np.float64).reshape(-1)

    return ask
