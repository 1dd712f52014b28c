"""`backtest`: Jesse's signature, keys and files."""

import csv
import inspect
import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from livermore.errors import ConfigError
from livermore.research import backtest
from livermore.strategies import Strategy

START = 1_640_995_200_000
CONFIG = {
    "starting_balance": 10_000,
    "fee": 0.001,
    "type": "futures",
    "futures_leverage": 2,
    "futures_leverage_mode": "cross",
    "exchange": "Sandbox",
    "warm_up_candles": 0,
}


class Swing(Strategy):
    """Buys every sixth bar and sells three bars later."""

    def should_long(self) -> bool:
        return self.index % 6 == 0

    def go_long(self) -> None:
        self.buy = 1, self.price

    def update_position(self) -> None:
        if self.index % 6 == 3:
            self.liquidate()

    def before(self) -> None:
        self.log(f"bar {self.index}")

    def hyperparameters(self) -> list[dict[str, Any]]:
        return [{"name": "period", "type": int, "min": 1, "max": 9, "default": 5}]


@pytest.fixture
def arguments() -> dict[str, Any]:
    rng = np.random.default_rng(1)
    close = 100 + np.cumsum(rng.normal(0, 0.1, 3000))
    opening = np.r_[100, close[:-1]]
    rows = np.column_stack(
        [
            START + 60_000 * np.arange(3000),
            opening,
            close,
            np.maximum(opening, close),
            np.minimum(opening, close),
            np.ones(3000),
        ]
    )
    return {
        "config": CONFIG,
        "routes": [{"exchange": "Sandbox", "strategy": Swing, "symbol": "BTC-USDT", "timeframe": "5m"}],
        "data_routes": [],
        "candles": {"Sandbox-BTC-USDT": {"exchange": "Sandbox", "symbol": "BTC-USDT", "candles": rows}},
    }


def test_the_signature_is_jesse_s() -> None:
    parameters = inspect.signature(backtest).parameters.values()
    assert [parameter.name for parameter in parameters if parameter.kind is not parameter.KEYWORD_ONLY] == [
        "config",
        "routes",
        "data_routes",
        "candles",
        "warmup_candles",
        "generate_hyperparameters",
        "generate_equity_curve",
        "benchmark",
        "generate_csv",
        "generate_json",
        "generate_logs",
        "hyperparameters",
        "fast_mode",
        "candles_pipeline_class",
        "candles_pipeline_kwargs",
        "generate_charts",
    ]


def test_keys_of_the_result(arguments: dict[str, Any]) -> None:
    result = backtest(**arguments)
    assert list(result) == ["metrics", "logs", "trades"]
    assert result["logs"] is None
    assert result["metrics"]["total"] == len(result["trades"]) == 100
    trade = result["trades"][0]
    assert list(trade) == [
        "id",
        "strategy_name",
        "symbol",
        "exchange",
        "type",
        "entry_price",
        "exit_price",
        "qty",
        "opened_at",
        "closed_at",
        "fee",
        "size",
        "PNL",
        "PNL_percentage",
        "holding_period",
        "orders",
    ]
    assert trade["strategy_name"] == "Swing"
    assert len(trade["orders"]) == 2
    assert trade["orders"][0]["trade_id"] == trade["id"]
    json.dumps(result["trades"])


def test_profit_of_a_trade(arguments: dict[str, Any]) -> None:
    trade = backtest(**arguments)["trades"][0]
    gross = trade["exit_price"] - trade["entry_price"]
    fee = 0.001 * (trade["entry_price"] + trade["exit_price"])
    assert trade["PNL"] == pytest.approx(gross - fee)
    assert trade["PNL_percentage"] == pytest.approx((gross - fee) / (trade["entry_price"] / 2) * 100)
    assert trade["holding_period"] == (trade["closed_at"] - trade["opened_at"]) / 1000 == 900


def test_fast_mode_changes_nothing(arguments: dict[str, Any]) -> None:
    slow, fast = backtest(**arguments), backtest(**arguments, fast_mode=True)
    assert [t["PNL"] for t in slow["trades"]] == [t["PNL"] for t in fast["trades"]]
    assert slow["metrics"] == pytest.approx(fast["metrics"], nan_ok=True)


