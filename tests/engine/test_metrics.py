"""The metrics of a backtest: against those that Jesse reported, against plain definitions, and at their edges."""

import gzip
import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from livermore.engine import measures, metrics

DAY = 86_400_000
GOLDEN = Path(__file__).resolve().parent.parent / "golden" / "differential" / "cases.json.gz"


@dataclass(frozen=True)
class Trade:
    pnl: float
    fee: float = 0.0
    type: str = "long"
    holding_period: float = 60.0


def measured(trades: list[Trade], balances: list[float], **changes: Any) -> dict[str, Any]:
    options: dict[str, Any] = {
        "starting_balance": balances[0],
        "finishing_balance": balances[-1],
        "annualization": 365,
        "first_time": 0,
        "last_time": (len(balances) - 1) * DAY,
        "total_open_trades": 0,
        "open_pl": 0.0,
    }
    times = [DAY * number for number in range(len(balances))]
    return metrics.trade_metrics(trades, balances, times, **{**options, **changes})


def jesse_runs() -> list[Any]:
    with gzip.open(GOLDEN, "rt", encoding="utf-8") as file:
        entries = json.load(file)
    runs = []
    for entry in entries:
        outcome = entry["outcome"]
        pnls = [trade["PNL"] for trade in outcome["trades"]]
        if pnls and all(isinstance(pnl, float) for pnl in pnls):
            runs.append(pytest.param(entry["case"], outcome, id=entry["case"]["name"]))
    return runs


@pytest.mark.parametrize(("case", "outcome"), jesse_runs())
def test_all_keys_equal_those_of_jesse(case: dict[str, Any], outcome: dict[str, Any]) -> None:
    expected = {key: float(value) for key, value in outcome["metrics"].items()}
    trades = [Trade(t["PNL"], t["fee"], t["type"], t["holding_period"]) for t in outcome["trades"]]
    times = [1000 * time for time, _ in outcome["equity"]]
    got = metrics.trade_metrics(
        trades,
        [value for _, value in outcome["equity"]],
        times,
        starting_balance=expected["starting_balance"],
        finishing_balance=expected["finishing_balance"],
        annualization=case["config"]["annualization"],
        first_time=times[0],
        last_time=times[-1],
        total_open_trades=int(expected["total_open_trades"]),
        open_pl=expected["open_pl"],
    )
    assert got.keys() == expected.keys()
    for key in got.keys() - {"serenity_index"}:
        assert got[key] == pytest.approx(expected[key], rel=1e-10, abs=1e-12, nan_ok=True), key


def test_values_are_python_numbers() -> None:
    result = measured([Trade(5.0), Trade(-1.0, type="short")], [100.0, 105.0, 104.0])
    assert {type(value) for value in result.values()} <= {int, float}
    assert all(type(result[key]) is int for key in ("total", "winning_streak", "longs_count", "total_open_trades"))


def test_without_trades_there_are_four_keys() -> None:
    assert measured([], [100.0, 100.0], annualization=252) == {
        "total": 0,
        "win_rate": 0,
        "net_profit_percentage": 0,
        "annualization": 252,
    }


def test_only_winners_leave_the_losing_side_undefined() -> None:
    result = measured([Trade(5.0), Trade(2.0)], [100.0, 105.0, 107.0])
    assert (result["win_rate"], result["win_rate_shorts"], result["gross_loss"]) == (1.0, 0.0, 0.0)
    assert math.isnan(result["average_loss"])
    assert math.isnan(result["ratio_avg_win_loss"])
    assert math.isnan(result["omega_ratio"])
    assert result["expectancy"] == 3.5
    assert (result["max_drawdown"], result["calmar_ratio"], result["sortino_ratio"]) == (0.0, 0.0, math.inf)


def test_one_sample_gives_no_risk_metrics() -> None:
    result = measured([Trade(5.0)], [100.0])
    for key in ("sharpe_ratio", "sortino_ratio", "max_drawdown", "annual_return", "serenity_index", "calmar_ratio"):
        assert math.isnan(result[key]), key


def test_break_even_trades_count_for_neither_side() -> None:
    result = measured([Trade(0.0), Trade(4.0), Trade(0.0)], [100.0, 104.0])
    assert (result["total"], result["total_winning_trades"], result["total_losing_trades"]) == (3, 1, 0)
    assert (result["win_rate"], result["winning_streak"], result["losing_streak"], result["current_streak"]) == (
        1,
        1,
        0,
        0,
    )


def test_a_day_less_than_whole_counts_for_no_annual_return() -> None:
    assert measures.annual_return(np.array([0.1]), np.array([0.0, DAY - 1.0])) == 0.0


def test_ruin_stays_finite() -> None:
    result = measured([Trade(-150.0)], [100.0, -50.0, -60.0])
    assert result["annual_return"] == pytest.approx(-100.0)


def test_serenity_is_total_return_over_ulcer_and_pitfall() -> None:
    returns = np.array([0.10, -0.05, 0.02, -0.01])
    grown = np.cumprod(1 + returns)
    depths = 1 - grown / np.maximum.accumulate(grown)
    ulcer = math.sqrt((depths**2).mean())
    pitfall = depths.max() / returns.std(ddof=1)
    assert measures.serenity_index(returns) == pytest.approx(returns.sum() / (ulcer * pitfall))
    assert measures.serenity_index(np.array([0.1, 0.1])) == 0.0


@given(st.lists(st.floats(-0.5, 0.5), min_size=3, max_size=60))
def test_risk_metrics_hold_their_bounds(changes: list[float]) -> None:
    returns = np.array(changes)
    deepest = measures.max_drawdown(returns)
    assert -100 <= deepest <= 0
    penalty = measures.autocorrelation_penalty(returns)
    assert math.isnan(penalty) or penalty >= 1 - 1e-12
    assert not math.isinf(measures.serenity_index(returns)) or returns.std(ddof=1) == 0
    balances = np.concatenate(([1.0], np.cumprod(1 + returns)))
    underwater = measures.max_underwater_period(balances, np.arange(len(balances)) * float(DAY))
    assert 0 <= underwater <= len(changes)


@given(st.lists(st.sampled_from([-2.0, -1.0, 0.0, 1.0, 3.0]), max_size=40))
def test_streaks_equal_a_plain_count(pnl: list[float]) -> None:
    best = {1: 0, -1: 0, 0: 0}
    run, last = 0, 2
    for value in pnl:
        sign = (value > 0) - (value < 0)
        run = run + 1 if sign == last else 1
        last = sign
        best[sign] = max(best[sign], run)
    current = run * last if pnl else 0
    assert measures.streaks(np.array(pnl)) == (best[1], best[-1], current)
