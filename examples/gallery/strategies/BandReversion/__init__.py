"""Mean reversion: trades against moves beyond the Bollinger bands, until the price is back at their middle."""

import jesse.indicators as ta
from jesse import utils
from jesse.strategies import Strategy


class BandReversion(Strategy):
    """Leaves at the middle of the bands, after a day, or at a stop three ATR away."""

    def bands(self):
        return ta.bollinger_bands(self.candles, 20, 2, 2)

    @property
    def position_in_bands(self) -> float:
        """-1 at the lower band, 1 at the upper one."""
        bands = self.bands()
        return (self.price - bands.middleband) / (bands.upperband - bands.middleband)

    def ml_features(self) -> dict:
        bands, atr = self.bands(), ta.atr(self.candles, 14)
        return {
            "adx": ta.adx(self.candles, 14),
            "beyond": abs(self.position_in_bands) - 1,
            "body": abs(self.close - self.open) / atr,
            "range": (self.high - self.low) / atr,
            "width": (bands.upperband - bands.lowerband) / atr,
        }

    def is_accepted(self) -> bool:
        return self.ml_mode == "gather" or self.ml_predict_proba()[1] >= 0.5

    def should_long(self) -> bool:
        return self.position_in_bands < -1 and self.is_accepted()

    def should_short(self) -> bool:
        return self.position_in_bands > 1 and self.is_accepted()

    def go_long(self):
        self.buy = self.quantity(), self.price

    def go_short(self):
        self.sell = self.quantity(), self.price

    def quantity(self) -> float:
        return utils.size_to_qty(2_000, self.price, precision=6, fee_rate=self.fee_rate)

    def on_open_position(self, order):
        side = 1 if self.is_long else -1
        self.vars["opened"] = self.index
        self.stop_loss = abs(self.position.qty), self.position.entry_price - side * 3 * ta.atr(self.candles, 14)
        if self.ml_mode == "gather":
            self.record_features(self.ml_features())

    def update_position(self):
        middle = self.bands().middleband
        is_back = self.price >= middle if self.is_long else self.price <= middle
        if is_back or self.index - self.vars["opened"] >= 24:
            self.liquidate()

    def on_close_position(self, order, closed_trade):
        if self.ml_mode == "gather":
            self.record_label("win", closed_trade.pnl > 0)
