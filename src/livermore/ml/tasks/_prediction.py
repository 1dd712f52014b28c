"""What a model predicts for a number of samples."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from livermore.typing import Array, Floats, Integers

__all__ = ["Prediction"]


@dataclass(frozen=True, eq=False)
class Prediction:
    """The predictions of a model for n samples.

    Attributes
    ----------
    values : ndarray of shape (n,)
        Predicted classes or numbers.
    probabilities : ndarray of shape (n, k)
        Probability of each class; k is 0 for regression.
    classes : ndarray of shape (k,)
        The classes that the columns of `probabilities` stand for.

    Examples
    --------
    >>> prediction = Prediction(np.array([1, 0]), np.array([[0.2, 0.8], [0.7, 0.3]]), np.array([0, 1]))
    >>> prediction.positive
    array([0.8, 0.3])
    """

    values: Array
    probabilities: Floats
    classes: Array

    @property
    def has_probabilities(self) -> bool:
        """Whether the model is a classifier that predicts probabilities."""
        return bool(self.probabilities.shape[1])

    @property
    def positive(self) -> Floats:
        """Probability of class 1, shape (n,); only where class 1 exists, as in the binary task."""
        column: Floats = self.probabilities[:, int(np.flatnonzero(self.classes == 1)[0])]
        return column

    def take(self, rows: Integers) -> "Prediction":
        """Return the predictions of some rows."""
        return Prediction(self.values[rows], self.probabilities[rows], self.classes)

    @classmethod
    def join(cls, parts: Sequence["Prediction"], classes: Array | None = None) -> "Prediction":
        """Concatenate the predictions of several models.

        Parameters
        ----------
        parts : sequence of Prediction
            In the order of the rows.
        classes : ndarray of shape (k,), optional
            The sorted classes of the joined columns; by default all that occur. A class that a model was not trained on
            has probability 0 in its rows.

        Returns
        -------
        Prediction

        Examples
        --------
        >>> first = Prediction(np.array([0]), np.array([[0.6, 0.4]]), np.array([0, 1]))
        >>> second = Prediction(np.array([2]), np.array([[0.3, 0.7]]), np.array([1, 2]))
        >>> Prediction.join([first, second]).probabilities.tolist()
        [[0.6, 0.4, 0.0], [0.0, 0.3, 0.7]]
        """
        every = np.unique(np.concatenate([part.classes for part in parts])) if classes is None else classes
        tables = []
        for part in parts:
            table = np.zeros((part.values.size, every.size if part.has_probabilities else 0))
            if table.size:
                table[:, np.searchsorted(every, part.classes)] = part.probabilities
            tables.append(table)
        return cls(np.concatenate([part.values for part in parts]), np.concatenate(tables), every)
