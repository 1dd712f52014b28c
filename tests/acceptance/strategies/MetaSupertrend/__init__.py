"""Meta-labeling: a supertrend flip gives the side, the model says whether to take it, and how large."""

import jesse.indicators as ta
from jesse import utils
from jesse.strategies import Strategy


class MetaSupertrend(Strategy):
    """The label says whether the target was reached before the stop and the last bar."""

    target, stop, horizon, threshold = 1.5, 1.0, 16, 0.5

    def __init__(self):
        super().__init__()
        self.watched = None

    def signal(self) -> int:
        trend = ta.supertrend(self.candles, 10, 2, sequential=True).trend
        above = self.candles[-2:, 2] > trend[-2:]
        if above[1] == above[0]:
            return 0
        return 1 if above[1] else -1

    def before(self):
        if self.ml_mode != "gather":
            return
        if self.watched is not None:
            self._observe()
        side = self.signal()
        if side and self.watched is None:
            reach = ta.atr(self.candles, 14)
            self.watched = (
                self.index,
                side,
                self.price + side * self.target * reach,
                self.price - side * self.stop * reach,
            )
            self.record_features(self.ml_features())

    def _observe(self):
        start, side, target, stop = self.watched
        if (self.price - target) * side >= 0:
            outcome = True
        elif (self.price - stop) * side <= 0 or self.index - start >= self.horizon:
            outcome = False
        else:
            return
        self.record_label("target_first", outcome)
        self.watched = None

    def ml_features(self) -> dict:
        short, long = ta.ema(self.candles, 21), ta.ema(self.candles, 200)
        return {
            "signal_side": self.signal(),
            "atr_ratio": ta.atr(self.candles, 14) / self.price,
            "adx": ta.adx(self.candles, 14) / 100,
            "rsi": ta.rsi(self.candles, 14) / 100,
            "trend": short / long - 1,
            "srsi_k": ta.srsi(self.candles).k / 100,
        }

    def should_long(self) -> bool:
        return self.ml_mode == "deploy" and self.signal() > 0 and self._confidence() >= self.threshold

    def should_short(self) -> bool:
        return self.ml_mode == "deploy" and self.signal() < 0 and self._confidence() >= self.threshold

    def _confidence(self) -> float:
        return self.ml_predict_proba()[1]

    def go_long(self):
        self._enter(1)

    def go_short(self):
        self._enter(-1)

    def _enter(self, side: int):
        reach = ta.atr(self.candles, 14)
        risk = 1 + (self._confidence() - self.threshold) / (1 - self.threshold)
        stop = self.price - side * self.stop * reach
        quantity = utils.risk_to_qty(self.available_margin, risk, self.price, stop, fee_rate=self.fee_rate)
        if side > 0:
            self.buy = quantity, self.price
        else:
            self.sell = quantity, self.price
        self.stop_loss = quantity, stop
        self.take_profit = quantity, self.price + side * self.target * reach
