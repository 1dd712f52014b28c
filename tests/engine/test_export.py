"""Trades on disk: Jesse's columns and quoting, whole files or none."""

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from livermore.engine import export

TRADE: dict[str, Any] = {
    "id": "a1",
    "strategy_name": "Probe",
    "symbol": "BTC-USDT",
    "exchange": "Sandbox",
    "type": "long",
    "entry_price": 46402.0,
    "exit_price": 46262.794,
    "qty": 1.0,
    "opened_at": 1640995800000.0,
    "closed_at": 1640996460000.0,
    "fee": 55.598876399999995,
    "size": 46402.0,
    "PNL": -194.8048763999983,
    "PNL_percentage": -0.8396399999999927,
    "holding_period": 660.0,
    "orders": [{"id": "o1"}],
}


def test_csv_is_what_jesse_writes(tmp_path: Path) -> None:
    path = export.write_trades_csv(tmp_path / "storage" / "csv" / "run.csv", [TRADE])
    assert path.read_bytes().decode() == (
        '"id","strategy_name","symbol","exchange","type","entry_price","exit_price","qty","fee","size","PNL",'
        '"PNL_percentage","holding_period","opened_at","closed_at"\n'
        '"a1","Probe","BTC-USDT","Sandbox","long","46402.0","46262.794","1.0","55.598876399999995","46402.0",'
        '"-194.8048763999983","-0.8396399999999927","660.0","1640995800000.0","1640996460000.0"\n'
    )


def test_csv_numbers_come_back_bit_for_bit(tmp_path: Path) -> None:
    path = export.write_trades_csv(tmp_path / "run.csv", [TRADE, {**TRADE, "PNL": 0.1 + 0.2}])
    with path.open(newline="") as file:
        assert [float(row["PNL"]) for row in csv.DictReader(file)] == [TRADE["PNL"], 0.1 + 0.2]


def test_json_holds_trades_without_orders_and_the_timeframes(tmp_path: Path) -> None:
    path = export.write_trades_json(tmp_path / "run.json", [{**TRADE, "exit_price": float("nan")}], ["1m", "5m"])
    content = json.loads(path.read_text(), parse_constant=lambda name: pytest.fail(f"{name} is not JSON"))
    assert content["considering_timeframes"] == ["1m", "5m"]
    assert list(content["trades"][0]) == list(export.TRADE_COLUMNS)
    assert content["trades"][0]["exit_price"] is None


def test_a_failed_write_leaves_the_old_file(tmp_path: Path) -> None:
    path = export.write_trades_csv(tmp_path / "run.csv", [TRADE])
    before = path.read_bytes()
    with pytest.raises(KeyError, match="PNL"):
        export.write_trades_json(path, [{key: value for key, value in TRADE.items() if key != "PNL"}], [])
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    ("dna", "shown"), [("", ""), ("a" * 16, "a" * 16), ("abcde" + "-" * 7 + "vwxyz", "abcde*****vwxyz")]
)
def test_dna_is_shortened_when_it_is_long(dna: str, shown: str) -> None:
    assert export.hyperparameter_rows({"a": 3}, dna) == [["DNA", shown], ["a", 3]]


def test_no_hyperparameters_no_rows() -> None:
    assert export.hyperparameter_rows({}) == []
    assert export.hyperparameter_rows(None, "dna") == []
