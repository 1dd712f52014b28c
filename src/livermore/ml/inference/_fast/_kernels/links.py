# cython: language_level=3
"""From scores to probabilities, votes and exponentials, compiled. For what scorers have in common see `linear`."""

from typing import Any

import cython
import numpy as np
import numpy.typing as npt

from livermore.errors import warn_uncompiled
from livermore.typing import Floats

if cython.compiled:
    from cython.cimports.libc.math import exp, expf
else:
    import math

    def exp(x: float) -> float:
        """Return the exponential; infinity where `math.exp` would raise."""
        try:
            return math.exp(x)
        except OverflowError:
            return math.inf

    def expf(x: float) -> Any:
        """Return the exponential in single precision."""
        return np.exp(np.float32(x))

    warn_uncompiled()

__all__ = [
    "Exponential",
    "Logistic",
    "Negative",
    "OneVersusRest",
    "PairConfidence",
    "PairProbability",
    "PairVotes",
    "Ramp",
    "SinglePrecisionLogistic",
    "SinglePrecisionSoftmax",
    "Softmax",
]


@cython.cfunc
def _expit(x: cython.double) -> cython.double:
    # Where exp(-x) would overflow, 1 / (1 + exp(-x)) is exp(x) to the last bit.
    if x < -709.0:
        return exp(x)
    return 1.0 / (1.0 + exp(-x))


@cython.cclass
class Link:
    """Turns another scorer's numbers into `size` numbers."""

    size = cython.declare(cython.Py_ssize_t, visibility="readonly")
    row = cython.declare(object, visibility="readonly")
    out = cython.declare(object, visibility="readonly")
    inner = cython.declare(object, visibility="readonly")
    run_inner: Any
    raw: cython.double[::1]
    y: cython.double[::1]

    def __init__(self, inner: Any, size: int) -> None:
        self.inner = inner
        self.run_inner = inner.run
        self.raw = inner.out
        self.size = size
        self.bind(inner.row, np.zeros(size))

    def bind(self, row: Floats, out: Floats) -> None:
        """Read and fill other arrays from now on."""
        self.inner.bind(row, self.inner.out)
        self.row = row
        self.out = self.y = out

    @cython.ccall
    def run(self) -> None:
        """Fill `out` from `row`."""
        self.run_inner()
        self.finish()

    @cython.cfunc
    def finish(self) -> None:
        raise NotImplementedError


@cython.cclass
class Negative(Link):
    """−score."""

    @cython.cfunc
    def finish(self) -> None:
        c: cython.Py_ssize_t
        for c in range(self.size):
            self.y[c] = -self.raw[c]


@cython.cclass
class Exponential(Link):
    """exp(score): regressions with a log link."""

    @cython.cfunc
    def finish(self) -> None:
        c: cython.Py_ssize_t
        for c in range(self.size):
            self.y[c] = exp(self.raw[c])


@cython.cclass
class Logistic(Link):
    """1 − p and p from one score."""

    @cython.cfunc
    def finish(self) -> None:
        self.y[1] = _expit(self.raw[0])
        self.y[0] = 1.0 - self.y[1]


@cython.cclass
class Ramp(Link):
    """The modified Huber loss's probabilities: scores clipped to ±1."""

    @cython.cfunc
    def finish(self) -> None:
        self.y[1] = (min(max(self.raw[0], -1.0), 1.0) + 1.0) / 2.0
        self.y[0] = 1.0 - self.y[1]


@cython.cclass
class Softmax(Link):
    """Exponentials, normalised."""

    @cython.cfunc
    def finish(self) -> None:
        c: cython.Py_ssize_t
        top: cython.double = self.raw[0]
        total: cython.double = 0.0
        # The largest score is subtracted from all, so that no exponential overflows.
        for c in range(self.size):
            if self.raw[c] > top:
                top = self.raw[c]
        for c in range(self.size):
            self.y[c] = exp(self.raw[c] - top)
            total += self.y[c]
        for c in range(self.size):
            self.y[c] = self.y[c] / total


@cython.cclass
class OneVersusRest(Link):
    """The logistic of each score, normalised."""

    @cython.cfunc
    def finish(self) -> None:
        c: cython.Py_ssize_t
        total: cython.double = 0.0
        for c in range(self.size):
            self.y[c] = _expit(self.raw[c])
            total += self.y[c]
        for c in range(self.size):
            self.y[c] = self.y[c] / total


# --------------------------------------------------------------------------------------------- in single precision


@cython.cclass
class SinglePrecisionLogistic(Link):
    """1 − p and p from one score, as XGBoost computes them."""

    @cython.cfunc
    def finish(self) -> None:
        score: cython.float = -self.raw[0]
        # XGBoost cuts the exponent at 88.7, just below the largest one of single precision.
        p: cython.float = 1.0 + expf(score if score < 88.7 else 88.7)
        p = 1.0 / p
        self.y[1] = p
        p = 1.0 - p
        self.y[0] = p


@cython.cclass
class SinglePrecisionSoftmax(Link):
    """Exponentials, normalised, as XGBoost computes them."""

    @cython.cfunc
    def finish(self) -> None:
        c: cython.Py_ssize_t
        top: cython.double = self.raw[0]
        total: cython.double = 0.0
        part: cython.float
        narrow: cython.float
        for c in range(self.size):
            if self.raw[c] > top:
                top = self.raw[c]
        for c in range(self.size):
            part = self.raw[c] - top
            part = expf(part)
            self.y[c] = part
            total += part
        # Summed in double precision and divided in single precision, as XGBoost does.
        narrow = total
        for c in range(self.size):
            part = self.y[c]
            part = part / narrow
            self.y[c] = part


