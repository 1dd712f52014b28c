# cython: language_level=3
"""Support vector models for one row, compiled, with libsvm's sums. What scorers have in common: see `linear`."""

from collections.abc import Callable
from typing import Any

import cython
import numpy as np
import numpy.typing as npt

from livermore.errors import warn_uncompiled
from livermore.typing import Floats, Integers

if not cython.compiled:
    warn_uncompiled()

__all__ = ["KernelMachine", "SupportVectors"]


@cython.cclass
class SupportVectors:
    """Support vectors, and a row's squared distance to each, or product with each.

    The last result is kept: models that were fitted on overlapping rows, as the members of a calibrated one, share
    their support vectors, and predict the same row one after the other.

    Attributes
    ----------
    vectors : ndarray of shape (n, f)
    distance : bool
        Whether |x − s|² is computed, else x·s.
    """

    vectors = cython.declare(object, visibility="readonly")
    distance = cython.declare(cython.bint, visibility="readonly")
    columns: cython.double[:, ::1]
    near: cython.double[::1]
    seen: cython.double[::1]

    def __init__(self, vectors: npt.ArrayLike, distance: bool) -> None:
        self.vectors = np.array(vectors, np.float64, order="C")
        self.distance = distance
        # One feature of all vectors side by side: then a loop over vectors takes several at once.
        self.columns = np.array(np.transpose(self.vectors), np.float64, order="C")
        self.near = np.empty(len(self.vectors))
        self.seen = np.full(self.columns.shape[0], np.nan)

    @cython.cfunc
    def compute(self, x: cython.double[::1]) -> None:
        """Fill `near` for a row, unless it is the last one's."""
        i: cython.Py_ssize_t = 0
        s: cython.Py_ssize_t
        features: cython.Py_ssize_t = x.shape[0]
        while i < features and x[i] == self.seen[i]:
            i += 1
        # NaN differs from itself, so a row that holds one is computed each time.
        if i == features:
            return
        for i in range(features):
            self.seen[i] = x[i]
        for s in range(self.near.shape[0]):
            self.near[s] = 0.0
        if self.distance:
            self.add_distances(x)
        else:
            self.add_products(x)

    @cython.cfunc
    def add_distances(self, x: cython.double[::1]) -> None:
        """Add squared differences, four features at a time to spare traffic with memory."""
        i: cython.Py_ssize_t = 0
        s: cython.Py_ssize_t
        near: cython.double[::1] = self.near
        columns: cython.double[:, ::1] = self.columns
        x0: cython.double
        x1: cython.double
        x2: cython.double
        x3: cython.double
        a: cython.double
        b: cython.double
        c: cython.double
        d: cython.double
        while i + 3 < x.shape[0]:
            x0, x1, x2, x3 = x[i], x[i + 1], x[i + 2], x[i + 3]
            for s in range(near.shape[0]):
                a = x0 - columns[i, s]
                b = x1 - columns[i + 1, s]
                c = x2 - columns[i + 2, s]
                d = x3 - columns[i + 3, s]
                near[s] = near[s] + ((a * a + b * b) + (c * c + d * d))
            i += 4
        while i < x.shape[0]:
            x0 = x[i]
            for s in range(near.shape[0]):
                a = x0 - columns[i, s]
                near[s] = near[s] + a * a
            i += 1

    @cython.cfunc
    def add_products(self, x: cython.double[::1]) -> None:
        """Add products, a feature at a time."""
        i: cython.Py_ssize_t
        s: cython.Py_ssize_t
        near: cython.double[::1] = self.near
        columns: cython.double[:, ::1] = self.columns
        x0: cython.double
        for i in range(x.shape[0]):
            x0 = x[i]
            for s in range(near.shape[0]):
                near[s] = near[s] + x0 * columns[i, s]


