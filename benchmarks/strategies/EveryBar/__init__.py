"""Asks its model on every bar, and trades on none."""

import jesse.indicators as ta
from jesse.strategies import Strategy


class EveryBar(Strategy):
    """Ten features, one prediction a bar."""

    def before(self):
        if self.ml_mode == "deploy":
            self.vars["sum"] = self.vars.get("sum", 0.0) + self.ml_predict_proba()[1]

    def ml_features(self) -> dict:
        candles = self.candles
        close = candles[:, 2]
        return {
            "atr": ta.atr(candles, 14) / self.price,
            "adx": ta.adx(candles, 14),
            "rsi": ta.rsi(candles, 14),
            "ema_9": self.price / ta.ema(candles, 9) - 1,
            "ema_50": self.price / ta.ema(candles, 50) - 1,
            "r1": close[-1] / close[-2] - 1,
            "r2": close[-1] / close[-3] - 1,
            "r4": close[-1] / close[-5] - 1,
            "r8": close[-1] / close[-9] - 1,
            "r16": close[-1] / close[-17] - 1,
        }

    def should_long(self) -> bool:
        return False

    def go_long(self):
        pass
