# cython: language_level=3
"""Linear scores and normal densities of one row, compiled.

What every scorer of this package has, whichever file it lives in: `row`, the array that it reads; `out`, the array that
it fills, of length `size`; `bind(row, out)`, which makes it read and fill others from then on; and `run()`. So one
scorer asks another, of another file too, by a call without arguments. Scorers keep scratch memory: one must not be
asked by two threads at once; `RowFunction` holds a lock.
"""

import cython
import numpy as np

from livermore.errors import warn_uncompiled
from livermore.ml.inference._fast._arrays import owned

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

    def __init__(self, n_features, size) -> None:
        self.size = size
        self.bind(np.zeros(n_features), np.zeros(size))

    def bind(self, row, out) -> None:
        """Read and fill other arrays from now on."""
        self.row = self.x = row
        self.out = self.y = out

    @cython.ccall
    def run(self):
        """Fill `out` from `row`."""
        raise NotImplementedError


@cython.cclass
class Affine(Scorer):
    """coef · x + intercept."""

    coef: cython.double[:, ::1]
    intercept: cython.double[::1]

    def __init__(self, coef, intercept) -> None:
        Scorer.__init__(self, len(coef[0]), len(intercept))
        self.coef = owned(coef, np.float64)
        self.intercept = owned(intercept, np.float64)

    @cython.ccall
    def run(self):
        """Fill `out` from `row`."""
        i: cython.Py_ssize_t
        c: cython.Py_ssize_t
        total: cython.double
        for c in range(self.size):
            total = 0.0
            for i in range(self.x.shape[0]):
                total += self.coef[c, i] * self.x[i]
            self.y[c] = total + self.intercept[c]


@cython.cclass
class NormalDensities(Scorer):
    """Log of each class's prior times its normal densities, less the log of their sum: naive Bayes."""

    mean: cython.double[:, ::1]
    variance: cython.double[:, ::1]
    constant: cython.double[::1]

    def __init__(self, mean, variance, constant) -> None:
        Scorer.__init__(self, len(mean[0]), len(constant))
        self.mean = owned(mean, np.float64)
        self.variance = owned(variance, np.float64)
        self.constant = owned(constant, np.float64)

    @cython.ccall
    def run(self):
        """Fill `out` from `row`."""
        i: cython.Py_ssize_t
        c: cython.Py_ssize_t
        total: cython.double
        difference: cython.double
        for c in range(self.size):
            total = 0.0
            for i in range(self.x.shape[0]):
                difference = self.x[i] - self.mean[c, i]
                total += difference * difference / self.variance[c, i]
            self.y[c] = self.constant[c] - 0.5 * total
