"""Fitted models as flat arrays, asked for one row at a time, compiled.

A `Step` changes a row in place; a `Scorer` turns a row into numbers. Scorers nest: a calibrated pipeline of a scaler
and a forest is a scorer of a scorer. Operations and their order are scikit-learn's own. Scorers keep scratch memory,
so one must not be asked by two threads at once; `RowFunction` holds a lock.
"""

import threading
from collections.abc import Sequence

import cython
import numpy as np

from livermore.errors import FeatureError, warn_uncompiled

if cython.compiled:
    from cython.cimports.libc.math import exp, expf
    from cython.cimports.libc.string import memcpy
else:
    from math import exp

    def expf(x):
        """Return the exponential in single precision."""
        return np.exp(np.float32(x))

    warn_uncompiled()

__all__ = [
    "Affine",
    "Calibrated",
    "Clip",
    "Divide",
    "Exponential",
    "FillMissing",
    "Isotonic",
    "KernelMachine",
    "Logistic",
    "Multiply",
    "Negative",
    "Network",
    "NormalDensities",
    "OneVersusRest",
    "PairConfidence",
    "PairProbability",
    "PairVotes",
    "Platt",
    "Prepared",
    "Ramp",
    "RowFunction",
    "Scorer",
    "Shift",
    "SinglePrecisionIsotonic",
    "SinglePrecisionLogistic",
    "SinglePrecisionSoftmax",
    "SinglePrecisionTrees",
    "Softmax",
    "Step",
    "Trees",
    "TwoSided",
]


@cython.cfunc
def _owned(values, dtype):
    """Copy to an array of one's own: a model read from disk may lie in memory that cannot be written to."""
    return np.array(values, dtype=dtype, order="C")


# --------------------------------------------------------------------------------------------------- changing a row


@cython.cclass
class Step:
    """Changes a row in place."""

    values: cython.double[::1]

    def __init__(self, values) -> None:
        self.values = _owned(values, np.float64)

    @cython.ccall
    def apply(self, row: cython.double[::1]):
        raise NotImplementedError


@cython.cclass
class Shift(Step):
    """x − values."""

    @cython.ccall
    def apply(self, row: cython.double[::1]):
        i: cython.Py_ssize_t
        for i in range(row.shape[0]):
            row[i] = row[i] - self.values[i]


@cython.cclass
class Divide(Step):
    """x / values."""

    @cython.ccall
    def apply(self, row: cython.double[::1]):
        i: cython.Py_ssize_t
        for i in range(row.shape[0]):
            row[i] = row[i] / self.values[i]


@cython.cclass
class Multiply(Step):
    """x · values."""

    @cython.ccall
    def apply(self, row: cython.double[::1]):
        i: cython.Py_ssize_t
        for i in range(row.shape[0]):
            row[i] = row[i] * self.values[i]


@cython.cclass
class Clip(Step):
    """x between values[0] and values[1]; NaN stays."""

    @cython.ccall
    def apply(self, row: cython.double[::1]):
        i: cython.Py_ssize_t
        for i in range(row.shape[0]):
            if row[i] < self.values[0]:
                row[i] = self.values[0]
            elif row[i] > self.values[1]:
                row[i] = self.values[1]


@cython.cclass
class FillMissing(Step):
    """Values in place of NaN."""

    @cython.ccall
    def apply(self, row: cython.double[::1]):
        i: cython.Py_ssize_t
        for i in range(row.shape[0]):
            if row[i] != row[i]:
                row[i] = self.values[i]


# ----------------------------------------------------------------------------------------------- scoring a row


@cython.cclass
class Scorer:
    """Turns a row into `size` numbers."""

    size = cython.declare(cython.Py_ssize_t, visibility="readonly")

    def __init__(self, size) -> None:
        self.size = size

    @cython.ccall
    def fill(self, row: cython.double[::1], out: cython.double[::1]):
        raise NotImplementedError


