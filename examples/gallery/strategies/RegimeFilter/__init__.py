"""Regime filter: momentum on every signal, and a model that says when the market is one for momentum."""

import numpy as np

import livermore.indicators as ta
from livermore import Strategy, utils
from livermore.ml.labels import TradeOutcome

HOLDING_BARS = 3


class RegimeFilter(Strategy):
    """Goes with the last twelve hours, for three."""

    @property
    def side(self) -> int:
        return int(np.sign(self.price - self.candles[-13, 2]))

    def ml_features(self) -> dict:
        moves = np.abs(np.diff(np.log(self.candles[-169:, 2])))
        return {
            "activity": moves[-24:].mean() / moves.mean(),
            "activity_now": moves[-3:].mean() / moves.mean(),
            "adx": ta.adx(self.candles, 14),
            "chop": ta.chop(self.candles, 14),
        }

    def is_accepted(self) -> bool:
        return self.ml_mode == "gather" or self.ml_predict_proba()[1] >= 0.5

    def should_long(self) -> bool:
        return self.side == 1 and self.is_accepted()

    def should_short(self) -> bool:
        return self.side == -1 and self.is_accepted()

    def go_long(self):
        self.buy = self.quantity(), self.price

    def go_short(self):
        self.sell = self.quantity(), self.price

    def quantity(self) -> float:
        return utils.size_to_qty(2_000, self.price, precision=6, fee_rate=self.fee_rate)

    def on_open_position(self, order):
        self.vars["opened"] = self.index
        self.observe(self.ml_features, label=TradeOutcome(name="win"), side=self.position.type)

    def update_position(self):
        if self.index - self.vars["opened"] >= HOLDING_BARS - 1:
            self.liquidate()
