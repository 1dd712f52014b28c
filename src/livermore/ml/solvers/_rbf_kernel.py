"""The RBF kernel matrix in blocks: memory grows with the number of rows, not with its square."""

import numpy as np
from numpy.typing import NDArray

from livermore.typing import Floats

__all__ = ["RbfKernel"]

Indices = NDArray[np.intp]

# Rows and columns of a block: in single precision it takes 1 MB, which fits the second-level cache of a core.
_BLOCK = 512

# Above this γ|x|² single precision would lose digits of the exponent that matter at a tolerance of 1e-3.
_SINGLE_PRECISION_LIMIT = 200.0


class RbfKernel:
    """exp(−γ |x − z|²) between the rows of one or two arrays, multiplied with vectors block by block.

    The exponent is one matrix product, since the rows are extended by γ|x|² and 1. Single precision, as in libsvm's
    cache, unless values are so large that its rounding would matter.

    Parameters
    ----------
    X : (n, k) array
    gamma : float
    """

    def __init__(self, X: Floats, gamma: float) -> None:
        self.gamma = gamma
        self.centre = X.mean(axis=0) if len(X) else np.zeros(X.shape[1])
        reach = gamma * float(np.square(X - self.centre).sum(axis=1).max(initial=0.0))
        self.dtype = np.dtype(np.float32 if reach <= _SINGLE_PRECISION_LIMIT else np.float64)
        self.left, self.right = self.factors(X)
        self.buffer = np.empty(_BLOCK * _BLOCK, self.dtype)

    def __len__(self) -> int:
        return len(self.left)

    def factors(self, X: Floats) -> tuple[NDArray[np.floating], NDArray[np.floating]]:
        """Return the two factors whose product is the exponent: rows as left and as right operand."""
        centred = X - self.centre
        norms = self.gamma * np.square(centred).sum(axis=1)
        scaled = centred * np.sqrt(2.0 * self.gamma)
        ones = np.ones(len(X))
        return (
            np.column_stack([scaled, -norms, ones]).astype(self.dtype),
            np.column_stack([scaled, ones, -norms]).astype(self.dtype),
        )

    def among(self, rows: Indices) -> NDArray[np.float32]:
        """Return the kernel among the given rows, (m, m), as single precision."""
        exponent = self.left[rows] @ self.right[rows].T
        np.exp(exponent, out=exponent)
        return np.ascontiguousarray(exponent, dtype=np.float32)

    def times(self, columns: Indices, weights: Floats) -> Floats:
        """Return K[:, columns] @ weights, (n,)."""
        return self._rectangle(self.left, self.right[columns], weights)

    def times_symmetric(self, weights: Floats) -> Floats:
        """Return K @ weights, (n,); each block among rows with weight is computed once and used twice."""
        used = np.flatnonzero(weights)
        unused = np.flatnonzero(weights == 0.0)
        product = np.empty(len(self))
        product[used] = self._square(self.left[used], self.right[used], weights[used])
        product[unused] = self._rectangle(self.left[unused], self.right[used], weights[used])
        return product

    def predict(self, Z: Floats, weights: Floats) -> Floats:
        """Return K(Z, X) @ weights, (len(Z),)."""
        used = np.flatnonzero(weights)
        return self._rectangle(self.factors(Z)[0], self.right[used], weights[used])

    def _rectangle(self, left: NDArray[np.floating], right: NDArray[np.floating], weights: Floats) -> Floats:
        narrow = weights.astype(self.dtype)
        product = np.zeros(len(left))
        for a in range(0, len(left), _BLOCK):
            rows = slice(a, a + _BLOCK)
            for b in range(0, len(right), _BLOCK):
                columns = slice(b, b + _BLOCK)
                product[rows] += self._block(left[rows], right[columns]) @ narrow[columns]
        return product

    def _square(self, left: NDArray[np.floating], right: NDArray[np.floating], weights: Floats) -> Floats:
        narrow = weights.astype(self.dtype)
        product = np.zeros(len(left))
        for a in range(0, len(left), _BLOCK):
            rows = slice(a, a + _BLOCK)
            for b in range(a, len(left), _BLOCK):
                columns = slice(b, b + _BLOCK)
                block = self._block(left[rows], right[columns])
                product[rows] += block @ narrow[columns]
                if b > a:
                    product[columns] += narrow[rows] @ block
        return product

    def _block(self, left: NDArray[np.floating], right: NDArray[np.floating]) -> NDArray[np.floating]:
        shape = len(left), len(right)
        block = self.buffer[: shape[0] * shape[1]].reshape(shape)
        np.dot(left, right.T, out=block)
        return np.exp(block, out=block)
