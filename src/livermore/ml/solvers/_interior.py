"""The dual problem of a linear support vector machine, by an interior-point method."""

from dataclasses import dataclass

import numpy as np
from scipy.linalg import LinAlgError, cho_factor, cho_solve

from livermore.typing import Floats

__all__ = ["LinearProblem", "solve_interior"]


_ITERATIONS = 80
# Relative duality gap at which to stop: machine precision.
_GAP = 1e-13
# The largest relative gap that counts as solved, if rounding prevents a smaller one.
_ACCEPTED_GAP = 1e-9
# Steps without a smaller gap after which an accepted one is kept.
_PATIENCE = 3
# Complementarity is kept above this: further below, rounding violates the equalities faster than the gap shrinks.
_COMPLEMENTARITY = 1e-15


@dataclass(frozen=True, slots=True)
class LinearProblem:
    """Minimise ½|Zᵀα|² + p·α over 0 ≤ α ≤ C with s·α = 0; the weights are Zᵀα.

    Attributes
    ----------
    Z : (m, k) array
    linear : (m,) array
    signs : (m,) array
    C : float
    """

    Z: Floats
    linear: Floats
    signs: Floats
    C: float = 1.0

    @classmethod
    def classification(cls, X: Floats, signs: Floats) -> "LinearProblem":
        """Two classes, given as signs (n,)."""
        return cls(X * signs[:, None], np.full(len(X), -1.0), signs)

    @classmethod
    def regression(cls, X: Floats, target: Floats, *, epsilon: float = 0.1) -> "LinearProblem":
        """Epsilon-insensitive regression on a target (n,)."""
        return cls(
            np.concatenate([X, -X]),
            np.concatenate([epsilon - target, epsilon + target]),
            np.repeat([1.0, -1.0], len(X)),
        )


def solve_interior(problem: LinearProblem) -> Floats | None:
    """Return the optimal weights (k,), or None if the duality gap is too large.

    Mehrotra's predictor-corrector method. A step solves a system of k + 1 unknowns, whatever the number of rows, and
    some twenty steps reach machine precision, where libsvm's pairs of variables converge slowly.

    Notes
    -----
    M. Ferris, T. Munson, "Interior-point methods for massive support vector machines" (SIAM J. Optim. 13, 2002);
    J. Nocedal, S. Wright, "Numerical Optimization", algorithm 16.4.
    """
    state = _State(problem)
    best, weights, idle = state.gap, state.weights, 0
    with np.errstate(all="ignore"):
        for _ in range(_ITERATIONS):
            if best <= _GAP or (best <= _ACCEPTED_GAP and idle >= _PATIENCE) or not state.step():
                break
            idle += 1
            if state.gap < best:
                best, weights, idle = state.gap, state.weights, 0
    return weights if best <= _ACCEPTED_GAP else None