@cython.cclass
class KernelMachine:
    """The decision values of each pair of classes, as libsvm computes them; or a regression's one value.

    Support vectors are sorted by class, `ends` says where each class ends. A regression is the pair of one class with
    an empty one. `finish` turns exponents or products into kernel values in place.
    """

    size = cython.declare(cython.Py_ssize_t, visibility="readonly")
    row = cython.declare(object, visibility="readonly")
    out = cython.declare(object, visibility="readonly")
    support = cython.declare(SupportVectors, visibility="readonly")
    x: cython.double[::1]
    y: cython.double[::1]
    places: cython.Py_ssize_t[::1]
    scattered: cython.bint
    dual: cython.double[:, ::1]
    ends: cython.Py_ssize_t[::1]
    intercept: cython.double[::1]
    scale: cython.double
    coef0: cython.double
    finish: Callable[[Floats], object]
    kernel: Any
    work: cython.double[::1]

    def __init__(
        self,
        vectors: Floats,
        dual: Floats,
        counts: Integers,
        intercept: Floats,
        gamma: float,
        coef0: float,
        finish: Callable[[Floats], object],
        distance: bool,
    ) -> None:
        self.dual = np.array(dual, np.float64, order="C")
        self.ends = np.concatenate([[0], np.cumsum(counts)]).astype(np.intp)
        self.intercept = np.array(intercept, np.float64, order="C")
        self.size = len(intercept)
        self.scale = -gamma if distance else gamma
        self.coef0 = coef0
        self.finish = finish
        self.kernel = np.empty(len(vectors))
        self.work = self.kernel
        self.share(SupportVectors(vectors, distance), np.arange(len(vectors)))
        self.scattered = False
        self.bind(np.zeros(len(vectors[0])), np.zeros(self.size))

    def share(self, support: SupportVectors, places: npt.ArrayLike) -> None:
        """Take distances from a shared set of support vectors, in which this model's are at these places."""
        self.support = support
        self.places = np.array(places, np.intp, order="C")
        self.scattered = True

    def bind(self, row: Floats, out: Floats) -> None:
        """Read and fill other arrays from now on."""
        self.row = self.x = row
        self.out = self.y = out

    @cython.ccall
    def run(self) -> None:
        """Fill `out` from `row`."""
        i: cython.Py_ssize_t
        j: cython.Py_ssize_t
        pair: cython.Py_ssize_t = 0
        total: cython.double
        self.support.compute(self.x)
        self.fill(self.support.near)
        for i in range(self.ends.shape[0] - 1):
            for j in range(i + 1, self.ends.shape[0] - 1):
                # libsvm keeps the weights of the pair (i, j) in two lines: j - 1 for class i, and i for class j.
                total = self.weigh(j - 1, self.ends[i], self.ends[i + 1])
                total += self.weigh(i, self.ends[j], self.ends[j + 1])
                self.y[pair] = total + self.intercept[pair]
                pair += 1

    @cython.cfunc
    def fill(self, near: cython.double[::1]) -> None:
        """Fill the work space with kernel values."""
        s: cython.Py_ssize_t
        # Local names: the C compiler cannot rule out that the loops write to the attributes, and would read them again.
        scale: cython.double = self.scale
        coef0: cython.double = self.coef0
        work: cython.double[::1] = self.work
        # Shared support vectors lie in another order than this model's weights.
        if self.scattered:
            for s in range(work.shape[0]):
                work[s] = scale * near[self.places[s]] + coef0
        else:
            for s in range(work.shape[0]):
                work[s] = scale * near[s] + coef0
        if self.support.distance:
            self.finish_distances(work)
        else:
            self.finish(self.kernel)

    @cython.cfunc
    def finish_distances(self, work: cython.double[::1]) -> None:
        """Turn exponents into kernel values, below e^-690 into 0.

        No sum of others' would notice them, and where results lose their first digits, from e^-708 down, a processor
        takes a hundred times as long for an exponential or a product.
        """
        s: cython.Py_ssize_t
        x: cython.double
        for s in range(work.shape[0]):
            x = work[s]
            work[s] = -690.0 if x < -690.0 else x
        self.finish(self.kernel)
        for s in range(work.shape[0]):
            x = work[s]
            work[s] = 0.0 if x < 2.2e-300 else x

    @cython.cfunc
    def weigh(self, line: cython.Py_ssize_t, start: cython.Py_ssize_t, stop: cython.Py_ssize_t) -> cython.double:
        """Sum dual times kernel, in four sums side by side: a single one would wait for each addition to end."""
        s: cython.Py_ssize_t = start
        a: cython.double = 0.0
        b: cython.double = 0.0
        c: cython.double = 0.0
        d: cython.double = 0.0
        while s + 3 < stop:
            a += self.dual[line, s] * self.work[s]
            b += self.dual[line, s + 1] * self.work[s + 1]
            c += self.dual[line, s + 2] * self.work[s + 2]
            d += self.dual[line, s + 3] * self.work[s + 3]
            s += 4
        while s < stop:
            a += self.dual[line, s] * self.work[s]
            s += 1
        return (a + b) + (c + d)