# ------------------------------------------------------------------------------------------------ pairs of classes


@cython.cclass
class PairVotes(Link):
    """Votes of the pairs' decision values, libsvm's prediction."""

    @cython.cfunc
    def finish(self) -> None:
        i: cython.Py_ssize_t
        j: cython.Py_ssize_t
        pair: cython.Py_ssize_t = 0
        for i in range(self.size):
            self.y[i] = 0.0
        for i in range(self.size):
            for j in range(i + 1, self.size):
                if self.raw[pair] > 0.0:
                    self.y[i] += 1.0
                else:
                    self.y[j] += 1.0
                pair += 1


@cython.cclass
class PairConfidence(Link):
    """Votes plus a bounded sum of confidences: scikit-learn's decision function of several classes."""

    sums: cython.double[::1]

    def __init__(self, inner: Any, size: int) -> None:
        Link.__init__(self, inner, size)
        self.sums = np.empty(size)

    @cython.cfunc
    def finish(self) -> None:
        i: cython.Py_ssize_t
        j: cython.Py_ssize_t
        pair: cython.Py_ssize_t = 0
        for i in range(self.size):
            self.y[i] = 0.0
            self.sums[i] = 0.0
        for i in range(self.size):
            for j in range(i + 1, self.size):
                self.sums[i] += self.raw[pair]
                self.sums[j] -= self.raw[pair]
                if self.raw[pair] < 0.0:
                    self.y[j] += 1.0
                else:
                    self.y[i] += 1.0
                pair += 1
        for i in range(self.size):
            # Between -1/3 and 1/3: confidence breaks ties of votes and never overrules them.
            self.y[i] += self.sums[i] / (3.0 * (abs(self.sums[i]) + 1.0))


@cython.cclass
class PairProbability(Link):
    """Platt's probability of each pair, coupled as libsvm does (Wu, Lin, Weng, JMLR 5, 2004, second method)."""

    slope: cython.double[::1]
    shift: cython.double[::1]
    r: cython.double[:, ::1]
    q: cython.double[:, ::1]
    qp: cython.double[::1]

    def __init__(self, inner: Any, size: int, slope: npt.ArrayLike, shift: npt.ArrayLike) -> None:
        Link.__init__(self, inner, size)
        self.slope = np.array(slope, np.float64, order="C")
        self.shift = np.array(shift, np.float64, order="C")
        self.r = np.zeros((size, size))
        self.q = np.zeros((size, size))
        self.qp = np.zeros(size)

    @cython.cfunc
    def finish(self) -> None:
        i: cython.Py_ssize_t
        j: cython.Py_ssize_t
        pair: cython.Py_ssize_t = 0
        p: cython.double
        for i in range(self.size):
            for j in range(i + 1, self.size):
                p = self.raw[pair] * self.slope[pair] + self.shift[pair]
                # Two forms of one function: each only takes the exponential of a negative number.
                p = exp(-p) / (1.0 + exp(-p)) if p >= 0.0 else 1.0 / (1.0 + exp(p))
                p = min(max(p, 1e-7), 1.0 - 1e-7)
                self.r[i, j] = p
                self.r[j, i] = 1.0 - p
                pair += 1
        self.couple()

    @cython.cfunc
    def couple(self) -> None:
        """Find the class probabilities whose pairwise ratios come closest to `r`."""
        k: cython.Py_ssize_t = self.size
        t: cython.Py_ssize_t
        j: cython.Py_ssize_t
        rounds: cython.Py_ssize_t = max(100, k)
        for t in range(k):
            self.y[t] = 1.0 / k
            self.q[t, t] = 0.0
            for j in range(k):
                if j != t:
                    self.q[t, t] += self.r[j, t] * self.r[j, t]
                    self.q[t, j] = -self.r[j, t] * self.r[t, j]
        while rounds > 0 and self.improve():
            rounds -= 1

    @cython.cfunc
    def improve(self) -> cython.bint:
        """Update each class once, unless the probabilities are good enough; return whether they were not."""
        k: cython.Py_ssize_t = self.size
        t: cython.Py_ssize_t
        j: cython.Py_ssize_t
        product: cython.double = 0.0
        error: cython.double = 0.0
        change: cython.double
        for t in range(k):
            self.qp[t] = 0.0
            for j in range(k):
                self.qp[t] += self.q[t, j] * self.y[j]
            product += self.y[t] * self.qp[t]
        for t in range(k):
            error = max(error, abs(self.qp[t] - product))
        # libsvm's tolerance and its 100 rounds: a better solution would be another one than libsvm's.
        if error < 0.005 / k:
            return False
        for t in range(k):
            change = (-self.qp[t] + product) / self.q[t, t]
            self.y[t] += change
            product = (product + change * (change * self.q[t, t] + 2.0 * self.qp[t])) / (1.0 + change) / (1.0 + change)
            for j in range(k):
                self.qp[j] = (self.qp[j] + change * self.q[t, j]) / (1.0 + change)
                self.y[j] = self.y[j] / (1.0 + change)
        return True
