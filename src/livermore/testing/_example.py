"""A small backtest that is ready to run, its samples and a model, for examples and for tests of one's own tools."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from livermore.candles import synthetic_candles
from livermore.strategies import Strategy

if TYPE_CHECKING:
    from livermore.ml.result import TrainingResult

__all__ = ["ExampleStrategy", "example_backtest", "example_samples", "example_training"]

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


def example_samples() -> list[dict[str, Any]]:
    """Return the samples that `ExampleStrategy` records in `example_backtest`.

    Examples
    --------
    >>> samples = example_samples()
    >>> len(samples), list(samples[0]["features"]), samples[0]["label"]["name"]
    (947, ['change'], 'win')
    """
    from livermore.research import gather_ml_data

    gathered = gather_ml_data(**example_backtest(), csv_path=None, verbose=False)
    samples: list[dict[str, Any]] = gathered["data_points"]
    return samples


def example_training(save_to: str | Path | None = None) -> "TrainingResult":
    """Train a logistic regression on `example_samples`, without evidence and importance, which take longer.

    Parameters
    ----------
    save_to : path-like, optional
        The folder in which the model is saved; by default it is not.

    Examples
    --------
    >>> example_training().feature_names
    ['change']
    """
    from sklearn.linear_model import LogisticRegression

    from livermore.research import train_model

    options: dict[str, Any] = {"evidence": False, "importance": False, "verbose": False}
    return train_model(example_samples(), LogisticRegression(), save_to=save_to, **options)
