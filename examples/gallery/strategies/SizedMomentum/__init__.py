"""Regression sizing: the model predicts a return, and the position is as large as the prediction."""

import numpy as np

import livermore.indicators as ta
from livermore import Strategy, utils
from livermore.ml.labels import FixedHorizon

HOLDING_BARS = 3


class SizedMomentum(Strategy):
    """Goes with the last twelve hours, for three, when the return that is predicted exceeds what the trade costs."""

    @property
    def side(self) -> str:
        return "long" if self.price >= self.candles[-13, 2] else "short"

    def moves(self) -> np.ndarray:
        """Absolute log returns of the last week of hours."""
        return np.abs(np.diff(np.log(self.candles[-169:, 2])))

    def ml_features(self) -> dict:
        moves = self.moves()
        return {
            "activity": moves[-24:].mean() / moves.mean(),
            "activity_now": moves[-3:].mean() / moves.mean(),
            "momentum": abs(np.log(self.price / self.candles[-13, 2])) / moves.mean(),
            "rsi": abs(ta.rsi(self.candles, 14) - 50),
        }

    @property
    def size(self) -> float:
        """The share of the full position: all of it for a return of one usual hour after costs."""
        if self.ml_mode == "gather":
            return 1.0
        # Fees of entry and exit are in the label already.
        return float(np.clip(self.ml_predict() / self.moves().mean(), 0, 1).round(1))

    def should_long(self) -> bool:
        return self.side == "long" and self.size > 0

    def should_short(self) -> bool:
        return self.side == "short" and self.size > 0

    def go_long(self):
        self.buy = self.quantity(), self.price

    def go_short(self):
        self.sell = self.quantity(), self.price

    def quantity(self) -> float:
        return utils.size_to_qty(2_000 * self.size, self.price, precision=6, fee_rate=self.fee_rate)

    def on_open_position(self, order):
        self.vars["opened"] = self.index
        label = FixedHorizon(bars=HOLDING_BARS, kind="simple", fee=self.fee_rate, name="net_return")
        self.observe(self.ml_features, label=label, side=self.position.type)

    def update_position(self):
        if self.index - self.vars["opened"] >= HOLDING_BARS - 1:
            self.liquidate()
