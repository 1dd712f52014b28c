"""The linear support vector machine's dual by an interior-point method: thousands of rows, tens of features."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import LinAlgError, cho_factor, cho_solve

__all__ = ["LinearProblem", "solve_interior"]

Floats = NDArray[np.float64]

_ITERATIONS = 80
_COMPLEMENTARITY = 1e-14
_RESIDUAL = 1e-9
_ACCEPTED_GAP = 1e-9


@dataclass(frozen=True, slots=True)
class LinearProblem:
    """Lower ½|Zᵀα|² + p·α over 0 ≤ α ≤ C with s·α = 0; the weights are Zᵀα.

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

    def relative_gap(self, alpha: Floats, offset: float) -> float:
        """Return the distance between the primal's and the dual's value, relative to their size.

        Half the squared distance to the optimal weights is at most the absolute gap.
        """
        weights = self.Z.T @ alpha
        slack = np.maximum(-(self.Z @ weights + self.linear + self.signs * offset), 0.0)
        primal = 0.5 * weights @ weights + self.C * slack.sum()
        dual = -0.5 * weights @ weights - self.linear @ alpha - offset * (self.signs @ alpha)
        return float((primal - dual) / max(1.0, abs(primal)))


def solve_interior(problem: LinearProblem) -> Floats | None:
    """Return the optimal weights (k,), or None if the certificate of optimality could not be had.

    Mehrotra's predictor and corrector. A step solves a system of k + 1 unknowns, whatever the number of rows, and some
    twenty steps reach the limits of the arithmetic, where libsvm's pairs of variables converge slowly.

    Notes
    -----
    M. Ferris, T. Munson, "Interior-point methods for massive support vector machines" (SIAM J. Optim. 13, 2002);
    J. Nocedal, S. Wright, "Numerical Optimization", algorithm 16.4.
    """
    state = _State(problem)
    try:
        with np.errstate(divide="raise", invalid="raise"):
            for _ in range(_ITERATIONS):
                if state.converged():
                    break
                state.step()
    except (LinAlgError, FloatingPointError):
        # Rounding has used up the system's definiteness: the end of the road. The certificate decides whether it was far enough.
        pass
    if not np.isfinite(state.alpha).all() or problem.relative_gap(state.alpha, state.offset) > _ACCEPTED_GAP:
        return None
    return problem.Z.T @ state.alpha


class _State:
    """An iterate: α strictly inside its box, the multipliers of both bounds, and that of the equality."""

    def __init__(self, problem: LinearProblem) -> None:
        m, k = problem.Z.shape
        self.problem = problem
        self.scale = max(1.0, float(np.abs(problem.linear).max()))
        self.columns = np.column_stack([problem.Z, problem.signs])
        self.ridge = np.append(np.ones(k), 0.0)
        self.alpha = np.full(m, problem.C / 2.0)
        self.below = np.full(m, self.scale)
        self.above = np.full(m, self.scale)
        self.offset = 0.0
        self.evaluate()

    def evaluate(self) -> None:
        """Bring residuals and complementarity up to date."""
        problem = self.problem
        self.room = problem.C - self.alpha
        dual = self.columns @ np.append(problem.Z.T @ self.alpha, self.offset)
        self.residual = self.below - self.above - problem.linear - dual
        self.imbalance = -float(problem.signs @ self.alpha)
        self.mu = float(self.below @ self.alpha + self.above @ self.room) / (2 * len(self.alpha))

    def converged(self) -> bool:
        return self.mu <= _COMPLEMENTARITY * self.scale and np.abs(self.residual).max() <= _RESIDUAL * self.scale

    def step(self) -> None:
        """Take one predictor-corrector step."""
        curvature = 1.0 / (self.below / self.alpha + self.above / self.room)
        weighted = self.columns * curvature[:, None]
        system = self.columns.T @ weighted
        system.flat[:: len(system) + 1] += self.ridge
        factor = cho_factor(system)

        def direction(low: Floats, high: Floats) -> tuple[Floats, Floats, Floats, float]:
            pull = self.residual + low / self.alpha - high / self.room
            right = weighted.T @ pull
            right[-1] -= self.imbalance
            solution = cho_solve(factor, right)
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
        centre = self.mu * (reached / self.mu) ** 3
        move, below, above, offset = direction(centre + low - move * below, centre + high + move * above)
        length = min(1.0, self.longest(move, below, above) * max(0.99, 1.0 - self.mu))
        self.alpha = self.alpha + length * move
        self.below = self.below + length * below
        self.above = self.above + length * above
        self.offset += length * offset
        self.evaluate()

    def longest(self, move: Floats, below: Floats, above: Floats) -> float:
        """Return the longest step, at most 1, that leaves everything nonnegative."""
        pairs = ((self.alpha, move), (self.room, -move), (self.below, below), (self.above, above))
        # −1/ratio instead of ratio, so that a zero change needs no care.
        return 1.0 / max(1.0, *(float((-change / value).max()) for value, change in pairs))
