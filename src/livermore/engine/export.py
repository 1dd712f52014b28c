"""Writes what a backtest did: trades as CSV and JSON in Jesse's columns, the equity curve, hyperparameters as rows.

A trade is written from its dict as `backtest` returns it, without its orders. Files are written whole or not at all.
"""

import json
import math
import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from livermore.files import atomic_file

__all__ = ["TRADE_COLUMNS", "equity_curve", "hyperparameter_rows", "write_trades_csv", "write_trades_json"]

TRADE_COLUMNS = (
    "id",
    "strategy_name",
    "symbol",
    "exchange",
    "type",
    "entry_price",
    "exit_price",
    "qty",
    "fee",
    "size",
    "PNL",
    "PNL_percentage",
    "holding_period",
    "opened_at",
    "closed_at",
)

CURVE_COLOR = "#818CF8"
LONGEST_DNA = 16
DNA_ENDS = 5


def write_trades_csv(path: str | os.PathLike[str], trades: Iterable[Mapping[str, Any]]) -> Path:
    """Write trades as CSV, one row each, every value quoted.

    Parameters
    ----------
    path : path-like
        Its folder is made if it is missing.
    trades : iterable of mapping
        Trade dicts as `backtest` returns them; keys beyond `TRADE_COLUMNS`, such as ``orders``, are left out.

    Returns
    -------
    Path
        The file written.

    Examples
    --------
    >>> import tempfile
    >>> path = write_trades_csv(f"{tempfile.mkdtemp()}/trades.csv", [{"symbol": "BTC-USDT", "qty": 1.5}])
    >>> path.read_text().splitlines()[0].startswith('"id","strategy_name","symbol"')
    True
    """
    import csv

    target = _prepared(path)
    with atomic_file(target, "w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, TRADE_COLUMNS, extrasaction="ignore", quoting=csv.QUOTE_ALL, lineterminator="\n")
        writer.writeheader()
        writer.writerows(trades)
    return target


def write_trades_json(
    path: str | os.PathLike[str], trades: Iterable[Mapping[str, Any]], timeframes: Sequence[str]
) -> Path:
    """Write trades as JSON: ``{"trades": [...], "considering_timeframes": [...]}``.

    Parameters
    ----------
    path : path-like
        Its folder is made if it is missing.
    trades : iterable of mapping
        Trade dicts as `backtest` returns them.
    timeframes : sequence of str
        Those that the run used.

    Returns
    -------
    Path
        The file written. A price that does not exist is written as null, since JSON knows no nan.

    Examples
    --------
    >>> import tempfile
    >>> path = write_trades_json(f"{tempfile.mkdtemp()}/trades.json", [], ["15m"])
    >>> path.read_text()
    '{"trades": [], "considering_timeframes": ["15m"]}'
    """
    target = _prepared(path)
    rows = [{name: _json_value(trade[name]) for name in TRADE_COLUMNS} for trade in trades]
    with atomic_file(target, "w", encoding="utf-8") as file:
        json.dump({"trades": rows, "considering_timeframes": list(timeframes)}, file)
    return target


def equity_curve(balances: Iterable[float], balance_times_ms: Iterable[float]) -> list[dict[str, Any]]:
    """Return the values of the equity curve as the series that charts expect.

    Parameters
    ----------
    balances : iterable of float
        Values of the equity curve.
    balance_times_ms : iterable of float
        Their times, UTC ms.

    Returns
    -------
    list of dict
        One series, ``{"name": "Portfolio", "data": [{"time", "value", "color"}, …], "color"}``; times in seconds.

    Examples
    --------
    >>> equity_curve([100.0], [60_000.0])[0]["data"]
    [{'time': 60.0, 'value': 100.0, 'color': '#818CF8'}]
    """
    points = [
        {"time": float(time) / 1000, "value": float(balance), "color": CURVE_COLOR}
        for balance, time in zip(balances, balance_times_ms, strict=True)
    ]
    return [{"name": "Portfolio", "data": points, "color": CURVE_COLOR}]


def hyperparameter_rows(hyperparameters: Mapping[str, Any] | None, dna: str = "") -> list[list[Any]]:
    """Return hyperparameters as table rows, the DNA first, shortened if it is long.

    Parameters
    ----------
    hyperparameters : mapping or None
        The values that the strategy ran with.
    dna : str, default ""
        The text that encodes them.

    Returns
    -------
    list of list
        Empty without hyperparameters.

    Examples
    --------
    >>> hyperparameter_rows({"period": 14}, dna="abcdefghijklmnopqrstuvwxyz")
    [['DNA', 'abcde*****vwxyz'], ['period', 14]]
    """
    if not hyperparameters:
        return []
    shown = dna if len(dna) <= LONGEST_DNA else f"{dna[:DNA_ENDS]}*****{dna[-DNA_ENDS:]}"
    return [["DNA", shown], *([name, value] for name, value in hyperparameters.items())]


def _prepared(path: str | os.PathLike[str]) -> Path:
    """Return the path, its folder made."""
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    return target


def _json_value(value: Any) -> Any:
    """Return null for what JSON cannot say."""
    return None if isinstance(value, float) and not math.isfinite(value) else value