@cython.cclass
class Prepared(Scorer):
    """A scorer behind steps, as in a pipeline; the row that it is given stays as it is."""

    steps: list
    inner: Scorer
    row: cython.double[::1]

    def __init__(self, steps, inner, n_features) -> None:
        self.size = inner.size
        self.steps = list(steps)
        self.inner = inner
        self.row = np.empty(n_features)

    @cython.ccall
    def fill(self, row: cython.double[::1], out: cython.double[::1]):
        i: cython.Py_ssize_t
        step: Step
        for i in range(row.shape[0]):
            self.row[i] = row[i]
        for step in self.steps:
            step.apply(self.row)
        self.inner.fill(self.row, out)


@cython.cclass
class Affine(Scorer):
    """coef · x + intercept."""

    coef: cython.double[:, ::1]
    intercept: cython.double[::1]

    def __init__(self, coef, intercept) -> None:
        self.coef = _owned(coef, np.float64)
        self.intercept = _owned(intercept, np.float64)
        self.size = len(intercept)

    @cython.ccall
    def fill(self, row: cython.double[::1], out: cython.double[::1]):
        i: cython.Py_ssize_t
        c: cython.Py_ssize_t
        total: cython.double
        for c in range(self.size):
            total = 0.0
            for i in range(row.shape[0]):
                total += self.coef[c, i] * row[i]
            out[c] = total + self.intercept[c]


_NAN_KEY = cython.declare(cython.longlong, -0x7FFFFFFFFFFFFFFF)  # Below −∞'s.
if not cython.compiled:
    _NAN_KEY = -0x7FFFFFFFFFFFFFFF


@cython.ccall
def order_key(value: cython.double) -> cython.longlong:
    """Return an integer that orders as the value does, its bits; the lowest one for NaN, one and the same for ±0."""
    bits: cython.longlong = 0
    if value != value:
        return _NAN_KEY
    if cython.compiled:
        memcpy(cython.address(bits), cython.address(value), 8)
    else:
        bits = int(np.float64(value).view(np.int64))
    return bits if bits >= 0 else -0x7FFFFFFFFFFFFFFF - bits - 1


