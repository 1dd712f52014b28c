"""A regression with eighteen features, some of them from four-hour candles."""

import math

import jesse.indicators as ta
from jesse import utils
from jesse.strategies import Strategy


class WideRegression(Strategy):
    """Labels every fourth bar with the return of the next six, in units of ATR."""

    horizon, gate = 6, 0.05

    def before(self):
        if self.ml_mode != "gather":
            return
        start = self.vars.get("start")
        if start is not None and self.index - start >= self.horizon:
            self.record_label("return_in_atr", float((self.price - self.vars["entry"]) / self.vars["atr"]))
            start = None
        if start is None:
            self.vars.update(start=self.index, entry=self.price, atr=ta.atr(self.candles, 14))
            self.record_features(self.ml_features())

    def ml_features(self) -> dict:
        slow = self.get_candles(self.exchange, self.symbol, "4h")
        c = self.candles
        bands, channel, keltner = ta.bollinger_bands(c, 20), ta.donchian(c, 20), ta.keltner(c, 20)
        macd, srsi, stoch = ta.macd(c), ta.srsi(c), ta.stoch(c)
        trend = ta.supertrend(c, 10, 3)
        return {
            "atr_ratio": ta.atr(c, 14) / self.price,
            "adx": ta.adx(c, 14) / 100,
            "rsi_7": ta.rsi(c, 7) / 100,
            "rsi_14": ta.rsi(c, 14) / 100,
            "srsi_k": srsi.k / 100,
            "srsi_d": srsi.d / 100,
            "stoch_k": stoch.k / 100,
            "stoch_d": stoch.d / 100,
            "ema_9": self.price / ta.ema(c, 9) - 1,
            "ema_50": self.price / ta.ema(c, 50) - 1,
            "ema_200": self.price / ta.ema(c, 200) - 1,
            "macd": macd.macd / self.price,
            "macd_signal": macd.signal / self.price,
            "band_width": (bands.upperband - bands.lowerband) / bands.middleband,
            "channel_position": (self.price - channel.lowerband) / (channel.upperband - channel.lowerband),
            "keltner_position": (self.price - keltner.lowerband) / (keltner.upperband - keltner.lowerband),
            "supertrend_distance": self.price / trend.trend - 1,
            "slow_return": math.log(slow[-1, 2] / ta.ema(slow, 9)),
        }

    def should_long(self) -> bool:
        return self.ml_mode == "deploy" and self.ml_predict() > self.gate

    def should_short(self) -> bool:
        return self.ml_mode == "deploy" and self.ml_predict() < -self.gate

    def go_long(self):
        self.buy = utils.size_to_qty(self.available_margin / 2, self.price, fee_rate=self.fee_rate), self.price

    def go_short(self):
        self.sell = utils.size_to_qty(self.available_margin / 2, self.price, fee_rate=self.fee_rate), self.price

    def on_open_position(self, order):
        reach, side = 2 * ta.atr(self.candles, 14), 1 if self.is_long else -1
        quantity = abs(self.position.qty)
        self.take_profit = quantity, self.position.entry_price + side * reach
        self.stop_loss = quantity, self.position.entry_price - side * reach
