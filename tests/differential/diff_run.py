"""Runs a differential case on an engine, ours or Jesse, and returns what happened as plain values."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from diff_candles import make_candles
from diff_strategy import scripted

EXCHANGE = "Sandbox"
ORDER_KEYS = ("side", "type", "qty", "filled_qty", "price", "created_at", "executed_at", "reduce_only", "submitted_via")
TRADE_KEYS = ("strategy_name", "symbol", "exchange", "type", "entry_price", "exit_price", "qty", "opened_at")
TRADE_KEYS += ("closed_at", "fee", "size", "PNL", "PNL_percentage", "holding_period")


def run_case(case: dict, backtest: Callable[..., dict], strategy_base: Any) -> dict:
    """Run one case and return its error or result, and what each strategy saw.

    Parameters
    ----------
    case : dict
        As `diff_cases.make_case` makes it.
    backtest : callable
        `jesse.research.backtest` or ours.
    strategy_base : class
        The engine's `Strategy`.
    """
    instances: list[Any] = []
    strategy = scripted(strategy_base, instances)
    trading, warm_up = {}, {}
    for symbol, spec in case["candles"].items():
        rows, split = make_candles(spec), spec.get("warm_up", 0)
        key = f"{EXCHANGE}-{symbol}"
        trading[key] = {"exchange": EXCHANGE, "symbol": symbol, "candles": rows[split:]}
        if split:
            warm_up[key] = {"exchange": EXCHANGE, "symbol": symbol, "candles": rows[:split]}
    routes = [
        {"exchange": EXCHANGE, "strategy": strategy, "symbol": symbol, "timeframe": timeframe}
        for symbol, timeframe in case["routes"]
    ]
    data_routes = [{"exchange": EXCHANGE, "symbol": symbol, "timeframe": tf} for symbol, tf in case["data_routes"]]
    outcome: dict[str, Any] = {"error": None, "metrics": {}, "trades": [], "equity": []}
    try:
        result = backtest(
            {**case["config"], "exchange": EXCHANGE},
            routes,
            data_routes,
            trading,
            warm_up or None,
            hyperparameters=case["hp"],
            generate_equity_curve=True,
            fast_mode=False,
        )
    except Exception as error:  # an engine's refusal is an outcome like any other
        outcome["error"] = [type(error).__name__, str(error)]
    else:
        outcome["metrics"] = plain(result["metrics"])
        outcome["trades"] = [_plain_trade(trade) for trade in result["trades"]]
        curve = result["equity_curve"]
        outcome["equity"] = plain([[point["time"], point["value"]] for point in curve[0]["data"]] if curve else [])
    outcome["traces"] = {instance.symbol: plain(instance.trace) for instance in instances}
    return outcome


def shortened(outcome: dict, lines: int = 40) -> dict:
    """Return the outcome with the first lines of each trace and their number."""
    traces = outcome["traces"]
    return {
        **outcome,
        "traces": {symbol: trace[:lines] for symbol, trace in traces.items()},
        "lines": {symbol: len(trace) for symbol, trace in traces.items()},
    }


def plain(value: Any) -> Any:
    """Return the value in types that JSON knows; nan and the infinities as strings."""
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, str) and type(value) is not str:
        return str.__str__(value)
    return value


def _plain_trade(trade: dict) -> dict:
    row = plain({key: trade[key] for key in TRADE_KEYS})
    row["orders"] = [plain([order[key] for key in ORDER_KEYS]) for order in trade["orders"]]
    return row
