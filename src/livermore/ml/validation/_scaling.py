"""Scaled features, computed when they are needed: a data set and its scaled copy would be twice the memory."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import DTypeLike
from sklearn.preprocessing import StandardScaler

from livermore.ml import sizes
from livermore.typing import Floats, Integers

__all__ = ["ScaledFeatures"]


@dataclass(frozen=True, eq=False)
class ScaledFeatures:
    """Features of samples as a model is fitted on them.

    Parameters
    ----------
    X : ndarray of shape (n, f)
        As recorded.
    scaler : StandardScaler or None
        Fitted; None leaves features as they are.
    dtype : data type
        Of what is returned: values are scaled with 64 bits and then rounded.

    Examples
    --------
    >>> X = np.array([[0.0, 5.0], [2.0, 7.0]])
    >>> features = ScaledFeatures(X, StandardScaler().fit(X))
    >>> features.all().tolist(), features.without(0).tolist()
    ([[-1.0, -1.0], [1.0, 1.0]], [[-1.0], [1.0]])
    """

    X: Floats
    scaler: StandardScaler | None
    dtype: DTypeLike = np.float64

    def all(self) -> Floats:
        """Return the features of all samples."""
        return self._filled(None, None)

    def rows(self, rows: Integers) -> Floats:
        """Return the features of some samples."""
        return self._filled(rows, None)

    def without(self, column: int) -> Floats:
        """Return the features of all samples, without one of them."""
        return self._filled(None, column)

    def _filled(self, rows: Integers | None, left_out: int | None) -> Floats:
        """Scale some rows at a time: the result is the only array of its size that is made."""
        n = len(self.X) if rows is None else rows.size
        scaled = np.empty((n, self.X.shape[1] - (left_out is not None)), dtype=self.dtype)
        for begin in range(0, n, sizes.SCALED_AT_ONCE):
            part = slice(begin, begin + sizes.SCALED_AT_ONCE)
            values = self.X[part] if rows is None else self.X[rows[part]]
            values = values if self.scaler is None else self.scaler.transform(values)
            scaled[part] = values if left_out is None else np.delete(values, left_out, axis=1)
        return scaled
