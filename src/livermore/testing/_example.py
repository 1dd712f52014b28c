"""A small backtest that is ready to run, for examples and for tests of one's own tools."""

from typing import Any

from livermore.candles import synthetic_candles
from livermore.strategies import Strategy

__all__ = ["ExampleStrategy", "example_backtest"]

MINUTES_A_DAY = 1440


class ExampleStrategy(Strategy):
    """Buys after a rising bar and sells a bar later; records the size of the rise, and whether the trade won.

    Examples
    --------
    >>> from livermore.testing import example_backtest
    >>> from livermore import backtest
    >>> given = example_backtest(days=2)
    >>> given["routes"][0]["strategy"] is ExampleStrategy, backtest(**given)["metrics"]["total"]
    (True, 93)
    """

    def ml_features(self) -> dict[str, float]:
        """Return the change of the last bar, as a fraction."""
        return {"change": self.close / self.open - 1}

    def should_long(self) -> bool:
        """Buy after a rising bar; in deploy mode, if the model expects the trade to win."""
        return self.close > self.open and (self.ml_mode == "gather" or self.ml_predict_proba()[1] > 0.5)

    def go_long(self) -> None:
        """Buy a tenth of a unit at the market price."""
        self.buy = 0.1, self.price
        if self.ml_mode == "gather":
            self.record_features(self.ml_features())

    def update_position(self) -> None:
        """Sell at the next bar."""
        self.liquidate()

    def on_close_position(self, order: Any, closed_trade: Any) -> None:
        """Record whether the trade won."""
        if self.ml_mode == "gather":
            self.record_label("win", closed_trade.pnl > 0)


def example_backtest(days: int = 20, *, seed: int = 1) -> dict[str, Any]:
    """Return the arguments of a small backtest on synthetic candles: config, routes, data_routes, candles.

    Parameters
    ----------
    days : int
        Length of the backtest.
    seed : int
        Seed of the candles.

    Examples
    --------
    >>> from livermore import backtest
    >>> backtest(**example_backtest())["metrics"]["total"]
    947
    """
    market = {"exchange": "Sandbox", "symbol": "BTC-USDT"}
    return {
        "config": {
            "starting_balance": 10_000,
            "fee": 0.0005,
            "type": "spot",
            "exchange": "Sandbox",
            "warm_up_candles": 0,
        },
        "routes": [{**market, "strategy": ExampleStrategy, "timeframe": "15m"}],
        "data_routes": [],
        "candles": {
            "Sandbox-BTC-USDT": {**market, "candles": synthetic_candles(days * MINUTES_A_DAY, seed=seed)},
        },
    }
