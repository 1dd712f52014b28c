# cython: language_level=3
"""Calibrated classifiers for one row, compiled: Platt (1999) and isotonic curves (Zadrozny and Elkan, KDD 2002).

What all scorers have in common is described in `linear`. The operations and their order are those of scikit-learn, so
that results are equal to the last bit.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import cython
import numpy as np
import numpy.typing as npt

from livermore.errors import warn_uncompiled
from livermore.typing import Floats

if cython.compiled:
    from cython.cimports.libc.math import exp
else:
    from math import exp

    warn_uncompiled()

__all__ = ["Calibrated", "Isotonic", "Platt", "SinglePrecisionIsotonic"]


@cython.cclass
class Calibrator:
    """Maps one score to a probability."""

    @cython.ccall
    def map(self, score: cython.double) -> cython.double:
        """Return the probability."""
        raise NotImplementedError


@cython.cclass
class Platt(Calibrator):
    """1 / (1 + exp(slope · score + shift))."""

    slope: cython.double
    shift: cython.double

    def __init__(self, slope: float, shift: float) -> None:
        self.slope = slope
        self.shift = shift

    @cython.ccall
    def map(self, score: cython.double) -> cython.double:
        """Return the probability."""
        x: cython.double = -(self.slope * score + self.shift)
        # Where exp(-x) would overflow, 1 / (1 + exp(-x)) is exp(x) to the last bit.
        if x < -709.0:
            return exp(x)
        return 1.0 / (1.0 + exp(-x))


@cython.cclass
class Isotonic(Calibrator):
    """A line through points, constant outside them, with the operations of `numpy.interp`."""

    x: cython.double[::1]
    y: cython.double[::1]

    def __init__(self, x: npt.ArrayLike, y: npt.ArrayLike) -> None:
        self.x = np.array(x, np.float64, order="C")
        self.y = np.array(y, np.float64, order="C")

    @cython.ccall
    def map(self, score: cython.double) -> cython.double:
        """Return the probability."""
        low: cython.Py_ssize_t = 0
        high: cython.Py_ssize_t = self.x.shape[0] - 1
        middle: cython.Py_ssize_t
        if score <= self.x[0]:
            return self.y[0]
        if score >= self.x[high]:
            return self.y[high]
        # The points around the score: x[low] <= score < x[high].
        while high - low > 1:
            middle = (low + high) // 2
            if self.x[middle] <= score:
                low = middle
            else:
                high = middle
        return (self.y[high] - self.y[low]) / (self.x[high] - self.x[low]) * (score - self.x[low]) + self.y[low]


@cython.cclass
class SinglePrecisionIsotonic(Calibrator):
    """The same in single precision, for scores that come so, with the operations of `scipy.interpolate.interp1d`."""

    x: cython.float[::1]
    y: cython.float[::1]

    def __init__(self, x: npt.ArrayLike, y: npt.ArrayLike) -> None:
        self.x = np.array(x, np.float32, order="C")
        self.y = np.array(y, np.float32, order="C")

    @cython.ccall
    def map(self, score: cython.double) -> cython.double:
        """Return the probability."""
        low: cython.Py_ssize_t = 0
        high: cython.Py_ssize_t = self.x.shape[0] - 1
        middle: cython.Py_ssize_t
        slope: cython.float
        narrow: cython.float = score
        if narrow <= self.x[0]:
            return self.y[0]
        if narrow > self.x[high]:
            return self.y[high]
        # The points around the score: x[low] < score <= x[high].
        while high - low > 1:
            middle = (low + high) // 2
            if self.x[middle] < narrow:
                low = middle
            else:
                high = middle
        slope = (self.y[high] - self.y[low]) / (self.x[high] - self.x[low])
        return slope * (narrow - self.x[low]) + self.y[low]


@cython.cclass
class Calibrated:
    """The mean of calibrated members. Each member has one calibrator a class, or one in all for two classes."""

    size = cython.declare(cython.Py_ssize_t, visibility="readonly")
    row = cython.declare(object, visibility="readonly")
    out = cython.declare(object, visibility="readonly")
    members: list[Any]
    calibrators: list[Any]
    scores: Any
    raw: cython.double[:, ::1]
    part: cython.double[::1]
    y: cython.double[::1]

    def __init__(self, members: Sequence[Any], calibrators: Iterable[Sequence[Calibrator]], size: int) -> None:
        self.members = list(members)
        self.calibrators = [list(curves) for curves in calibrators]
        # Each member fills a line of one array: reading from an array of each would cost more than the curves.
        self.scores = np.zeros((len(members), max(member.size for member in members)))
        self.raw = self.scores
        self.size = size
        self.part = np.zeros(size)
        self.bind(members[0].row, np.zeros(size))

    def bind(self, row: Floats, out: Floats) -> None:
        """Read and fill other arrays from now on; no other scorer uses the members."""
        for member, line in zip(self.members, self.scores, strict=True):
            member.bind(row, line[: member.size])
        self.row = row
        self.out = self.y = out

    @cython.ccall
    def run(self) -> None:
        """Fill `out` from `row`."""
        c: cython.Py_ssize_t
        m: cython.Py_ssize_t
        n: cython.Py_ssize_t = len(self.members)
        # A sum and one division, as numpy's mean: other orders differ in the last bit.
        for c in range(self.size):
            self.y[c] = 0.0
        for m in range(n):
            self.members[m].run()
            self.calibrate(m, self.calibrators[m])
            for c in range(self.size):
                self.y[c] += self.part[c]
        for c in range(self.size):
            self.y[c] = self.y[c] / n

    @cython.cfunc
    def calibrate(self, m: cython.Py_ssize_t, curves: list[Any]) -> None:
        """Fill `part` with one member's probabilities."""
        c: cython.Py_ssize_t
        total: cython.double = 0.0
        curve: Calibrator
        if self.size == 2:
            curve = curves[0]
            # Of a member's two probabilities the second is calibrated; a decision function has but one value.
            self.part[1] = curve.map(self.raw[m, self.raw.shape[1] - 1])
            self.part[0] = 1.0 - self.part[1]
        else:
            for c in range(self.size):
                curve = curves[c]
                self.part[c] = curve.map(self.raw[m, c])
                total += self.part[c]
            for c in range(self.size):
                self.part[c] = self.part[c] / total if total != 0.0 else 1.0 / self.size
        # scikit-learn cuts what rounding lifted above 1, and leaves larger values as they are.
        for c in range(self.size):
            if 1.0 < self.part[c] <= 1.0 + 1e-5:
                self.part[c] = 1.0