def test_files(arguments: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    result = backtest(**arguments, generate_csv=True, generate_json=True, generate_logs=True)
    with open(result["csv"], newline="") as file:
        rows = list(csv.DictReader(file))
    assert [float(row["PNL"]) for row in rows] == [trade["PNL"] for trade in result["trades"]]
    written = json.loads(Path(result["json"]).read_text())
    assert written["considering_timeframes"] == ["1m", "5m"]
    assert len(written["trades"]) == 100
    lines = Path(result["logs"]).read_text().splitlines()
    assert [line for line in lines if " bar " in line][:2] == ["2022-01-01 00:05 bar 0", "2022-01-01 00:10 bar 1"]
    assert sum("order executed" in line for line in lines) == sum(len(t["orders"]) for t in result["trades"])


def test_equity_curve_with_benchmark(arguments: dict[str, Any]) -> None:
    portfolio, held = backtest(**arguments, benchmark=True)["equity_curve"]
    rows = arguments["candles"]["Sandbox-BTC-USDT"]["candles"]
    assert portfolio["name"] == "Portfolio"
    assert [point["time"] for point in portfolio["data"]] == [point["time"] for point in held["data"]]
    assert held["data"][0]["value"] == 10_000
    assert held["data"][-1]["value"] == pytest.approx(10_000 * rows[-1, 2] / rows[0, 1])


def test_hyperparameters(arguments: dict[str, Any]) -> None:
    assert backtest(**arguments, generate_hyperparameters=True)["hyperparameters"] == [["DNA", ""], ["period", 5]]
    given = backtest(**arguments, generate_hyperparameters=True, hyperparameters={"x": 1})
    assert given["hyperparameters"] == [["DNA", ""], ["x", 1]]


def test_without_trades(arguments: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    arguments["routes"][0]["strategy"] = type("Idle", (Swing,), {"should_long": lambda self: False})
    result = backtest(**arguments, generate_csv=True, generate_json=True, generate_equity_curve=True)
    assert result["trades"] == []
    assert result["csv"] is result["json"] is result["equity_curve"] is None
    assert not (tmp_path / "storage").exists()


def test_what_is_not_offered_says_so(arguments: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match="generate_charts is not supported"):
        backtest(**arguments, generate_charts=True)
    with pytest.raises(ConfigError, match="candles_pipeline_class is not supported"):
        backtest(**arguments, candles_pipeline_class=object)


def test_serenity_index_is_a_number(arguments: dict[str, Any]) -> None:
    rows = arguments["candles"]["Sandbox-BTC-USDT"]["candles"]
    longer = np.concatenate([rows + np.array([3000 * 60_000 * i, 0, 0, 0, 0, 0]) for i in range(12)])
    arguments["candles"]["Sandbox-BTC-USDT"]["candles"] = longer
    assert math.isfinite(backtest(**arguments)["metrics"]["serenity_index"])


def test_how_far_the_sharpe_ratio_can_be_trusted_is_told_on_request(
    arguments: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from livermore.candles import synthetic_candles
    from livermore.ml.evidence import Opening, ledger_for

    monkeypatch.setenv("LIVERMORE_STATE_DIR", str(tmp_path))
    monkeypatch.setenv("LIVERMORE_LEDGER", "on")
    assert "sharpe_evidence" not in backtest(**arguments)
    # Two days are no Sharpe ratio.
    assert backtest(**arguments, sharpe_evidence=True)["sharpe_evidence"] is None
    (market,) = arguments["candles"].values()
    rows = synthetic_candles(40 * 1440, seed=1)
    rows[:, 1:5] /= 100
    longer = arguments | {"candles": {next(iter(arguments["candles"])): market | {"candles": rows}}}
    first = backtest(**longer, sharpe_evidence=True)["sharpe_evidence"]
    assert (first["trials"], first["n"]) == (1, 40)
    assert first["deflated"] == first["probabilistic"]
    start, end = (int(time // 1000) for time in rows[[0, -1], 0])
    for name in ("a", "b", "c"):
        ledger_for().add(Opening(0, start, end, "binary", "win", "", name, name))
    again = backtest(**longer, sharpe_evidence=True)["sharpe_evidence"]
    assert again["trials"] == 3
    assert again["deflated"] < again["probabilistic"] == first["probabilistic"]
