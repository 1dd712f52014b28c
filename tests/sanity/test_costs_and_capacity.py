"""Costs, turnover and capacity are those of the trades, to the cent."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from livermore.engine import BacktestSpec
from livermore.errors import ConfigError
from livermore.sanity import TradedAmounts, break_even_cost, capacity, cost_curve, turnover
from livermore.testing import example_backtest

DAY = 86_400_000.0


@pytest.fixture(scope="module")
def spec():
    example = example_backtest(days=5)
    futures = {"type": "futures", "futures_leverage": 1, "futures_leverage_mode": "cross"}
    return BacktestSpec(**(example | {"config": example["config"] | futures}), ml_mode="gather")


@pytest.fixture(scope="module")
def result(spec):
    return spec.run()


def amounts(gross, traded=200.0, size=100.0, fee=0.1):
    n = len(gross)
    opened = 60 * np.arange(n)
    return TradedAmounts(
        opened, opened + 30, np.full(n, size), np.full(n, traded), np.asarray(gross, dtype=float), np.full(n, fee)
    )


def test_amounts_are_those_of_the_trades(result):
    trades = TradedAmounts.of(result.closed_trades)
    rows = result.trades
    assert len(trades) == len(rows)
    assert trades.gross - trades.fee == pytest.approx([row["PNL"] for row in rows])
    both = [row["qty"] * (row["entry_price"] + row["exit_price"]) for row in rows]
    assert trades.traded == pytest.approx(both)
    assert trades.fee / trades.traded == pytest.approx(0.0005)


def test_another_fee_gives_what_the_curve_says(spec, result):
    """The curve holds trades fixed; this strategy trades fixed amounts, so a backtest at that fee is the same."""
    row = next(r for r in cost_curve(TradedAmounts.of(result.closed_trades)) if r["slippage"] == 0.0005)
    dearer = spec.with_(config={**spec.config, "fee": 0.001}).run()
    assert row["profit"] == pytest.approx(sum(trade["PNL"] for trade in dearer.trades))
    assert row["net_return"] == pytest.approx(np.mean([t["PNL"] / t["size"] for t in dearer.trades]))


@given(st.lists(st.floats(-5, 5), min_size=10, max_size=40))
def test_nothing_is_earned_at_the_break_even_cost(gross):
    trades = amounts(gross, fee=0.0)
    cost, low, high = break_even_cost(trades)
    if cost >= 0:
        assert cost_curve(trades, (cost,))[1]["profit"] == pytest.approx(0.0, abs=1e-9)
    assert low <= cost <= high


@given(st.lists(st.floats(0, 0.01), min_size=2, max_size=6, unique=True))
def test_more_slippage_never_earns_more(slippages):
    rows = cost_curve(amounts([1.0, -0.5, 0.3]), sorted(slippages))
    profits = [row["profit"] for row in rows]
    assert profits == sorted(profits, reverse=True)


def test_without_trades_nothing_is_known_and_nothing_fails():
    none = amounts([])
    assert all(math.isnan(value) for value in break_even_cost(none))
    assert math.isnan(cost_curve(none)[0]["net_return"])
    assert turnover(none, [0.0, DAY], [1.0, 1.0]) == 0.0


def test_one_trade_has_no_interval():
    row = cost_curve(amounts([1.0]))[0]
    assert row["net_return"] == 0.01
    assert math.isnan(row["low"])
    assert math.isnan(break_even_cost(amounts([1.0]))[1])


def test_turnover_needs_a_positive_account_over_some_time():
    assert math.isnan(turnover(amounts([1.0]), [0.0], [100.0]))
    assert math.isnan(turnover(amounts([1.0]), [0.0, DAY], [-1.0, -1.0]))
    assert turnover(amounts([1.0]), [0.0, DAY], [100.0, 100.0]) == pytest.approx(2 * 365.25)


def test_a_fill_is_compared_with_the_bar_that_runs_when_it_happens(spec, result):
    found = capacity(result.closed_trades, spec.candles)
    rows = spec.candles["Sandbox-BTC-USDT"]["candles"]
    order = result.closed_trades[0].orders[0]
    bar = (rows[:, 0] >= order.executed_at) & (rows[:, 0] < order.executed_at + 900_000)
    share = abs(order.qty) * order.price / (rows[bar, 5] * rows[bar, 2]).sum()
    one = capacity(result.closed_trades[:1], spec.candles)
    assert found.fills == 2 * len(result.closed_trades)
    assert 0 < share <= one.high
    assert one.median == pytest.approx(share, rel=0.5)
    assert found.multiple == pytest.approx(0.01 / found.high)


def test_candles_without_volume_have_no_capacity(spec, result):
    entry = spec.candles["Sandbox-BTC-USDT"]
    rows = np.array(entry["candles"])
    rows[:, 5] = 0.0
    found = capacity(result.closed_trades, {"Sandbox-BTC-USDT": dict(entry, candles=rows)})
    assert found.fills == 0
    assert found.unknown == 2 * len(result.closed_trades)
    assert math.isnan(found.multiple)


def test_candles_of_another_symbol_are_not_used(spec, result):
    entry = dict(spec.candles["Sandbox-BTC-USDT"], symbol="ETH-USDT")
    assert capacity(result.closed_trades, {"Sandbox-ETH-USDT": entry}).fills == 0


@pytest.mark.parametrize("slippage", [-0.001, 1.0, math.nan, math.inf])
def test_slippage_that_is_no_fraction_is_refused(slippage):
    with pytest.raises(ConfigError, match="slippage"):
        cost_curve(amounts([1.0]), (slippage,))


@pytest.mark.parametrize("limit", [0.0, -1.0, 1.5, math.nan])
def test_a_limit_that_is_no_share_is_refused(limit):
    with pytest.raises(ConfigError, match="limit"):
        capacity([], {}, limit)
