"""A market in which a rise follows a rise with a probability, until that changes; a model that knows it, a strategy."""

import numpy as np

from livermore.strategies import Strategy

#: 2024-01-01 00:00 UTC.
START = 1_704_067_200_000


class Persistence:
    """Says with which probability a rise is followed by a rise."""

    version = "persistence"

    def __init__(self, p: float = 0.75) -> None:
        self.p = p

    def predict_proba(self, features: dict[str, float]) -> dict[int, float]:
        """Return the probabilities of a fall and of a rise."""
        p = self.p if features["body"] > 0 else 1 - self.p
        return {0: 1 - p, 1: p}


class Follower(Strategy):
    """Buys for a bar if the model says that the next bar rises; in gather mode records whether it did."""

    def ml_features(self) -> dict[str, float]:
        """Return the return of the bar."""
        return {"body": self.close / self.open - 1}

    def before(self) -> None:
        """Record the label of the last bar and the features of this one."""
        if self.ml_mode == "gather":
            if self.index > 0:
                self.record_label("rise", self.close > self.open)
            self.record_features(self.ml_features())

    def should_long(self) -> bool:
        """Ask the model."""
        return self.ml_mode == "gather" or self.ml_predict_proba()[1] > 0.5

    def go_long(self) -> None:
        """Buy one."""
        self.buy = 1, self.price

    def update_position(self) -> None:
        """Sell at the next bar; each bar has its prediction."""
        if self.ml_mode == "deploy":
            self.ml_predict_proba()
        self.liquidate()


def candles(n: int, flip: int, *, before: float = 0.75, after: float = 0.25, seed: int = 1) -> np.ndarray:
    """Return candles of which a rise follows a rise with one probability, and another one from minute `flip` on."""
    draw = np.random.default_rng(seed)
    same = draw.random(n) < np.where(np.arange(n) < flip, before, after)
    signs = np.cumprod(np.where(same, 1, -1))
    close = 100 * np.exp(np.cumsum(signs * draw.uniform(0.0005, 0.0015, n)))
    opening = np.r_[100.0, close[:-1]]
    high, low = np.maximum(opening, close), np.minimum(opening, close)
    return np.column_stack([START + 60_000.0 * np.arange(n), opening, close, high, low, np.full(n, 5.0)])