@cython.cclass
class Trees(Scorer):
    """A sum of trees, or their mean.

    A node is two integers, side by side in memory, which is what the time goes into: the threshold's `order_key`; and
    child << 32 | missing left << 31 | feature + 1. A split sends a row to `child` or, if its feature lies above the
    threshold, to the node after it; at a leaf feature + 1 is 0 and `child` is a row of `leaves`. Tree t adds its leaf
    to output `target[t]`, or, where that is −1, its leaf's vector to all outputs.
    """

    nodes: cython.longlong[::1]
    root: cython.int[::1]
    target: cython.int[::1]
    leaves: cython.double[:, ::1]
    base: cython.double[::1]
    divisor: cython.double
    narrow: cython.bint
    keys: cython.longlong[::1]
    narrowed: cython.float[::1]
    node: cython.int[::1]
    tree: cython.int[::1]
    leaf: cython.int[::1]

    def __init__(self, flat, target, base, divisor, narrow, n_features) -> None:
        self.nodes = flat.nodes
        self.root = flat.root
        self.leaves = flat.leaves
        self.target = _owned(target, np.int32)
        self.base = _owned(base, np.float64)
        self.size = len(base)
        self.divisor = divisor
        self.narrow = narrow
        # Leaves ask for feature 0, which is there to be read and means nothing.
        self.keys = np.zeros(1 + n_features, np.int64)
        self.narrowed = np.empty(1, np.float32)
        self.node = np.empty(len(flat.root), np.int32)
        self.tree = np.empty(len(flat.root), np.int32)
        self.leaf = np.empty(len(flat.root), np.int32)

    @cython.ccall
    def fill(self, row: cython.double[::1], out: cython.double[::1]):
        t: cython.Py_ssize_t
        c: cython.Py_ssize_t
        self.walk(row)
        for c in range(self.size):
            out[c] = self.base[c]
        for t in range(self.root.shape[0]):
            if self.target[t] >= 0:
                out[self.target[t]] += self.leaves[self.leaf[t], 0]
            else:
                for c in range(self.size):
                    out[c] += self.leaves[self.leaf[t], c]
        if self.divisor != 1.0:
            for c in range(self.size):
                out[c] = out[c] / self.divisor

    @cython.ccall
    def walk(self, row: cython.double[::1]):
        """Find the row's leaf in each tree. All go down a level at a time, so that their memory reads overlap."""
        i: cython.Py_ssize_t
        t: cython.Py_ssize_t
        kept: cython.Py_ssize_t
        going: cython.Py_ssize_t = self.root.shape[0]
        node: cython.longlong
        child: cython.longlong
        feature: cython.longlong
        key: cython.longlong
        for i in range(row.shape[0]):
            self.narrowed[0] = row[i]
            self.keys[1 + i] = order_key(self.narrowed[0] if self.narrow else row[i])
        for t in range(going):
            self.node[t] = self.root[t]
            self.tree[t] = t
        while going > 0:
            kept = 0
            for t in range(going):
                node = self.nodes[2 * self.node[t] + 1]
                child = node >> 32
                feature = node & 0x7FFFFFFF
                key = self.keys[feature]
                # A tree at its leaf is dropped without a branch: one that is guessed wrong waits for memory.
                self.leaf[self.tree[t]] = child
                if key == _NAN_KEY:
                    self.node[kept] = child + (1 - (node >> 31 & 1))
                else:
                    self.node[kept] = child + (key > self.nodes[2 * self.node[t]])
                self.tree[kept] = self.tree[t]
                kept += feature != 0
            going = kept


@cython.cclass
class SinglePrecisionTrees(Trees):
    """A sum of trees kept in single precision, as XGBoost does."""

    @cython.ccall
    def fill(self, row: cython.double[::1], out: cython.double[::1]):
        t: cython.Py_ssize_t
        c: cython.Py_ssize_t
        sums: cython.float[::1] = np.array(self.base, np.float32)
        self.walk(row)
        for t in range(self.root.shape[0]):
            sums[self.target[t]] += self.leaves[self.leaf[t], 0]
        for c in range(self.size):
            out[c] = sums[c]


