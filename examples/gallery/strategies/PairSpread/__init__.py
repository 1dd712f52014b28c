"""Pairs: two routes with this strategy trade against each other when their prices move apart."""

import numpy as np
from jesse import utils
from jesse.strategies import Strategy


class PairSpread(Strategy):
    """Both routes compute the same spread with opposite signs, and so open and close together.

    The features do not depend on the sign, so that both routes get the same prediction; the label is of the pair, so
    that both record the same sample, and the evidence counts times, not samples.
    """

    @property
    def other(self) -> str:
        """The symbol of the other route."""
        return next(route.symbol for route in self.routes if route.symbol != self.symbol)

    def spreads(self) -> np.ndarray:
        """Log price of this symbol less that of the other one, over four days of hours."""
        mine = self.candles[-96:, 2]
        others = self.get_candles(self.exchange, self.other, self.timeframe)[-96:, 2]
        return np.log(mine / others)

    @property
    def score(self) -> float:
        """How far the spread is from its mean, in standard deviations."""
        spreads = self.spreads()
        return (spreads[-1] - spreads.mean()) / spreads.std()

    def ml_features(self) -> dict:
        spreads = self.spreads()
        changes = np.diff(spreads)
        return {
            "score": abs(self.score),
            "last_change": np.sign(self.score) * changes[-1] / changes.std(),
            "crossings": float(np.count_nonzero(np.diff(np.sign(spreads - spreads.mean())))),
            "width": spreads.std() / changes.std(),
        }

    def is_accepted(self) -> bool:
        return self.ml_mode == "gather" or self.ml_predict_proba()[1] >= 0.5

    def should_long(self) -> bool:
        return self.score < -2 and self.is_accepted()

    def should_short(self) -> bool:
        return self.score > 2 and self.is_accepted()

    def go_long(self):
        self.buy = self.quantity(), self.price

    def go_short(self):
        self.sell = self.quantity(), self.price

    def quantity(self) -> float:
        return utils.size_to_qty(2_000, self.price, precision=6, fee_rate=self.fee_rate)

    def on_open_position(self, order):
        self.vars["opened"], self.vars["spread"] = self.index, self.spreads()[-1]
        if self.ml_mode == "gather":
            self.record_features(self.ml_features())

    def update_position(self):
        is_back = self.score >= -0.5 if self.is_long else self.score <= 0.5
        if is_back or self.index - self.vars["opened"] >= 48:
            self.liquidate()

    def on_close_position(self, order, closed_trade):
        if self.ml_mode == "gather":
            side = 1 if closed_trade.type == "long" else -1
            gain = side * (self.spreads()[-1] - self.vars["spread"])
            self.record_label("pair_won", bool(gain > 4 * self.fee_rate))
