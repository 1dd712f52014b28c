"""Several timeframes: the trend of four hours decides on the side, bars of 15 minutes on the entry."""

import jesse.indicators as ta
from jesse import utils
from jesse.strategies import Strategy


class HigherTimeframe(Strategy):
    """Needs a data route of 4h. Of its candles only those that are complete are used."""

    def slow_candles(self):
        candles = self.get_candles(self.exchange, self.symbol, "4h")
        # The last one is forming unless this bar ends it, so it is left out: its features would change within the bar.
        return candles[:-1]

    @property
    def trend(self) -> int:
        candles = self.slow_candles()
        return 1 if candles[-1, 2] > ta.sma(candles, 30) else -1

    @property
    def is_pullback(self) -> bool:
        """Whether the RSI of this timeframe is far on the side against the trend."""
        return self.trend * (ta.rsi(self.candles, 14) - 50) < -18

    def ml_features(self) -> dict:
        slow, atr = self.slow_candles(), ta.atr(self.candles, 14)
        return {
            "adx": ta.adx(self.candles, 14),
            "slow_adx": ta.adx(slow, 14),
            "slow_distance": self.trend * (slow[-1, 2] - ta.sma(slow, 30)) / ta.atr(slow, 14),
            "slow_rsi": self.trend * (ta.rsi(slow, 14) - 50),
            "volatility": atr / ta.atr(self.candles, 100),
        }

    def is_accepted(self) -> bool:
        return self.ml_mode == "gather" or self.ml_predict_proba()[1] >= 0.5

    def should_long(self) -> bool:
        return self.trend == 1 and self.is_pullback and self.is_accepted()

    def should_short(self) -> bool:
        return self.trend == -1 and self.is_pullback and self.is_accepted()

    def go_long(self):
        self.buy = self.quantity(), self.price

    def go_short(self):
        self.sell = self.quantity(), self.price

    def quantity(self) -> float:
        return utils.size_to_qty(2_000, self.price, precision=6, fee_rate=self.fee_rate)

    def on_open_position(self, order):
        atr, side, quantity = ta.atr(self.candles, 14), 1 if self.is_long else -1, abs(self.position.qty)
        self.stop_loss = quantity, self.position.entry_price - side * 3 * atr
        self.take_profit = quantity, self.position.entry_price + side * 3 * atr
        if self.ml_mode == "gather":
            self.record_features(self.ml_features())

    def on_close_position(self, order, closed_trade):
        if self.ml_mode == "gather":
            self.record_label("win", closed_trade.pnl > 0)
