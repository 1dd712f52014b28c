"""Triple barrier with three features on every observation."""

import jesse.indicators as ta
from jesse.strategies import Strategy


class Barrier3(Strategy):
    """Barriers 1.5 ATR away, and one twenty bars ahead; features on every bar."""

    def before(self):
        atr = ta.atr(self.candles, 14)
        anchor = self.vars.get("anchor")
        if anchor is not None:
            start, upper, lower = anchor
            if self.price >= upper:
                self.finish(1)
            elif self.price <= lower:
                self.finish(-1)
            elif self.index - start >= 20:
                self.finish(0)
        if self.vars.get("anchor") is None:
            self.vars["anchor"] = (self.index, self.price + 1.5 * atr, self.price - 1.5 * atr)
            self.record_features(self.ml_features())

    def finish(self, outcome):
        self.record_label("triple_barrier", outcome)
        self.vars["anchor"] = None

    def ml_features(self) -> dict:
        return {
            "atr": ta.atr(self.candles, 14) / self.price,
            "rsi": ta.rsi(self.candles, 14),
            "ema": self.price / ta.ema(self.candles, 50) - 1,
        }

    def should_long(self) -> bool:
        return False

    def go_long(self):
        pass
