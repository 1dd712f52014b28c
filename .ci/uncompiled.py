"""Runs a short backtest where no kernel is compiled: it must work, and warn exactly once."""

import warnings

import numpy as np

with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    import livermore.indicators as ta
    from livermore import Strategy, backtest
    from livermore.candles import synthetic_candles

    class Cross(Strategy):
        """Buys above the average, sells below it."""

        def should_long(self) -> bool:
            """Above the average."""
            return bool(self.price > ta.sma(self.candles, 20))

        def go_long(self) -> None:
            """Buy at the market."""
            self.buy = 1, self.price

        def update_position(self) -> None:
            """Sell below the average."""
            if self.price < ta.sma(self.candles, 20):
                self.liquidate()

    candles = synthetic_candles(2 * 1440, seed=1)
    key = "Sandbox-BTC-USDT"
    result = backtest(
        {
            "starting_balance": 1_000_000,
            "fee": 0.001,
            "type": "futures",
            "futures_leverage": 1,
            "futures_leverage_mode": "cross",
            "exchange": "Sandbox",
            "warm_up_candles": 30,
        },
        [{"exchange": "Sandbox", "strategy": Cross, "symbol": "BTC-USDT", "timeframe": "15m"}],
        [],
        {key: {"exchange": "Sandbox", "symbol": "BTC-USDT", "candles": np.asarray(candles)}},
    )

ours = [str(warning.message) for warning in caught if "compiled kernels" in str(warning.message)]
assert len(ours) == 1, f"expected one warning, got {len(ours)}: {[str(w.message) for w in caught]}"
assert result["metrics"]["total"] > 0, result["metrics"]
print(f"uncompiled: {result['metrics']['total']} trades, one warning: {ours[0]}")
