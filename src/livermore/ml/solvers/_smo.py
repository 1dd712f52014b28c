"""The dual problem of a kernel support vector machine, solved by decomposition into working sets."""

import warnings
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from livermore.errors import LivermoreWarning
from livermore.ml.solvers._rbf_kernel import RbfKernel
from livermore.ml.solvers._smo_loop import minimise_working_set
from livermore.typing import Floats

__all__ = ["BoxProblem", "Solution", "solve"]

Indices = NDArray[np.intp]

# libsvm's tolerance, of the same quantity: the largest violation of the optimality conditions.
TOLERANCE = 1e-3
# A round costs rows × working set for the gradient, and the square of the working set for its kernel matrix.
_WORKING_SET = 1024
_SMALLEST_WORKING_SET = 128
_STEPS_PER_ROUND = 50_000
_ROUNDS = 5_000
# A round reduces the violation of its working set to this share of the whole problem's.
_INNER_TOLERANCE = 0.1


@dataclass(frozen=True, slots=True)
class BoxProblem:
    """Maximise c·β − ½ β·K·β over lower ≤ β ≤ upper with Σβ = 0; variable i belongs to row `row[i]` of the kernel.

    Attributes
    ----------
    linear, lower, upper : (m,) arrays
    row : (m,) integer array
    """

    linear: Floats
    lower: Floats
    upper: Floats
    row: Indices

    @classmethod
    def classification(cls, signs: Floats, *, C: float = 1.0) -> "BoxProblem":
        """Two classes, given as signs (n,): one variable for each row."""
        return cls(signs, np.minimum(signs, 0.0) * C, np.maximum(signs, 0.0) * C, np.arange(len(signs)))

    @classmethod
    def regression(cls, target: Floats, *, C: float = 1.0, epsilon: float = 0.1) -> "BoxProblem":
        """Epsilon-insensitive regression on a target (n,): two variables for each row, for errors of either sign."""
        n = len(target)
        return cls(
            np.concatenate([target - epsilon, target + epsilon]),
            np.repeat([0.0, -C], n),
            np.repeat([C, 0.0], n),
            np.tile(np.arange(n), 2),
        )

    def by_row(self, beta: Floats, n_rows: int) -> Floats:
        """Sum the variables of each row: the weights of the decision function, (n_rows,)."""
        weights: Floats = np.bincount(self.row, beta, minlength=n_rows).astype(np.float64, copy=False)
        return weights


@dataclass(frozen=True, slots=True)
class Solution:
    """Variables (m,) and the decision function's offset."""

    beta: Floats
    offset: float


def solve(problem: BoxProblem, kernel: RbfKernel, start: Floats | None = None) -> Solution:
    """Solve to libsvm's tolerance.

    Each round takes the variables that violate the optimality conditions most, solves for them alone, and brings the
    gradient of all up to date. With `start` near the solution, few rounds are left to do.

    Parameters
    ----------
    problem : BoxProblem
    kernel : RbfKernel
    start : (m,) array, optional
        Feasible variables, such as the solution of a problem that differs in its kernel alone.

    Notes
    -----
    Working sets as in T. Joachims, "Making large-scale SVM learning practical" (1999); pairs within one as in
    R.-E. Fan, P.-H. Chen, C.-J. Lin, "Working set selection using second order information" (JMLR 6, 2005).
    """
    beta = np.zeros(len(problem.linear)) if start is None else start.copy()
    weights = problem.by_row(beta, len(kernel))
    product = kernel.times_symmetric(weights) if weights.any() else np.zeros(len(kernel))
    half = min(_WORKING_SET, max(_SMALLEST_WORKING_SET, len(kernel) // 5)) // 2
    for _ in range(_ROUNDS):
        score = problem.linear - product[problem.row]
        rising = np.flatnonzero(beta < problem.upper)
        falling = np.flatnonzero(beta > problem.lower)
        violation = score[rising].max() - score[falling].min()
        if violation < TOLERANCE:
            break
        chosen = _working_set(score, rising, falling, half)
        change = _improve(problem, kernel, beta, score, chosen, violation)
        moved = np.flatnonzero(change)
        product += kernel.times(problem.row[chosen[moved]], change[moved])
    else:
        warnings.warn(
            f"a support vector machine on {len(kernel)} rows stopped {violation:.1e} from its optimum (tolerance "
            f"{TOLERANCE:.0e}); scale its features and target",
            LivermoreWarning,
            stacklevel=2,
        )
    return Solution(beta, _offset(problem, beta, score, rising, falling))


def _working_set(score: Floats, rising: Indices, falling: Indices, half: int) -> Indices:
    """Choose the variables with the largest violation: half of those that may increase, half that may decrease."""
    if len(rising) > half:
        rising = rising[np.argpartition(-score[rising], half)[:half]]
    if len(falling) > half:
        falling = falling[np.argpartition(score[falling], half)[:half]]
    return np.union1d(rising, falling)


def _improve(
    problem: BoxProblem, kernel: RbfKernel, beta: Floats, score: Floats, chosen: Indices, violation: float
) -> Floats:
    """Solve for the chosen variables, write them to `beta`, and return their changes."""
    before = beta[chosen]
    after = before.copy()
    minimise_working_set(
        kernel.among(problem.row[chosen]),
        after,
        problem.lower[chosen],
        problem.upper[chosen],
        score[chosen],
        max(_INNER_TOLERANCE * violation, 0.5 * TOLERANCE),
        _STEPS_PER_ROUND,
    )
    beta[chosen] = after
    return after - before


def _offset(problem: BoxProblem, beta: Floats, score: Floats, rising: Indices, falling: Indices) -> float:
    """Return the mean score of the free variables, or the middle of the feasible range if none is free."""
    free = (beta > problem.lower) & (beta < problem.upper)
    if free.any():
        return float(score[free].mean())
    return float(score[rising].max() + score[falling].min()) / 2.0
