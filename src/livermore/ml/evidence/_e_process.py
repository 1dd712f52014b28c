"""Evidence that may be looked at as often as one likes: wealth of bets that a hypothesis makes fair.

A bet on a quantity x whose expectation is at most zero, whatever happened before, multiplies wealth by 1 + stake * x.
Wealth then grows by luck only: that it ever exceeds 1 / level has a probability of at most that level (Ville's
inequality), over a whole life and however often one looks.

While labels overlap, what an open bet will earn is partly known from others. So each bet belongs to a chain in which
all earlier bets are settled, and the wealths of the chains are averaged.
"""

import math
from collections.abc import Mapping
from numbers import Real
from typing import Any

import numpy as np

from livermore.errors import DatasetError
from livermore.typing import Floats

__all__ = ["EProcess"]

# Stakes follow means over this many of the latest results (half-lives): the short one notices a break soon, the long
# one a small loss. Their wealths are averaged.
HALF_LIVES = (30.0, 150.0)
# Share of the wealth that a bet can lose at most.
LARGEST_STAKE = 0.9
# A first spread, as if so many results had been seen, against bets on the first few results.
PRIOR_WEIGHT = 5.0
PRIOR_VARIANCE = 0.25
LOG_LIMIT = 600.0


def check_level(level: Any) -> None:
    """Refuse a level that is no probability between 0 and 1."""
    if not isinstance(level, Real) or not 0 < float(level) < 1:
        raise DatasetError(f"level must be a probability between 0 and 1; it is {level!r}.")