@cython.cclass
class KernelMachine(Scorer):
    """The decision values of each pair of classes, as libsvm computes them; or a regression's one value.

    `vectors` is (features, support vectors). Support vectors are sorted by class, `ends` says where each class ends.
    A regression is the pair of one class with an empty one.
    """

    vectors: cython.double[:, ::1]
    dual: cython.double[:, ::1]
    ends: cython.long[::1]
    intercept: cython.double[::1]
    gamma: cython.double
    coef0: cython.double
    finish: object
    distance: cython.bint
    kernel: object
    work: cython.double[::1]

    def __init__(self, vectors, dual, counts, intercept, gamma, coef0, finish, distance) -> None:
        self.vectors = _owned(np.transpose(vectors), np.float64)
        self.dual = _owned(dual, np.float64)
        self.ends = np.concatenate([[0], np.cumsum(counts)]).astype(np.int_)
        self.intercept = _owned(intercept, np.float64)
        self.size = len(intercept)
        self.gamma = gamma
        self.coef0 = coef0
        self.finish = finish
        self.distance = distance
        self.kernel = np.empty(len(vectors))
        self.work = self.kernel

    @cython.ccall
    def fill(self, row: cython.double[::1], out: cython.double[::1]):
        i: cython.Py_ssize_t
        j: cython.Py_ssize_t
        pair: cython.Py_ssize_t = 0
        total: cython.double
        self.prepare(row)
        self.finish(self.kernel)
        for i in range(self.ends.shape[0] - 1):
            for j in range(i + 1, self.ends.shape[0] - 1):
                total = self.weigh(j - 1, self.ends[i], self.ends[i + 1])
                total += self.weigh(i, self.ends[j], self.ends[j + 1])
                out[pair] = total + self.intercept[pair]
                pair += 1

    @cython.cfunc
    def weigh(self, line: cython.Py_ssize_t, start: cython.Py_ssize_t, stop: cython.Py_ssize_t) -> cython.double:
        """Sum dual times kernel. Four sums at once: a single one waits for each addition to end."""
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

    @cython.ccall
    def prepare(self, row: cython.double[::1]):
        """Fill the work space with −γ |x − s|², or with γ x·s + coef0."""
        s: cython.Py_ssize_t
        scale: cython.double = -self.gamma if self.distance else self.gamma
        for s in range(self.work.shape[0]):
            self.work[s] = 0.0
        if self.distance:
            self.add_distances(row)
        else:
            self.add_products(row)
        for s in range(self.work.shape[0]):
            self.work[s] = scale * self.work[s] + self.coef0

    @cython.cfunc
    def add_distances(self, row: cython.double[::1]):
        """Add squared differences, two features at a time to halve the traffic with the work space."""
        i: cython.Py_ssize_t = 0
        s: cython.Py_ssize_t
        one: cython.double
        two: cython.double
        first: cython.double
        second: cython.double
        while i + 1 < row.shape[0]:
            one = row[i]
            two = row[i + 1]
            for s in range(self.work.shape[0]):
                first = one - self.vectors[i, s]
                second = two - self.vectors[i + 1, s]
                self.work[s] = self.work[s] + (first * first + second * second)
            i += 2
        while i < row.shape[0]:
            one = row[i]
            for s in range(self.work.shape[0]):
                first = one - self.vectors[i, s]
                self.work[s] = self.work[s] + first * first
            i += 1

    @cython.cfunc
    def add_products(self, row: cython.double[::1]):
        i: cython.Py_ssize_t
        s: cython.Py_ssize_t
        one: cython.double
        for i in range(row.shape[0]):
            one = row[i]
            for s in range(self.work.shape[0]):
                self.work[s] = self.work[s] + one * self.vectors[i, s]


@cython.cclass
class Network(Scorer):
    """A multilayer perceptron: layers of weights (inputs, outputs) and one activation for the hidden ones."""

    weights: list
    biases: list
    activation: object

    def __init__(self, weights, biases, activation) -> None:
        self.weights = list(weights)
        self.biases = list(biases)
        self.activation = activation
        self.size = len(biases[len(biases) - 1])

    @cython.ccall
    def fill(self, row: cython.double[::1], out: cython.double[::1]):
        c: cython.Py_ssize_t
        state: object = np.asarray(row)[None, :]
        last: cython.Py_ssize_t = len(self.weights) - 1
        result: cython.double[:, ::1]
        for c in range(last + 1):
            state = state @ self.weights[c]
            state += self.biases[c]
            if c < last:
                state = self.activation(state)
        result = state
        for c in range(self.size):
            out[c] = result[0, c]


@cython.cclass
class NormalDensities(Scorer):
    """Log of each class's prior times its normal densities, less the log of their sum: naive Bayes."""

    mean: cython.double[:, ::1]
    variance: cython.double[:, ::1]
    constant: cython.double[::1]

    def __init__(self, mean, variance, constant) -> None:
        self.mean = _owned(mean, np.float64)
        self.variance = _owned(variance, np.float64)
        self.constant = _owned(constant, np.float64)
        self.size = len(constant)

    @cython.ccall
    def fill(self, row: cython.double[::1], out: cython.double[::1]):
        i: cython.Py_ssize_t
        c: cython.Py_ssize_t
        total: cython.double
        difference: cython.double
        for c in range(self.size):
            total = 0.0
            for i in range(row.shape[0]):
                difference = row[i] - self.mean[c, i]
                total += difference * difference / self.variance[c, i]
            out[c] = self.constant[c] - 0.5 * total


