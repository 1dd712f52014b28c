"""Pattern 3: the log return over the next eight bars. Deployed, it sizes by what the model expects."""

import math

import jesse.indicators as ta
from jesse import utils
from jesse.strategies import Strategy


class TimeWindow(Strategy):
    """Observes without a trade, one window after another."""

    horizon, gate = 8, 0.0001

    def before(self):
        if self.ml_mode != "gather":
            return
        start = self.vars.get("start")
        if start is not None and self.index - start >= self.horizon:
            self.record_label("log_return", round(math.log(self.price / self.vars["entry"]), 6))
            start = None
        if start is None:
            self.vars["start"], self.vars["entry"] = self.index, self.price
            self.record_features(self.ml_features())

    def ml_features(self) -> dict:
        keltner = ta.keltner(self.candles, 20)
        return {
            "keltner_position": (self.price - keltner.lowerband) / (keltner.upperband - keltner.lowerband),
            "rsi": ta.rsi(self.candles, 14) / 100 - 0.5,
            "adx": ta.adx(self.candles) / 100,
            "sma_gap": ta.sma(self.candles, 10) / ta.sma(self.candles, 40) - 1,
            "range_ratio": (self.high - self.low) / self.price,
        }

    def should_long(self) -> bool:
        return self.ml_mode == "deploy" and self._expected() > self.gate

    def should_short(self) -> bool:
        return self.ml_mode == "deploy" and self._expected() < -self.gate

    def _expected(self) -> float:
        return self.ml_predict()

    def go_long(self):
        self.buy = self._quantity(), self.price

    def go_short(self):
        self.sell = self._quantity(), self.price

    def _quantity(self) -> float:
        share = min(max(abs(self._expected()) / self.gate / 10, 0.1), 0.5)
        return utils.size_to_qty(self.available_margin * share, self.price, fee_rate=self.fee_rate)

    def on_open_position(self, order):
        self.vars["opened"] = self.index

    def update_position(self):
        if self.index - self.vars["opened"] >= self.horizon:
            self.liquidate()
