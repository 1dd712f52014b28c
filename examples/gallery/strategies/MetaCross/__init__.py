"""Meta-labeling: two averages say on which side, the model says whether and with how much money."""

import livermore.indicators as ta
from livermore import Strategy, utils
from livermore.ml.labels import TripleBarrier
from livermore.ml.sizing import bet_size

BARRIER, BARS = 2.0, 24


class MetaCross(Strategy):
    """Trades with the faster average, from one crossing of a day's momentum to the barriers."""

    @property
    def side(self) -> str:
        return "long" if ta.ema(self.candles, 8) > ta.ema(self.candles, 21) else "short"

    @property
    def is_crossing(self) -> bool:
        """Whether the averages have crossed on this bar."""
        fast, slow = (ta.ema(self.candles, period, sequential=True)[-2:] for period in (8, 21))
        return (fast[0] > slow[0]) != (fast[1] > slow[1])

    def ml_features(self) -> dict:
        atr, sign = ta.atr(self.candles, 14), 1 if self.side == "long" else -1
        return {
            "adx": ta.adx(self.candles, 14),
            "distance": sign * (self.price - ta.ema(self.candles, 100)) / atr,
            "momentum": sign * (self.price - self.candles[-13, 2]) / atr,
            "volatility": atr / ta.atr(self.candles, 100),
        }

    def before(self):
        if self.is_crossing:
            label = TripleBarrier(
                upper=BARRIER, lower=BARRIER, bars=BARS, unit="atr", atr=ta.atr(self.candles, 14), fee=self.fee_rate
            )
            self.observe(self.ml_features, label=label, side=self.side)

    @property
    def size(self) -> float:
        """The share of the full position: all of it without a model, else what the probability is worth."""
        if self.ml_mode == "gather":
            return 1.0
        return max(0.0, bet_size(self.ml_predict_proba()[1], step=0.1))

    def should_long(self) -> bool:
        return self.is_crossing and self.side == "long" and self.size > 0

    def should_short(self) -> bool:
        return self.is_crossing and self.side == "short" and self.size > 0

    def go_long(self):
        self.buy = self.quantity(), self.price

    def go_short(self):
        self.sell = self.quantity(), self.price

    def quantity(self) -> float:
        return utils.size_to_qty(2_000 * self.size, self.price, precision=6, fee_rate=self.fee_rate)

    def on_open_position(self, order):
        atr, sign, quantity = ta.atr(self.candles, 14), 1 if self.is_long else -1, abs(self.position.qty)
        self.vars["opened"] = self.index
        self.stop_loss = quantity, self.position.entry_price - sign * BARRIER * atr
        self.take_profit = quantity, self.position.entry_price + sign * BARRIER * atr

    def update_position(self):
        if self.index - self.vars["opened"] >= BARS:
            self.liquidate()