# --------------------------------------------------------------------------------- from scores to probabilities


@cython.cfunc
def _expit(x: cython.double) -> cython.double:
    if x < -709.0:
        return exp(x)
    return 1.0 / (1.0 + exp(-x))


@cython.cclass
class Wrapped(Scorer):
    """A scorer of another's numbers."""

    inner: Scorer
    raw: cython.double[::1]

    def __init__(self, inner, size) -> None:
        self.inner = inner
        self.size = size
        self.raw = np.empty(inner.size)

    @cython.ccall
    def fill(self, row: cython.double[::1], out: cython.double[::1]):
        self.inner.fill(row, self.raw)
        self.finish(out)

    @cython.ccall
    def finish(self, out: cython.double[::1]):
        raise NotImplementedError


@cython.cclass
class Negative(Wrapped):
    """−score."""

    @cython.ccall
    def finish(self, out: cython.double[::1]):
        c: cython.Py_ssize_t
        for c in range(self.size):
            out[c] = -self.raw[c]


@cython.cclass
class Exponential(Wrapped):
    """exp(score): regressions with a log link."""

    @cython.ccall
    def finish(self, out: cython.double[::1]):
        c: cython.Py_ssize_t
        for c in range(self.size):
            out[c] = exp(self.raw[c])


@cython.cclass
class Logistic(Wrapped):
    """1 − p and p from one score."""

    @cython.ccall
    def finish(self, out: cython.double[::1]):
        out[1] = _expit(self.raw[0])
        out[0] = 1.0 - out[1]


@cython.cclass
class TwoSided(Wrapped):
    """1 − p and p from p."""

    @cython.ccall
    def finish(self, out: cython.double[::1]):
        out[1] = self.raw[0]
        out[0] = 1.0 - out[1]


@cython.cclass
class Ramp(Wrapped):
    """The modified Huber loss's probabilities: scores clipped to ±1."""

    @cython.ccall
    def finish(self, out: cython.double[::1]):
        out[1] = (min(max(self.raw[0], -1.0), 1.0) + 1.0) / 2.0
        out[0] = 1.0 - out[1]


@cython.cclass
class Softmax(Wrapped):
    """Exponentials, normalised."""

    @cython.ccall
    def finish(self, out: cython.double[::1]):
        c: cython.Py_ssize_t
        top: cython.double = self.raw[0]
        total: cython.double = 0.0
        for c in range(self.size):
            if self.raw[c] > top:
                top = self.raw[c]
        for c in range(self.size):
            out[c] = exp(self.raw[c] - top)
            total += out[c]
        for c in range(self.size):
            out[c] = out[c] / total


@cython.cclass
class SinglePrecisionLogistic(Wrapped):
    """1 − p and p from one score, as XGBoost computes them."""

    @cython.ccall
    def finish(self, out: cython.double[::1]):
        score: cython.float = -self.raw[0]
        p: cython.float = 1.0 + expf(score if score < 88.7 else 88.7)
        p = 1.0 / p
        out[1] = p
        p = 1.0 - p
        out[0] = p


@cython.cclass
class SinglePrecisionSoftmax(Wrapped):
    """Exponentials, normalised, as XGBoost computes them."""

    @cython.ccall
    def finish(self, out: cython.double[::1]):
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
            out[c] = part
            total += part
        narrow = total
        for c in range(self.size):
            part = out[c]
            part = part / narrow
            out[c] = part


@cython.cclass
class OneVersusRest(Wrapped):
    """The logistic of each score, normalised."""

    @cython.ccall
    def finish(self, out: cython.double[::1]):
        c: cython.Py_ssize_t
        total: cython.double = 0.0
        for c in range(self.size):
            out[c] = _expit(self.raw[c])
            total += out[c]
        for c in range(self.size):
            out[c] = out[c] / total


