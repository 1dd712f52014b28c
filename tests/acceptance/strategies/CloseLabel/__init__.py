"""Pattern 1: the label of a trade is known when it closes. Deployed, it enters only where a win is likely."""

import jesse.indicators as ta
from jesse import utils
from jesse.strategies import Strategy


class CloseLabel(Strategy):
    """Buys pullbacks by limit orders, so that some entries never fill and their features are recorded again."""

    threshold = 0.5

    @property
    def atr(self):
        return ta.atr(self.candles, 14)

    def should_long(self) -> bool:
        return self._consider(ta.ema(self.candles, 9) > ta.ema(self.candles, 21))

    def should_short(self) -> bool:
        return self._consider(ta.ema(self.candles, 9) < ta.ema(self.candles, 21) and ta.rsi(self.candles, 14) > 52)

    def go_long(self):
        entry = self.price - 0.3 * self.atr
        quantity = utils.risk_to_qty(self.available_margin, 1, entry, entry - self.atr, fee_rate=self.fee_rate)
        self.buy = quantity, entry
        self.stop_loss = quantity, entry - self.atr
        self.take_profit = quantity, entry + 1.2 * self.atr

    def go_short(self):
        entry = self.price + 0.3 * self.atr
        quantity = utils.risk_to_qty(self.available_margin, 1, entry, entry + self.atr, fee_rate=self.fee_rate)
        self.sell = quantity, entry
        self.stop_loss = quantity, entry + self.atr
        self.take_profit = quantity, entry - 1.2 * self.atr

    def should_cancel_entry(self) -> bool:
        return True

    def on_close_position(self, order, closed_trade):
        if self.ml_mode == "gather":
            self.record_label("win", bool(closed_trade.pnl > 0))

    def ml_features(self) -> dict:
        bands = ta.bollinger_bands(self.candles, 20)
        channel = ta.donchian(self.candles, 20)
        return {
            # The bar itself, so that a test can tell whether the sample's time is that of its features.
            "bar_day": self.current_candle[0] / 86_400_000,
            "atr_ratio": self.atr / self.price,
            "adx": ta.adx(self.candles, 14) / 100,
            "rsi": ta.rsi(self.candles, 14) / 100,
            "ema_gap": ta.ema(self.candles, 9) / ta.ema(self.candles, 21) - 1,
            "band_position": (self.price - bands.lowerband) / (bands.upperband - bands.lowerband),
            "channel_position": (self.price - channel.lowerband) / (channel.upperband - channel.lowerband),
        }

    def _consider(self, signal) -> bool:
        if not signal or self.index % 3:
            return False
        if self.ml_mode == "deploy":
            return self.ml_predict_proba()[1] >= self.threshold
        self.record_features(self.ml_features())
        return True
