# cython: language_level=3
"""Sums of trees for one row, compiled. For what scorers have in common see `linear`."""

from typing import Any

import cython
import numpy as np
import numpy.typing as npt

from livermore.errors import warn_uncompiled
from livermore.typing import Floats

if cython.compiled:
    from cython.cimports.libc.string import memcpy
else:
    warn_uncompiled()

__all__ = ["SinglePrecisionTrees", "Trees", "order_key"]

# Below the key of −∞.
_NAN_KEY = cython.declare(cython.longlong, -0x7FFFFFFFFFFFFFFF)
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
class Trees:
    """A sum of trees, or their mean.

    A node is two integers, side by side in memory, which is what the time goes into: the threshold's `order_key`; and
    child << 32 | missing left << 31 | feature + 1. A split sends a row to `child` or, if its feature lies above the
    threshold, to the node after it; at a leaf feature + 1 is 0 and `child` is a row of `leaves`. Tree t adds its leaf
    to output `target[t]`, or, where that is −1, its leaf's vector to all outputs.
    """

    size = cython.declare(cython.Py_ssize_t, visibility="readonly")
    row = cython.declare(object, visibility="readonly")
    out = cython.declare(object, visibility="readonly")
    x: cython.double[::1]
    y: cython.double[::1]
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

    def __init__(
        self, flat: Any, target: npt.ArrayLike, base: Any, divisor: float, narrow: bool, n_features: int
    ) -> None:
        self.nodes = flat.nodes
        self.root = flat.root
        self.leaves = flat.leaves
        self.target = np.array(target, np.int32, order="C")
        self.base = np.array(base, np.float64, order="C")
        self.size = len(base)
        self.divisor = divisor
        self.narrow = narrow
        # Leaves read key 0, which belongs to no feature; so reading needs no test for a leaf.
        self.keys = np.zeros(1 + n_features, np.int64)
        self.narrowed = np.empty(1, np.float32)
        self.node = np.empty(len(flat.root), np.int32)
        self.tree = np.empty(len(flat.root), np.int32)
        self.leaf = np.empty(len(flat.root), np.int32)
        self.bind(np.zeros(n_features), np.zeros(self.size))

    def bind(self, row: Floats, out: Floats) -> None:
        """Read and fill other arrays from now on."""
        self.row = self.x = row
        self.out = self.y = out

    @cython.ccall
    def run(self) -> None:
        """Fill `out` from `row`."""
        t: cython.Py_ssize_t
        c: cython.Py_ssize_t
        self.walk()
        for c in range(self.size):
            self.y[c] = self.base[c]
        for t in range(self.root.shape[0]):
            if self.target[t] >= 0:
                self.y[self.target[t]] += self.leaves[self.leaf[t], 0]
            else:
                for c in range(self.size):
                    self.y[c] += self.leaves[self.leaf[t], c]
        if self.divisor != 1.0:
            for c in range(self.size):
                self.y[c] = self.y[c] / self.divisor

    @cython.cfunc
    def walk(self) -> None:
        """Find the row's leaf in each tree. All go down a level at a time, so that their memory reads overlap."""
        i: cython.Py_ssize_t
        t: cython.Py_ssize_t
        kept: cython.Py_ssize_t
        going: cython.Py_ssize_t = self.root.shape[0]
        node: cython.longlong
        child: cython.longlong
        feature: cython.longlong
        key: cython.longlong
        for i in range(self.x.shape[0]):
            # Trees of scikit-learn and XGBoost compare in single precision: `narrow` rounds the value first.
            self.narrowed[0] = self.x[i]
            self.keys[1 + i] = order_key(self.narrowed[0] if self.narrow else self.x[i])
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
                # A tree at its leaf is dropped without a branch: a wrongly predicted branch would wait for memory.
                self.leaf[self.tree[t]] = child
                # The right child follows the left one, so the comparison itself is the step to it.
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

    sums: cython.float[::1]

    def __init__(
        self, flat: Any, target: npt.ArrayLike, base: Any, divisor: float, narrow: bool, n_features: int
    ) -> None:
        Trees.__init__(self, flat, target, base, divisor, narrow, n_features)
        self.sums = np.empty(self.size, np.float32)

    @cython.ccall
    def run(self) -> None:
        """Fill `out` from `row`."""
        t: cython.Py_ssize_t
        c: cython.Py_ssize_t
        self.walk()
        for c in range(self.size):
            self.sums[c] = self.base[c]
        # Each addition is rounded to single precision, tree by tree.
        for t in range(self.root.shape[0]):
            self.sums[self.target[t]] += self.leaves[self.leaf[t], 0]
        for c in range(self.size):
            self.y[c] = self.sums[c]