@cython.cclass
class PairVotes(Wrapped):
    """Votes of the pairs' decision values, libsvm's prediction."""

    @cython.ccall
    def finish(self, out: cython.double[::1]):
        i: cython.Py_ssize_t
        j: cython.Py_ssize_t
        pair: cython.Py_ssize_t = 0
        for i in range(self.size):
            out[i] = 0.0
        for i in range(self.size):
            for j in range(i + 1, self.size):
                if self.raw[pair] > 0.0:
                    out[i] += 1.0
                else:
                    out[j] += 1.0
                pair += 1


@cython.cclass
class PairConfidence(Wrapped):
    """Votes plus a bounded sum of confidences: scikit-learn's decision function of several classes."""

    @cython.ccall
    def finish(self, out: cython.double[::1]):
        i: cython.Py_ssize_t
        j: cython.Py_ssize_t
        pair: cython.Py_ssize_t = 0
        sums: cython.double[::1] = np.zeros(self.size)
        for i in range(self.size):
            out[i] = 0.0
        for i in range(self.size):
            for j in range(i + 1, self.size):
                sums[i] += self.raw[pair]
                sums[j] -= self.raw[pair]
                if self.raw[pair] < 0.0:
                    out[j] += 1.0
                else:
                    out[i] += 1.0
                pair += 1
        for i in range(self.size):
            out[i] += sums[i] / (3.0 * (abs(sums[i]) + 1.0))


@cython.cclass
class PairProbability(Wrapped):
    """Platt's probability of each pair, coupled as libsvm does (Wu, Lin, Weng, JMLR 5, 2004, second method)."""

    slope: cython.double[::1]
    shift: cython.double[::1]

    def __init__(self, inner, size, slope, shift) -> None:
        Wrapped.__init__(self, inner, size)
        self.slope = _owned(slope, np.float64)
        self.shift = _owned(shift, np.float64)

    @cython.ccall
    def finish(self, out: cython.double[::1]):
        i: cython.Py_ssize_t
        j: cython.Py_ssize_t
        pair: cython.Py_ssize_t = 0
        p: cython.double
        r: cython.double[:, ::1] = np.zeros((self.size, self.size))
        for i in range(self.size):
            for j in range(i + 1, self.size):
                p = self.raw[pair] * self.slope[pair] + self.shift[pair]
                p = exp(-p) / (1.0 + exp(-p)) if p >= 0.0 else 1.0 / (1.0 + exp(p))
                p = min(max(p, 1e-7), 1.0 - 1e-7)
                r[i, j] = p
                r[j, i] = 1.0 - p
                pair += 1
        self.couple(r, out)

    @cython.ccall
    def couple(self, r: cython.double[:, ::1], p: cython.double[::1]):
        """Find the distribution whose pairs come closest to `r`."""
        k: cython.Py_ssize_t = self.size
        t: cython.Py_ssize_t
        j: cython.Py_ssize_t
        rounds: cython.Py_ssize_t = max(100, k)
        q: cython.double[:, ::1] = np.zeros((k, k))
        qp: cython.double[::1] = np.zeros(k)
        for t in range(k):
            p[t] = 1.0 / k
            for j in range(k):
                if j != t:
                    q[t, t] += r[j, t] * r[j, t]
                    q[t, j] = -r[j, t] * r[t, j]
        while rounds > 0 and self.improve(q, qp, p):
            rounds -= 1

    @cython.cfunc
    def improve(self, q: cython.double[:, ::1], qp: cython.double[::1], p: cython.double[::1]) -> cython.bint:
        """Go round the classes once, unless the distribution is good enough; return whether it was not."""
        k: cython.Py_ssize_t = self.size
        t: cython.Py_ssize_t
        j: cython.Py_ssize_t
        product: cython.double = 0.0
        error: cython.double = 0.0
        change: cython.double
        for t in range(k):
            qp[t] = 0.0
            for j in range(k):
                qp[t] += q[t, j] * p[j]
            product += p[t] * qp[t]
        for t in range(k):
            error = max(error, abs(qp[t] - product))
        if error < 0.005 / k:
            return False
        for t in range(k):
            change = (-qp[t] + product) / q[t, t]
            p[t] += change
            product = (product + change * (change * q[t, t] + 2.0 * qp[t])) / (1.0 + change) / (1.0 + change)
            for j in range(k):
                qp[j] = (qp[j] + change * q[t, j]) / (1.0 + change)
                p[j] = p[j] / (1.0 + change)
        return True


