"""Strategies without a peek: the three gathering patterns, a second timeframe, two orders at once, declared state."""

import math

import numpy as np

import livermore.indicators as ta
from livermore.strategies import Strategy, cached


class CloseLabel(Strategy):
    """Features at the signal, label when the trade closes."""

    def ml_features(self):
        return {
            "rsi": ta.rsi(self.candles, 14),
            "distance": self.price / ta.ema(self.candles, 21) - 1,
            "hour": float(int(self.current_candle[0] // 3_600_000) % 24),
            "atr": ta.atr(self.candles, 14) / self.price,
        }

    def should_long(self):
        if ta.ema(self.candles, 8) <= ta.ema(self.candles, 21):
            return False
        if self.ml_mode == "deploy":
            return self.ml_predict_proba()[1] >= 0.55
        self.record_features(self.ml_features())
        return True

    def go_long(self):
        qty = self.available_margin * 0.3 / self.price
        atr = ta.atr(self.candles, 14)
        self.buy = qty, self.price
        self.stop_loss = qty, self.price - 2 * atr
        self.take_profit = qty, self.price + 2 * atr

    def should_cancel_entry(self):
        return True

    def on_close_position(self, order, closed_trade):
        if self.ml_mode == "gather":
            self.record_label("win", closed_trade.pnl > 0)


class TripleBarrier(Strategy):
    """Barriers in `before`, no trades."""

    def __init__(self):
        super().__init__()
        self.anchor = None

    def ml_features(self):
        bands = ta.bollinger_bands(self.candles, 20)
        return {"width": (bands.upperband - bands.lowerband) / self.price, "adx": ta.adx(self.candles, 14)}

    def before(self):
        if self.anchor is not None:
            up, down, bar = self.anchor
            label = 1 if self.price >= up else -1 if self.price <= down else 0 if self.index - bar >= 12 else None
            if label is None:
                return
            self.record_label("barrier", label)
        width = 1.5 * ta.atr(self.candles, 14)
        if not width > 0:
            self.anchor = None
            return
        self.anchor = self.price + width, self.price - width, self.index
        self.record_features(self.ml_features())

    def should_long(self):
        return False

    def go_long(self):
        pass


class TimeWindow(Strategy):
    """A label some bars later, from logs of prices; sequential indicators; numpy of the visible candles."""

    def ml_features(self):
        closes = self.candles[:, 2]
        return {
            "slope": float(np.polyfit(np.arange(20), np.log(closes[-20:]), 1)[0]) if len(closes) >= 20 else None,
            "sequential": float(ta.sma(self.candles, 10, sequential=True)[-1] / closes[-1] - 1),
            "centred_on_the_past": float(np.convolve(closes[-31:], np.ones(31) / 31, mode="valid")[-1] / closes[-1]),
        }

    def before(self):
        if self.index % 6 == 0:
            if "entry" in self.vars:
                self.record_label("return", round(math.log(self.price / self.vars["entry"]), 6))
            self.vars["entry"] = self.price
            self.record_features(self.ml_features())

    def should_long(self):
        return False

    def go_long(self):
        pass


class HigherTimeframe(Strategy):
    """The four-hour candles, the last of which is forming; shorts as well; limit entries and changed stops."""

    @property
    @cached
    def trend(self):
        return ta.ema(self.get_candles(self.exchange, self.symbol, "4h"), 5)

    def ml_features(self):
        return {"trend": self.price / self.trend - 1, "side": 1.0 if self.price > self.trend else -1.0}

    def should_long(self):
        return self._signal() == 1

    def should_short(self):
        return self._signal() == -1

    def _signal(self):
        if self.index % 5:
            return 0
        self.record_features(self.ml_features())
        return 1 if self.price > self.trend else -1

    def go_long(self):
        self.buy = 0.1 * self.available_margin / self.price, self.price * 0.999

    def go_short(self):
        self.sell = 0.1 * self.available_margin / self.price, self.price * 1.001

    def on_open_position(self, order):
        sign = 1 if self.is_long else -1
        self.stop_loss = abs(self.position.qty), self.price * (1 - 0.01 * sign)
        self.take_profit = abs(self.position.qty), self.price * (1 + 0.01 * sign)

    def update_position(self):
        if self.index % 7 == 0:
            sign = 1 if self.is_long else -1
            self.stop_loss = abs(self.position.qty), self.price * (1 - 0.008 * sign)

    def on_close_position(self, order, closed_trade):
        self.record_label("win", closed_trade.pnl > 0)


HONEST = (CloseLabel, TripleBarrier, TimeWindow, HigherTimeframe)
