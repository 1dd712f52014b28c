"""The examples of the gallery: which strategy, on which candles, with which estimator.

``python gallery.py`` gathers, trains and compares all of them; ``python gallery.py RegimeFilter`` one, and prints its
reports. The folder is a project like any other: with candles of your own in its store, ``livermore gather
TrendPullback --timeframe 1h`` runs the same strategies on them.
"""

import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy.typing as npt
from markets import MINUTES_A_DAY, edge, noise, pair
from sklearn.linear_model import LogisticRegression, Ridge

from livermore.research import compare_backtests, gather_ml_data, train_model
from livermore.strategies import load_strategies

FOLDER = Path(__file__).parent
EXCHANGE = "Sandbox"
#: Days of candles before the first bar, so that the slowest timeframe has its warm-up.
WARM_UP_DAYS = 36


@dataclass(frozen=True)
class Example:
    """A strategy with all that its backtests need.

    Attributes
    ----------
    strategy : str
        Its name, and that of its folder in ``strategies``.
    candles : callable
        Takes days; returns one-minute candles by symbol.
    timeframe : str
        Of the routes.
    data_timeframes : tuple of str
        Of the data routes.
    task : str
        As for `train_model`.
    estimator : callable
        Makes the estimator.
    training_days, test_days : int
        How long samples are gathered, and how long the model is compared afterwards.
    fee : float
        Of each fill, as a fraction.
    """

    strategy: str
    candles: Callable[[int], Mapping[str, npt.NDArray[Any]]]
    timeframe: str = "1h"
    data_timeframes: tuple[str, ...] = ()
    task: str = "binary"
    estimator: Callable[[], Any] = LogisticRegression
    training_days: int = 540
    test_days: int = 180
    fee: float = 0.0004

    def training(self) -> dict[str, Any]:
        """Return the arguments of the backtest that gathers: config, routes, data_routes, candles, warmup_candles."""
        return self._arguments(WARM_UP_DAYS, self.training_days)

    def test(self) -> dict[str, Any]:
        """Return the arguments of a backtest on the days after the training."""
        return self._arguments(WARM_UP_DAYS + self.training_days, self.test_days)

    def train(self, samples: Any, folder: str | Path, *, verbose: bool = False) -> Any:
        """Train the model, save it to a folder, and return what `train_model` returns."""
        options = {"name": self.strategy, "importance": False, "impact": False, "verbose": verbose}
        return train_model(samples, self.estimator(), self.task, save_to=folder, **options)

    def _arguments(self, first: int, days: int) -> dict[str, Any]:
        """Return the arguments of a backtest that begins on a day and lasts some days."""
        (strategy,) = load_strategies([self.strategy], FOLDER).values()
        rows = self.candles(WARM_UP_DAYS + self.training_days + self.test_days)
        places = [{"exchange": EXCHANGE, "symbol": symbol} for symbol in rows]

        def named(start: int, stop: int) -> dict[str, Any]:
            part = slice(start * MINUTES_A_DAY, stop * MINUTES_A_DAY)
            return {f"{EXCHANGE}-{p['symbol']}": {**p, "candles": rows[p["symbol"]][part]} for p in places}

        return {
            "config": {
                "exchange": EXCHANGE,
                "starting_balance": 10_000,
                "fee": self.fee,
                "type": "futures",
                "futures_leverage": 2,
                "futures_leverage_mode": "cross",
                "warm_up_candles": 210,
            },
            "routes": [{**place, "timeframe": self.timeframe, "strategy": strategy} for place in places],
            "data_routes": [{**p, "timeframe": timeframe} for timeframe in self.data_timeframes for p in places],
            "candles": named(first, first + days),
            "warmup_candles": named(first - WARM_UP_DAYS, first),
        }


#: Each example by the name of its strategy.
EXAMPLES = {
    example.strategy: example
    for example in (
        Example("TrendPullback", lambda days: noise(days, seed=21)),
        Example("BandReversion", lambda days: noise(days, seed=22)),
        Example("ChannelBreakout", lambda days: noise(days, seed=23)),
        Example("PairSpread", lambda days: pair(days, seed=24)),
        Example("MetaCross", lambda days: edge(days, seed=25, strength=0.15)),
        Example("SizedMomentum", lambda days: edge(days, seed=26, strength=0.3), task="regression", estimator=Ridge),
        Example(
            "HigherTimeframe",
            lambda days: noise(days, seed=27),
            timeframe="15m",
            data_timeframes=("4h",),
            training_days=270,
            test_days=90,
        ),
        Example("RegimeFilter", lambda days: edge(days, seed=28, strength=0.3)),
    )
}


def run(example: Example, *, verbose: bool = False) -> tuple[Any, Any, Any]:
    """Gather, train and compare; return the three results."""
    gathered = gather_ml_data(**example.training(), csv_path=None, verbose=verbose)
    with tempfile.TemporaryDirectory() as folder:
        trained = example.train(gathered, folder, verbose=verbose)
        compared = compare_backtests(None, folder, **example.test(), draws=500, resamples=500, verbose=verbose)
    return gathered, trained, compared


def main(names: list[str]) -> None:
    """Print what came of the examples of these names; of all without names."""
    for name in names or EXAMPLES:
        gathered, trained, compared = run(EXAMPLES[name], verbose=bool(names))
        verdict, helped = trained["verdict"], compared["verdict"]["helped"]
        print(
            f"{name}: {len(gathered['data_points'])} samples, predicts {verdict['predicts']}, pays {verdict['pays']}; "
            f"{compared['baseline']['trades']} trades without and {compared['model']['trades']} with the model, "
            f"helped: {helped}"
        )


if __name__ == "__main__":
    main(sys.argv[1:])