# ------------------------------------------------------------------------------------------------- calibration


@cython.cclass
class Calibrator:
    """Maps one score to a probability."""

    @cython.ccall
    def map(self, score: cython.double) -> cython.double:
        raise NotImplementedError


@cython.cclass
class Platt(Calibrator):
    """1 / (1 + exp(slope · score + shift))."""

    slope: cython.double
    shift: cython.double

    def __init__(self, slope, shift) -> None:
        self.slope = slope
        self.shift = shift

    @cython.ccall
    def map(self, score: cython.double) -> cython.double:
        return _expit(-(self.slope * score + self.shift))


@cython.cclass
class Isotonic(Calibrator):
    """A line through points, constant outside them, with the operations of `numpy.interp`."""

    x: cython.double[::1]
    y: cython.double[::1]

    def __init__(self, x, y) -> None:
        self.x = _owned(x, np.float64)
        self.y = _owned(y, np.float64)

    @cython.ccall
    def map(self, score: cython.double) -> cython.double:
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

    def __init__(self, x, y) -> None:
        self.x = _owned(x, np.float32)
        self.y = _owned(y, np.float32)

    @cython.ccall
    def map(self, score: cython.double) -> cython.double:
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
class Calibrated(Scorer):
    """The mean of calibrated members. Each member has one calibrator a class, or one in all for two classes."""

    members: list
    calibrators: list
    raw: list
    part: cython.double[::1]

    def __init__(self, members, calibrators, size) -> None:
        self.members = list(members)
        self.calibrators = [list(c) for c in calibrators]
        self.raw = [np.empty(m.size) for m in members]
        self.size = size
        self.part = np.empty(size)

    @cython.ccall
    def fill(self, row: cython.double[::1], out: cython.double[::1]):
        c: cython.Py_ssize_t
        m: cython.Py_ssize_t
        n: cython.Py_ssize_t = len(self.members)
        member: Scorer
        raw: cython.double[::1]
        for c in range(self.size):
            out[c] = 0.0
        for m in range(n):
            member = self.members[m]
            raw = self.raw[m]
            member.fill(row, raw)
            self.calibrate(raw, self.calibrators[m])
            for c in range(self.size):
                out[c] += self.part[c]
        for c in range(self.size):
            out[c] = out[c] / n

    @cython.ccall
    def calibrate(self, raw: cython.double[::1], calibrators: list):
        """Fill `part` with one member's probabilities."""
        c: cython.Py_ssize_t
        total: cython.double = 0.0
        calibrator: Calibrator
        if self.size == 2:
            calibrator = calibrators[0]
            # Of a member's two probabilities the second is calibrated; a decision function has but one value.
            self.part[1] = calibrator.map(raw[raw.shape[0] - 1])
            self.part[0] = 1.0 - self.part[1]
        else:
            for c in range(self.size):
                calibrator = calibrators[c]
                self.part[c] = calibrator.map(raw[c])
                total += self.part[c]
            for c in range(self.size):
                self.part[c] = self.part[c] / total if total != 0.0 else 1.0 / self.size
        for c in range(self.size):
            if 1.0 < self.part[c] <= 1.0 + 1e-5:
                self.part[c] = 1.0


# ------------------------------------------------------------------------------------------------- the function


