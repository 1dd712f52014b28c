"""The gathering cases that the goldens of tests/golden/gather hold: strategies, routes and candles.

Warm-up rows are a whole number of bars of every timeframe, and trading starts at a bar of the clock: Jesse counts bars
from the first row, livermore by the clock, and so both count alike.
"""

from typing import Any

EXCHANGE = "Sandbox"
WARM_UP = 14 * 240
# 2022-01-03 08:00 UTC: a bar of every timeframe up to four hours begins.
START = 1_641_196_800_000
CONFIG = {
    "starting_balance": 10_000,
    "fee": 0.0006,
    "type": "futures",
    "futures_leverage": 5,
    "futures_leverage_mode": "cross",
    "exchange": EXCHANGE,
    "warm_up_candles": 210,
}
BTC, ETH = "BTC-USDT", "ETH-USDT"
REAL = {BTC: {"kind": "btc", "first": 0, "rows": 44_640}}
SLOW = [{"exchange": EXCHANGE, "symbol": BTC, "timeframe": "4h"}]


def _walk(seed: int, **more: Any) -> dict[str, Any]:
    """Candles of eighteen days from a seed."""
    rows = WARM_UP + 18 * 1440
    start = START - WARM_UP * 60_000
    return {
        "kind": "walk",
        "seed": seed,
        "rows": rows,
        "start": start,
        "price": 40_000.0,
        "vol": 0.0006,
        "tick": 0.1,
        **more,
    }


CASES: dict[str, dict[str, Any]] = {
    "close-label-walk": {"strategy": "CloseLabel", "timeframe": "15m", "candles": {BTC: _walk(1)}},
    "triple-barrier-walk": {"strategy": "TripleBarrier", "timeframe": "15m", "candles": {BTC: _walk(2)}},
    "triple-barrier-two-routes-walk": {
        "strategy": "TripleBarrier",
        "timeframe": "30m",
        "candles": {BTC: _walk(3), ETH: _walk(4, price=2_000.0)},
    },
    "time-window-walk": {"strategy": "TimeWindow", "timeframe": "5m", "candles": {BTC: _walk(5)}},
    "meta-supertrend-walk": {"strategy": "MetaSupertrend", "timeframe": "15m", "candles": {BTC: _walk(6)}},
    "wide-regression-walk": {
        "strategy": "WideRegression",
        "timeframe": "15m",
        "data_routes": SLOW,
        "candles": {BTC: _walk(7)},
    },
    "close-label-btc": {"strategy": "CloseLabel", "timeframe": "15m", "candles": REAL},
    "triple-barrier-btc": {"strategy": "TripleBarrier", "timeframe": "15m", "candles": REAL},
    "time-window-btc": {"strategy": "TimeWindow", "timeframe": "15m", "candles": REAL},
    "meta-supertrend-btc": {"strategy": "MetaSupertrend", "timeframe": "5m", "candles": REAL},
    "wide-regression-btc": {"strategy": "WideRegression", "timeframe": "15m", "data_routes": SLOW, "candles": REAL},
}


def needs_real_candles(name: str) -> bool:
    """Return whether a case wants candles that the repository does not hold."""
    return any(spec["kind"] == "btc" for spec in CASES[name]["candles"].values())


def inputs_of(name: str) -> dict[str, Any]:
    """Return a case's arguments for `gather_ml_data` and for `backtest`."""
    from diff_candles import make_candles

    case = CASES[name]
    candles, warm_up = {}, {}
    for symbol, spec in case["candles"].items():
        rows = make_candles(spec)
        entry = {"exchange": EXCHANGE, "symbol": symbol}
        candles[f"{EXCHANGE}-{symbol}"] = {**entry, "candles": rows[WARM_UP:]}
        warm_up[f"{EXCHANGE}-{symbol}"] = {**entry, "candles": rows[:WARM_UP]}
    route = {"exchange": EXCHANGE, "strategy": case["strategy"], "timeframe": case["timeframe"]}
    return {
        "config": CONFIG,
        "routes": [{**route, "symbol": symbol} for symbol in case["candles"]],
        "data_routes": case.get("data_routes", []),
        "candles": candles,
        "warmup_candles": warm_up,
    }
