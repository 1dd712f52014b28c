"""Trend: buys pullbacks of a rising market, and sells those of a falling one."""

import jesse.indicators as ta
from jesse import utils
from jesse.strategies import Strategy


class TrendPullback(Strategy):
    """The trend is that of two averages, a pullback what the RSI says; stop and target in multiples of the ATR."""

    @property
    def trend(self) -> int:
        return 1 if ta.ema(self.candles, 50) > ta.ema(self.candles, 200) else -1

    @property
    def pullback(self) -> float:
        """By how much the RSI is on the other side of 50 than the trend."""
        return -self.trend * (ta.rsi(self.candles, 14) - 50)

    def ml_features(self) -> dict:
        atr = ta.atr(self.candles, 14)
        return {
            "adx": ta.adx(self.candles, 14),
            "distance_of_averages": abs(ta.ema(self.candles, 50) - ta.ema(self.candles, 200)) / atr,
            "pullback": self.pullback,
            "volatility": atr / ta.atr(self.candles, 100),
            "with_trend": self.trend * (self.close - self.open) / atr,
        }

    def is_signal(self) -> bool:
        return self.pullback > 5

    def is_accepted(self) -> bool:
        return self.ml_mode == "gather" or self.ml_predict_proba()[1] >= 0.5

    def should_long(self) -> bool:
        return self.trend == 1 and self.is_signal() and self.is_accepted()

    def should_short(self) -> bool:
        return self.trend == -1 and self.is_signal() and self.is_accepted()

    def go_long(self):
        self.buy = self.quantity(), self.price

    def go_short(self):
        self.sell = self.quantity(), self.price

    def quantity(self) -> float:
        return utils.size_to_qty(2_000, self.price, precision=6, fee_rate=self.fee_rate)

    def on_open_position(self, order):
        atr, side, quantity = ta.atr(self.candles, 14), 1 if self.is_long else -1, abs(self.position.qty)
        self.stop_loss = quantity, self.position.entry_price - side * 2 * atr
        self.take_profit = quantity, self.position.entry_price + side * 2 * atr
        if self.ml_mode == "gather":
            self.record_features(self.ml_features())

    def on_close_position(self, order, closed_trade):
        if self.ml_mode == "gather":
            self.record_label("win", closed_trade.pnl > 0)
