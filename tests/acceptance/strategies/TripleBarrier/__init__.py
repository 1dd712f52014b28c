"""Pattern 2: which of three barriers the close reaches first. Deployed, it trades the side that is likelier."""

import jesse.indicators as ta
from jesse import utils
from jesse.strategies import Strategy


class TripleBarrier(Strategy):
    """Observes without a trade: barriers 1.5 ATR away, and one twelve bars ahead."""

    width, horizon, threshold = 1.5, 12, 0.4

    def __init__(self):
        super().__init__()
        self.anchor = None

    def before(self):
        if self.ml_mode != "gather":
            return
        if self.anchor is not None:
            self._observe()
        if self.anchor is None:
            reach = self.width * ta.atr(self.candles, 14)
            self.anchor = (self.index, self.price + reach, self.price - reach)
            self.record_features(self.ml_features())

    def _observe(self):
        start, upper, lower = self.anchor
        if self.price >= upper:
            outcome = 1
        elif self.price <= lower:
            outcome = -1
        elif self.index - start >= self.horizon:
            outcome = 0
        else:
            return
        self.record_label("triple_barrier", outcome)
        self.anchor = None

    def ml_features(self) -> dict:
        srsi = ta.srsi(self.candles)
        macd = ta.macd(self.candles)
        stoch = ta.stoch(self.candles)
        close = self.candles[:, 2]
        return {
            "macd_hist": macd.hist / self.price,
            "srsi_gap": (srsi.k - srsi.d) / 100,
            "stoch_k": stoch.k / 100,
            "ema_distance": self.price / ta.ema(self.candles, 50) - 1,
            "return_4": close[-1] / close[-5] - 1,
            "rising": bool(close[-1] > close[-2]),
        }

    def should_long(self) -> bool:
        if self.ml_mode != "deploy":
            return False
        chances = self.ml_predict_proba()
        return chances.get(1, 0.0) >= self.threshold and chances.get(1, 0.0) > 1.2 * chances.get(-1, 0.0)

    def should_short(self) -> bool:
        if self.ml_mode != "deploy":
            return False
        chances = self.ml_predict_proba()
        return chances.get(-1, 0.0) >= self.threshold and chances.get(-1, 0.0) > 1.2 * chances.get(1, 0.0)

    def go_long(self):
        self.buy = utils.size_to_qty(self.available_margin / 2, self.price, fee_rate=self.fee_rate), self.price

    def go_short(self):
        self.sell = utils.size_to_qty(self.available_margin / 2, self.price, fee_rate=self.fee_rate), self.price

    def on_open_position(self, order):
        reach = self.width * ta.atr(self.candles, 14)
        side = 1 if self.is_long else -1
        quantity = abs(self.position.qty)
        self.take_profit = quantity, self.position.entry_price + side * reach
        self.stop_loss = quantity, self.position.entry_price - side * reach
