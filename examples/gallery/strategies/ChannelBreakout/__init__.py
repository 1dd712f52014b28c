"""Breakout: stop orders at the ends of a Donchian channel, the nearer end at a time."""

import jesse.indicators as ta
from jesse import utils
from jesse.strategies import Strategy


class ChannelBreakout(Strategy):
    """The order is placed again on each bar, with the channel of that bar, if the model accepts it."""

    def channel(self):
        return ta.donchian(self.candles, 48)

    @property
    def side(self) -> int:
        """1 in the upper half of the channel, where its upper end is nearer."""
        return 1 if self.price >= self.channel().middleband else -1

    def ml_features(self) -> dict:
        channel, atr = self.channel(), ta.atr(self.candles, 14)
        edge = channel.upperband if self.side == 1 else channel.lowerband
        return {
            "adx": ta.adx(self.candles, 14),
            "distance": abs(edge - self.price) / atr,
            "momentum": self.side * (self.price - self.candles[-13, 2]) / atr,
            "volatility": atr / ta.atr(self.candles, 100),
            "width": (channel.upperband - channel.lowerband) / atr,
        }

    def is_accepted(self) -> bool:
        # With a stop 2 ATR away and a target 3 ATR away, two of five trades must win before costs.
        return self.ml_mode == "gather" or self.ml_predict_proba()[1] >= 0.42

    def should_long(self) -> bool:
        return self.side == 1 and self.channel().upperband > self.price and self.is_accepted()

    def should_short(self) -> bool:
        return self.side == -1 and self.channel().lowerband < self.price and self.is_accepted()

    def should_cancel_entry(self) -> bool:
        return True

    def go_long(self):
        self.buy = self.quantity(), self.channel().upperband
        self.record_if_gathering()

    def go_short(self):
        self.sell = self.quantity(), self.channel().lowerband
        self.record_if_gathering()

    def quantity(self) -> float:
        return utils.size_to_qty(2_000, self.price, precision=6, fee_rate=self.fee_rate)

    def record_if_gathering(self):
        # A later order replaces these features by its own: those of the order that fills are kept.
        if self.ml_mode == "gather":
            self.record_features(self.ml_features())

    def on_open_position(self, order):
        atr, side, quantity = ta.atr(self.candles, 14), 1 if self.is_long else -1, abs(self.position.qty)
        self.stop_loss = quantity, self.position.entry_price - side * 2 * atr
        self.take_profit = quantity, self.position.entry_price + side * 3 * atr

    def on_close_position(self, order, closed_trade):
        if self.ml_mode == "gather":
            self.record_label("win", closed_trade.pnl > 0)
