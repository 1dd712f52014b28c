"""Trades all the time with the same small quantity, and labels each trade when it closes."""

import jesse.indicators as ta
from jesse.strategies import Strategy


class Trading(Strategy):
    """Buys and sells pullbacks by limit orders with a stop and a target."""

    def should_long(self) -> bool:
        return self.consider(ta.ema(self.candles, 9) > ta.ema(self.candles, 21))

    def should_short(self) -> bool:
        return self.consider(ta.ema(self.candles, 9) < ta.ema(self.candles, 21))

    def consider(self, signal) -> bool:
        if signal:
            self.record_features(self.ml_features())
        return signal

    def ml_features(self) -> dict:
        return {
            "atr": ta.atr(self.candles, 14) / self.price,
            "rsi": ta.rsi(self.candles, 14),
            "adx": ta.adx(self.candles, 14),
        }

    def go_long(self):
        reach = ta.atr(self.candles, 14)
        entry = self.price - 0.3 * reach
        self.buy = 0.01, entry
        self.stop_loss = 0.01, entry - reach
        self.take_profit = 0.01, entry + 1.2 * reach

    def go_short(self):
        reach = ta.atr(self.candles, 14)
        entry = self.price + 0.3 * reach
        self.sell = 0.01, entry
        self.stop_loss = 0.01, entry + reach
        self.take_profit = 0.01, entry - 1.2 * reach

    def on_close_position(self, order, closed_trade):
        self.record_label("win", bool(closed_trade.pnl > 0))
