"""Triple barrier with ten features on every observation."""

import jesse.indicators as ta
from jesse.strategies import Strategy


class Barrier10(Strategy):
    """Barriers 1.5 ATR away, and one twenty bars ahead; ten features on every bar."""

    def before(self):
        features = self.ml_features()
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
            reach = 1.5 * ta.atr(self.candles, 14)
            self.vars["anchor"] = (self.index, self.price + reach, self.price - reach)
            self.record_features(features)

    def finish(self, outcome):
        self.record_label("triple_barrier", outcome)
        self.vars["anchor"] = None

    def ml_features(self) -> dict:
        candles = self.candles
        srsi, bands = ta.srsi(candles), ta.keltner(candles)
        return {
            "atr": ta.atr(candles, 14) / self.price,
            "adx": ta.adx(candles, 14),
            "rsi": ta.rsi(candles, 14),
            "srsi_k": srsi.k,
            "srsi_d": srsi.d,
            "ema_9": self.price / ta.ema(candles, 9) - 1,
            "ema_21": self.price / ta.ema(candles, 21) - 1,
            "ema_50": self.price / ta.ema(candles, 50) - 1,
            "ema_200": self.price / ta.ema(candles, 200) - 1,
            "keltner": (self.price - bands.lowerband) / (bands.upperband - bands.lowerband),
        }

    def should_long(self) -> bool:
        return False

    def go_long(self):
        pass
