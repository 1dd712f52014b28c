# cython: language_level=3
"""Linear scores and normal densities of one row, compiled.

What all scorers have in common, in whichever file they are: `row`, the array that they read; `out`, the array that they
fill, of length `size`; `bind(row, out)`, after which they read and fill other arrays; and `run()`. So one scorer runs
another, of another compiled module too, by a call without arguments, which costs no conversion. Scorers keep scratch
memory: two threads must not run one at once; `RowFunction` holds a lock. Numbers are copied out of the fitted model,
because a model that joblib has read from disk may lie in memory that cannot be written to.
"""

import cython
import numpy as np
import numpy.typing as npt

from livermore.errors import warn_uncompiled
from livermore.typing import Floats

if not cython.compiled:
    warn_uncompiled()

__all__ = ["Affine", "NormalDensities"]


@cython.cclass
class Scorer:
    """Turns a row into `size` numbers."""

    size = cython.declare(cython.Py_ssize_t, visibility="readonly")
    row = cython.declare(object, visibility="readonly")
    out = cython.declare(object, visibility="readonly")
    x: cython.double[::1]
    y: cython.double[::1]

    def __init__(self, n_features: int, size: int) -> None:
        self.size = size
        self.bind(np.zeros(n_features), np.zeros(size))

    def bind(self, row: Floats, out: Floats) -> None:
        """Read and fill other arrays from now on."""
        self.row = self.x = row
        self.out = self.y = out

    @cython.ccall
    def run(self) -> None:
        """Fill `out` from `row`."""
        raise NotImplementedError


@cython.cclass
class Affine(Scorer):
    """coef · x + intercept."""

    coef: cython.double[:, ::1]
    intercept: cython.double[::1]

    def __init__(self, coef: Floats, intercept: Floats) -> None:
        Scorer.__init__(self, len(coef[0]), len(intercept))
        self.coef = np.array(coef, np.float64, order="C")
        self.intercept = np.array(intercept, np.float64, order="C")

    @cython.ccall
    def run(self) -> None:
        """Fill `out` from `row`."""
        i: cython.Py_ssize_t
        c: cython.Py_ssize_t
        total: cython.double
        for c in range(self.size):
            total = 0.0
            # In the order of the features. A BLAS may sum in another order: see TOLERANCES.
            for i in range(self.x.shape[0]):
                total += self.coef[c, i] * self.x[i]
            self.y[c] = total + self.intercept[c]


@cython.cclass
class NormalDensities(Scorer):
    """Log of each class's prior times its normal densities, less the log of their sum: naive Bayes."""

    mean: cython.double[:, ::1]
    variance: cython.double[:, ::1]
    constant: cython.double[::1]

    def __init__(self, mean: Floats, variance: Floats, constant: npt.ArrayLike) -> None:
        Scorer.__init__(self, len(mean[0]), len(mean))
        self.mean = np.array(mean, np.float64, order="C")
        self.variance = np.array(variance, np.float64, order="C")
        self.constant = np.array(constant, np.float64, order="C")

    @cython.ccall
    def run(self) -> None:
        """Fill `out` from `row`."""
        i: cython.Py_ssize_t
        c: cython.Py_ssize_t
        total: cython.double
        difference: cython.double
        for c in range(self.size):
            # The normalising constants of the densities are in `constant`: they are the same for all rows.
            total = 0.0
            for i in range(self.x.shape[0]):
                difference = self.x[i] - self.mean[c, i]
                total += difference * difference / self.variance[c, i]
            self.y[c] = self.constant[c] - 0.5 * total
