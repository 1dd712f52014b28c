"""Labels without a state machine: observe, gather, train, and read the verdict; on made-up candles with a planted edge.

Run it with ``python examples/observe.py``; it writes nothing.
"""

from typing import Any

from sklearn.linear_model import LogisticRegression

import livermore.indicators as ta
from livermore import Strategy
from livermore.candles import synthetic_candles
from livermore.ml.labels import TripleBarrier
from livermore.research import gather_ml_data, train_model

DAYS = 120
CONFIG = {"exchange": "Sandbox", "type": "spot", "starting_balance": 10_000, "fee": 0.0004, "warm_up_candles": 60}
PLACE = {"exchange": "Sandbox", "symbol": "BTC-USDT"}


class Momentum(Strategy):
    """Asks on every bar whether following the trend would meet the target before the stop."""

    def ml_features(self) -> dict[str, Any]:
        """Return what is known at the close of the bar."""
        return {
            "momentum": self.price / self.candles[-13, 2] - 1,
            "rsi": ta.rsi(self.candles, 14) / 100,
            "atr_ratio": ta.atr(self.candles, 14) / self.price,
        }

    def before(self) -> None:
        """Observe every bar: up to 24 labels are open at once."""
        fast, slow = ta.ema(self.candles, 8), ta.ema(self.candles, 21)
        label = TripleBarrier(upper=2, lower=2, bars=24, unit="atr", atr=ta.atr(self.candles, 14), fee=0.0004)
        self.observe(self.ml_features, label=label, side="long" if fast > slow else "short")

    def should_long(self) -> bool:
        """Never trade."""
        return False

    def go_long(self) -> None:
        """Do nothing."""


def main() -> None:
    """Gather from two months and more, train, and print both reports."""
    rows = synthetic_candles(DAYS * 1440, seed=1, edge=0.3)
    gathered = gather_ml_data(
        CONFIG,
        [{**PLACE, "timeframe": "1h", "strategy": Momentum}],
        [],
        {"Sandbox-BTC-USDT": {**PLACE, "candles": rows[60 * 60 :]}},
        {"Sandbox-BTC-USDT": {**PLACE, "candles": rows[: 60 * 60]}},
        csv_path=None,
    )
    samples = gathered["data_points"]
    open_at_once = sum(s["time"] <= samples[99]["time"] < s["label_time"] for s in samples)
    print(f"{len(samples)} samples, {open_at_once} of them open at once at the hundredth.")
    train_model(samples, LogisticRegression(), importance=False)


if __name__ == "__main__":
    main()