@cython.cclass
class RowFunction:
    """A fitted model, with its scaler before it, as a function of one row.

    Made by `livermore.ml.inference._fast.compile_row_function`.

    Attributes
    ----------
    family : str
        A key of `TOLERANCES`: by how much the results may differ from the model's own.
    n_features : int
    accepts_nan : bool
        Whether NaN is a value to the model, as it is to those that it was compiled from.
    """

    family = cython.declare(object, visibility="readonly")
    n_features = cython.declare(cython.Py_ssize_t, visibility="readonly")
    accepts_nan = cython.declare(cython.bint, visibility="readonly")
    labels: tuple
    lock: object
    steps: list
    probability: Scorer
    decision: Scorer
    row: cython.double[::1]
    probabilities: cython.double[::1]
    decisions: cython.double[::1]

    def __init__(self, family, n_features, accepts_nan, steps, decision, labels, probability) -> None:
        self.family = family
        self.n_features = n_features
        self.accepts_nan = accepts_nan
        self.labels = tuple(labels)
        self.lock = threading.Lock()
        self.steps = list(steps)
        self.decision = decision
        self.probability = probability
        self.row = np.empty(n_features)
        self.decisions = np.empty(decision.size)
        self.probabilities = np.empty(0 if probability is None else probability.size)

    def predict(self, values: Sequence[float]) -> float:
        """Return the regression's value, or the predicted class as a float.

        Parameters
        ----------
        values : sequence of `n_features` floats
            One row, unscaled, features in the order of training.

        Raises
        ------
        FeatureError
            If the number of values is wrong, or one is not finite and the model does not take it.
        """
        c: cython.Py_ssize_t
        best: cython.Py_ssize_t = 0
        with self.lock:
            self.load(values)
            self.decision.fill(self.row, self.decisions)
            if not self.labels:
                return self.decisions[0]
            if self.decisions.shape[0] == 1:
                return self.labels[1 if self.decisions[0] > 0.0 else 0]
            for c in range(self.decisions.shape[0]):
                if self.decisions[c] > self.decisions[best]:
                    best = c
            return self.labels[best]

    def predict_proba(self, values: Sequence[float]) -> tuple[float, ...]:
        """Return the probability of each class, in the order of the model's `classes_`.

        Parameters
        ----------
        values : sequence of `n_features` floats
            One row, unscaled, features in the order of training.

        Raises
        ------
        FeatureError
            If the number of values is wrong, or one is not finite and the model does not take it.
        AttributeError
            If the model knows no probabilities.
        """
        if self.probability is None:
            raise AttributeError(f"a model of the family {self.family!r} without predict_proba")
        with self.lock:
            self.load(values)
            self.probability.fill(self.row, self.probabilities)
            if self.probabilities.shape[0] == 2:
                return self.probabilities[0], self.probabilities[1]
            return tuple(np.asarray(self.probabilities).tolist())

    @cython.ccall
    def load(self, values):
        """Copy the values to the row, check them, and scale."""
        i: cython.Py_ssize_t = 0
        value: cython.double
        odd: cython.bint = False
        step: Step
        if isinstance(values, np.ndarray):
            values = values.tolist()  # Taking numbers out of an array one by one costs more than the model.
        if len(values) != self.n_features:
            raise FeatureError(f"{len(values)} values for a model of {self.n_features} features")
        for i in range(self.n_features):
            value = values[i]
            if value - value != 0.0:
                odd = True
            self.row[i] = value
        if odd:
            self.refuse(values)
        for step in self.steps:
            step.apply(self.row)

    def refuse(self, values):
        """Raise for the first value that the model does not take."""
        for i in range(self.n_features):
            if values[i] - values[i] != 0.0 and not (self.accepts_nan and values[i] != values[i]):
                raise FeatureError(
                    f"feature {i} is {values[i]}, which a model of the family {self.family!r} cannot take"
                )
