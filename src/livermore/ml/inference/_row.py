"""From a fitted model and its scaler to answers for one row."""

from collections.abc import Sequence
from typing import Any, Protocol, cast

import numpy as np
import numpy.typing as npt

Row = npt.NDArray[np.float64]


class RowModel(Protocol):
    """Answers for the features of one sample, shape (f,), unscaled, in the model's order."""

    def predict(self, row: Row, /) -> float:
        """Return the predicted number or class."""
        ...

    def predict_proba(self, row: Row, /) -> Sequence[float]:
        """Return the probability of each class, in the order of the model's `classes_`."""
        ...


def row_model(model: Any, scaler: Any, n_features: int) -> RowModel:
    """Return compiled code that answers as the model does, or the model itself where there is none for its kind."""
    from livermore.ml.inference._fast import compile_row_function

    return cast("RowModel | None", compile_row_function(model, scaler, n_features)) or AskedModel(model, scaler)


class AskedModel:
    """Asks scikit-learn, or whatever library the model is of, itself."""

    def __init__(self, model: Any, scaler: Any) -> None:
        self._model = model
        self._scaler = scaler

    def predict(self, row: Row) -> float:
        """Return the predicted number or class."""
        return float(np.ravel(self._model.predict(self._scaled(row)))[0])

    def predict_proba(self, row: Row) -> list[float]:
        """Return the probability of each class."""
        return [float(chance) for chance in self._model.predict_proba(self._scaled(row))[0]]

    def _scaled(self, row: Row) -> npt.NDArray[np.float64]:
        scaled: npt.NDArray[np.float64] = self._scaler.transform(row.reshape(1, -1))
        return scaled