class _State:
    """An iterate: α and its distance to C, both positive, the multipliers of both bounds, and that of the equality.

    Columns are centred, which the equality constraint permits, and scaled, for which the ridge compensates, so that
    prices in thousands and returns in thousandths are solved equally well.
    """

    def __init__(self, problem: LinearProblem) -> None:
        m, _ = problem.Z.shape
        self.problem = problem
        rows = problem.Z * problem.signs[:, None]
        rows = rows - rows.mean(axis=0)
        spread = rows.std(axis=0)
        self.spread = np.where(spread > 0.0, spread, 1.0)
        self.columns = np.column_stack([rows / self.spread, np.ones(m)]) * problem.signs[:, None]
        self.ridge = np.append(self.spread**-2.0, 0.0)
        scale = max(1.0, float(np.abs(problem.linear).max()))
        self.alpha = np.full(m, problem.C / 2.0)
        self.room = self.alpha.copy()
        self.below = np.full(m, scale)
        self.above = np.full(m, scale)
        self.offset = 0.0
        self.floor = _COMPLEMENTARITY * scale
        self.evaluate()

    def evaluate(self) -> None:
        """Update weights, residuals, complementarity and gap."""
        problem = self.problem
        product = self.alpha @ self.columns
        self.weights = product[:-1] * self.spread
        self.imbalance = -float(product[-1])
        values = self.columns @ np.append(product[:-1] * self.spread**2, self.offset) + problem.linear
        self.residual = self.below - self.above - values
        self.restore()
        self.mu = float(self.below @ self.alpha + self.above @ self.room) / (2 * len(self.alpha))
        # The primal value, with the smallest feasible slacks for these weights, minus the dual value: an upper bound of
        # half the squared distance to the optimal weights.
        primal = 0.5 * self.weights @ self.weights + problem.C * np.maximum(-values, 0.0).sum()
        dual = -0.5 * self.weights @ self.weights - problem.linear @ self.alpha + self.offset * self.imbalance
        self.gap = float((primal - dual) / max(1.0, abs(primal)))

    def restore(self) -> None:
        """Remove the rounding residual from the larger multiplier of each pair, where it is small relative to that."""
        small = np.abs(self.residual) <= 0.1 * np.maximum(self.below, self.above)
        lower = self.below >= self.above
        self.below = np.where(small & lower, self.below - self.residual, self.below)
        self.above = np.where(small & ~lower, self.above + self.residual, self.above)
        self.residual = np.where(small, 0.0, self.residual)

    def step(self) -> bool:
        """Take one predictor-corrector step; return False if rounding prevents it."""
        curvature = 1.0 / (self.below / self.alpha + self.above / self.room)
        weighted = self.columns * curvature[:, None]
        system = self.columns.T @ weighted
        system.flat[:: len(system) + 1] += self.ridge
        try:
            factor = cho_factor(system)
        except (LinAlgError, ValueError):
            return False

        def direction(low: Floats, high: Floats) -> tuple[Floats, Floats, Floats, float]:
            pull = self.residual + low / self.alpha - high / self.room
            right = pull @ weighted
            right[-1] -= self.imbalance
            solution = cho_solve(factor, right, check_finite=False)
            move = curvature * (pull - self.columns @ solution)
            below = (low - self.below * move) / self.alpha
            above = (high + self.above * move) / self.room
            return move, below, above, float(solution[-1])

        low, high = -self.below * self.alpha, -self.above * self.room
        move, below, above, _ = direction(low, high)
        length = self.longest(move, below, above)
        reached = float(
            (self.below + length * below) @ (self.alpha + length * move)
            + (self.above + length * above) @ (self.room - length * move)
        ) / (2 * len(move))
        centre = max(self.mu * (reached / self.mu) ** 3, self.floor)
        move, below, above, offset = direction(centre + low - move * below, centre + high + move * above)
        length = min(1.0, self.longest(move, below, above) * max(0.99, 1.0 - self.mu))
        return self.advance(length, move, below, above, offset)

    def advance(self, length: float, move: Floats, below: Floats, above: Floats, offset: float) -> bool:
        """Move along the step; return False, and stay, if the new point is infeasible or not finite."""
        before = (self.alpha, self.room, self.below, self.above, self.offset)
        self.alpha = self.alpha + length * move
        self.room = self.room - length * move
        self.below = self.below + length * below
        self.above = self.above + length * above
        self.offset += length * offset
        self.evaluate()
        if np.isfinite(self.gap) and min(self.alpha.min(), self.room.min()) > 0.0:
            return True
        self.alpha, self.room, self.below, self.above, self.offset = before
        self.evaluate()
        return False

    def longest(self, move: Floats, below: Floats, above: Floats) -> float:
        """Return the longest step, at most 1, that keeps all variables nonnegative."""
        pairs = ((self.alpha, move), (self.room, -move), (self.below, below), (self.above, above))
        # Relative decrease of each variable: unlike the ratio value / change it is defined for a change of zero.
        return 1.0 / max(1.0, *(float((-change / value).max()) for value, change in pairs))