class EProcess:
    """The evidence against expectations of at most zero.

    Parameters
    ----------
    series : int
        Number of quantities, each with the hypothesis that its expectation is at most zero; the evidence is the mean
        over them, so that it grows if any of the hypotheses is wrong.
    chains : int
        Number of bets that can be open at once.

    Notes
    -----
    Waudby-Smith and Ramdas, JRSS B 2024, section 4 (betting); Henzi and Ziegel, Biometrika 2022, section 3 (delayed
    outcomes). The chains overlap in time, so their mean is no martingale: that it ever exceeds c has a probability of
    at most ``e ln(h) / c`` for h chains from three on, ``2 / c`` for two (Vovk and Wang, Biometrika 2020: harmonic mean
    of p-values). `alarm` allows for that.

    Examples
    --------
    >>> process = EProcess()
    >>> for _ in range(60):
    ...     stakes = process.stakes()
    ...     process.settle(0, stakes, [0.5])
    >>> process.e_value > 100, process.alarm(0.05)
    (True, True)
    """

    def __init__(self, series: int = 1, chains: int = 1) -> None:
        if series < 1 or chains < 1:
            raise DatasetError(f"series and chains must be 1 or more; they are {series} and {chains}.")
        rates = len(HALF_LIVES)
        self._log_wealth = np.zeros((chains, series, rates))
        self._sum = np.zeros((series, rates))
        self._squares = np.full((series, rates), PRIOR_WEIGHT * PRIOR_VARIANCE)
        self._weight = np.full(rates, PRIOR_WEIGHT)
        self.settled = 0
        self.highest = 1.0

    @property
    def chains(self) -> int:
        """Number of bets that can be open at once."""
        return self._log_wealth.shape[0]

    @property
    def e_value(self) -> float:
        """The present evidence: 1 is none, and its expectation is at most 1 under the hypothesis."""
        return float(np.exp(np.clip(self._log_wealth, -LOG_LIMIT, LOG_LIMIT)).mean())

    def threshold(self, level: float) -> float:
        """Return the evidence that is ever reached by chance with a probability of at most `level`."""
        check_level(level)
        factor = 1.0 if self.chains == 1 else 2.0 if self.chains == 2 else math.e * math.log(self.chains)
        return max(1.0, factor) / level

    def alarm(self, level: float = 0.05) -> bool:
        """Return whether the evidence has ever been as large as happens by chance with probability `level` at most."""
        return self.highest >= self.threshold(level)

    def stakes(self) -> Floats:
        """Return the next bet, of shape (series, half-lives), by the results that are known now.

        A bet is fair only if what it is about is not known in part: ask for it when the prediction is made, not when
        the outcome is known.
        """
        mean = self._sum / self._weight
        second_moment = np.maximum(self._squares / self._weight, 1e-12)
        return np.asarray(np.clip(mean / second_moment, 0.0, LARGEST_STAKE))

    def settle(self, chain: int, stakes: Floats, results: Any) -> None:
        """Multiply the wealth of a chain by what its bet has earned.

        Parameters
        ----------
        chain : int
            Number of the chain, from 0; its bets are settled in the order in which they were made.
        stakes : ndarray
            From `stakes`, at the time of the bet.
        results : sequence of float
            The quantity of each series, from -1 to 1.

        Raises
        ------
        DatasetError
            If a result is outside of that range, or there is not one for each series.
        """
        found = np.asarray(results, dtype=np.float64)
        if found.shape != (self._sum.shape[0],) or not (np.abs(found) <= 1).all():
            raise DatasetError(f"results must be {self._sum.shape[0]} numbers from -1 to 1; they are {found.tolist()}.")
        self._log_wealth[chain] += np.log1p(stakes * found[:, None])
        keep = 0.5 ** (1 / np.asarray(HALF_LIVES))
        self._sum = keep * self._sum + found[:, None]
        self._squares = keep * self._squares + found[:, None] ** 2
        self._weight = keep * self._weight + 1
        self.settled += 1
        self.highest = max(self.highest, self.e_value)

    def forfeit(self, chain: int, stakes: Floats) -> None:
        """Close a bet whose result will never be known as if all of its stakes were lost: no result is worse."""
        self._log_wealth[chain] += np.log1p(-stakes)

    def state(self) -> dict[str, Any]:
        """Return everything as plain values that JSON can hold."""
        return {
            "log_wealth": self._log_wealth.tolist(),
            "sum": self._sum.tolist(),
            "squares": self._squares.tolist(),
            "weight": self._weight.tolist(),
            "settled": self.settled,
            "highest": self.highest,
        }

    def check_stakes(self, stakes: Any) -> None:
        """Raise DatasetError if these are no stakes of an open bet, such as those of a state that was edited."""
        try:
            found = np.asarray(stakes, dtype=np.float64)
        except (TypeError, ValueError) as error:
            raise DatasetError(f"stakes must be numbers: {error}.") from error
        if found.shape != self._sum.shape or not ((found >= 0) & (found <= LARGEST_STAKE)).all():
            raise DatasetError(f"stakes must be of shape {self._sum.shape} and from 0 to {LARGEST_STAKE}.")

    def restored(self, state: Mapping[str, Any]) -> "EProcess":
        """Return the process of a state that must have the shape of this one; raise DatasetError otherwise."""
        process = EProcess.from_state(state)
        if process._log_wealth.shape != self._log_wealth.shape:
            raise DatasetError(
                f"the state has series and chains of another number: {process._log_wealth.shape[:2][::-1]} instead of "
                f"{self._log_wealth.shape[:2][::-1]}."
            )
        return process

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> "EProcess":
        """Make one that goes on where another has stopped.

        Raises
        ------
        DatasetError
            If the values are not what `state` returned.
        """
        try:
            wealth = np.asarray(state["log_wealth"], dtype=np.float64)
            process = cls(wealth.shape[1], wealth.shape[0])
            arrays = {name: np.asarray(state[name], dtype=np.float64) for name in ("sum", "squares", "weight")}
            fits = wealth.shape == process._log_wealth.shape and all(
                values.shape == getattr(process, f"_{name}").shape and np.isfinite(values).all()
                for name, values in arrays.items()
            )
            if not fits or not np.isfinite(wealth).all():
                raise ValueError("arrays of other shapes, or not finite")
            process._log_wealth, process._sum = wealth, arrays["sum"]
            process._squares, process._weight = arrays["squares"], arrays["weight"]
            process.settled, process.highest = int(state["settled"]), float(state["highest"])
            if process.settled < 0 or not math.isfinite(process.highest) or process.highest < process.e_value:
                raise ValueError("settled and highest do not agree with the wealth")
            if (process._weight <= 0).any() or (process._squares < 0).any():
                raise ValueError("weight and squares must not be negative")
        except (LookupError, TypeError, ValueError, AttributeError) as error:
            raise DatasetError(f"this is no state of an e-process: {error}.") from error
        return process
