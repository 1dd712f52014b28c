"""Trees of any library as the flat arrays that the compiled walk reads."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["FlatTrees", "Tree", "column", "flatten"]


@dataclass(frozen=True, slots=True)
class Tree:
    """One tree as its library numbers it: node 0 is the root, `left` is negative at a leaf.

    Attributes
    ----------
    left, right, feature : (nodes,) integer arrays
    threshold : (nodes,) array
        A row goes left if its feature is at most this.
    missing_left : (nodes,) bool array
        Whether NaN goes left.
    value : (nodes, width) array
        Read at leaves.
    """

    left: NDArray[np.integer]
    right: NDArray[np.integer]
    feature: NDArray[np.integer]
    threshold: NDArray[np.float64]
    missing_left: NDArray[np.bool_]
    value: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class FlatTrees:
    """All trees' nodes in a row; see `livermore.ml.inference._fast._kernels.trees.Trees`."""

    nodes: NDArray[np.int64]
    root: NDArray[np.int32]
    leaves: NDArray[np.float64]


def flatten(trees: Iterable[Tree]) -> FlatTrees:
    """Renumber nodes level by level, so that a node's right child follows its left one."""
    orders, roots, nodes = [], [], 0
    trees = list(trees)
    for tree in trees:
        orders.append(np.concatenate(list(_levels(tree))))
        roots.append(nodes)
        nodes += len(orders[-1])
    inner = [tree.left[order] >= 0 for tree, order in zip(trees, orders, strict=True)]
    is_inner = np.concatenate(inner)
    child = np.empty(nodes, np.int64)
    child[~is_inner] = np.arange(np.count_nonzero(~is_inner))
    for root, here in zip(roots, inner, strict=True):
        # In level order the i-th inner node's children are nodes 2i + 1 and 2i + 2.
        child[root : root + len(here)][here] = root + 1 + 2 * np.arange(np.count_nonzero(here))

    def gather(name: str) -> NDArray[np.generic]:
        return np.concatenate([getattr(tree, name)[order] for tree, order in zip(trees, orders, strict=True)])

    feature = np.where(is_inner, gather("feature").astype(np.int64) + 1, 0)
    missing_left = gather("missing_left").astype(np.int64)
    return FlatTrees(
        nodes=np.column_stack([_order_keys(gather("threshold")), child << 32 | missing_left << 31 | feature]).ravel(),
        root=np.array(roots, np.int32),
        leaves=np.ascontiguousarray(gather("value")[~is_inner], dtype=np.float64),
    )


def column(values: ArrayLike) -> NDArray[np.float64]:
    """Return single values as leaves of width one."""
    return np.asarray(values, dtype=np.float64).reshape(-1, 1)


def _levels(tree: Tree) -> Iterator[NDArray[np.integer]]:
    """Yield the nodes of each level, siblings side by side."""
    level: NDArray[np.integer] = np.zeros(1, np.intp)
    while len(level):
        yield level
        split = level[tree.left[level] >= 0]
        level = np.column_stack([tree.left[split], tree.right[split]]).ravel()


def _order_keys(values: NDArray[np.generic]) -> NDArray[np.int64]:
    """Return `order_key` of each value."""
    bits = np.ascontiguousarray(values, dtype=np.float64).view(np.int64)
    return np.where(bits >= 0, bits, np.iinfo(np.int64).min - bits)
