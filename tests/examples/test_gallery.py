"""The strategies of the gallery: each gathers samples and trades both ways, and its market is what its page says."""

import importlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from livermore.candles import check_candles
from livermore.engine import BacktestSpec
from livermore.research import compare_backtests, gather_ml_data

ROOT = Path(__file__).parents[2]
GALLERY = ROOT / "examples" / "gallery"
NAMES = sorted(path.parent.name for path in GALLERY.glob("strategies/*/__init__.py"))

#: Samples, closed trades and net profit of 60 days, recorded with Jesse 3.5.3 on the same candles and the same files.
IN_JESSE = {
    "TrendPullback": (54, 54, -68.2322),
    "BandReversion": (65, 65, 762.118),
    "ChannelBreakout": (53, 53, -498.4012),
    "PairSpread": (50, 50, 466.7884),
    "HigherTimeframe": (61, 61, -203.5205),
}


@pytest.fixture(scope="module")
def gallery():
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(GALLERY))
        yield importlib.import_module("gallery")


@pytest.fixture(scope="module")
def markets(gallery):
    return importlib.import_module("markets")


def few_days(example):
    return replace(example, training_days=20 if example.timeframe == "15m" else 40, test_days=10)


def test_every_strategy_has_an_example_and_a_page(gallery):
    assert sorted(gallery.EXAMPLES) == NAMES
    pages = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "docs" / "gallery").glob("*.md"))
    for name in NAMES:
        assert f"strategies/{name}/__init__.py" in pages
        assert f'EXAMPLES["{name}"]' in pages


@pytest.mark.parametrize("name", NAMES)
def test_a_strategy_records_samples_and_trades_both_ways(gallery, name):
    example = few_days(gallery.EXAMPLES[name])
    result = BacktestSpec(**example.training()).run()
    assert len(result.data_points) > 10
    assert all(sample["label_time"] > sample["time"] for sample in result.data_points)
    assert {str(trade.type) for trade in result.closed_trades} == {"long", "short"}
    labels = np.array([sample["label"]["value"] for sample in result.data_points], float)
    assert labels.std() > 0
    assert np.isfinite([list(sample["features"].values()) for sample in result.data_points]).all()


@pytest.mark.parametrize("name", NAMES)
def test_what_happens_later_changes_no_earlier_trade(gallery, name):
    # A rule that looks ahead would be found in a gallery last of all.
    example = few_days(gallery.EXAMPLES[name])
    whole, part = example.training(), example.training()
    for market in part["candles"].values():
        market["candles"] = market["candles"][: 15 * 1440]
    trades = [BacktestSpec(**arguments).run().closed_trades for arguments in (whole, part)]
    ended = [trade for trade in trades[1] if trade.closed_at < max(t.closed_at for t in trades[1])]
    known = {(t.symbol, t.opened_at, t.closed_at, t.pnl) for t in trades[0]}
    assert {(t.symbol, t.opened_at, t.closed_at, t.pnl) for t in ended} <= known


@pytest.mark.parametrize("name", IN_JESSE)
def test_a_strategy_written_for_jesse_does_here_what_it_does_there(gallery, name):
    source = (GALLERY / "strategies" / name / "__init__.py").read_text(encoding="utf-8")
    assert "livermore" not in source
    result = BacktestSpec(**replace(gallery.EXAMPLES[name], training_days=60, test_days=1).training()).run()
    samples, trades, profit = IN_JESSE[name]
    assert (len(result.data_points), len(result.closed_trades)) == (samples, trades)
    assert result.metrics["net_profit"] == pytest.approx(profit, abs=1e-4)


def test_both_routes_of_the_pair_hold_opposite_sides_at_the_same_time(gallery):
    trades = BacktestSpec(**few_days(gallery.EXAMPLES["PairSpread"]).training()).run().closed_trades
    by_symbol = {symbol: [t for t in trades if t.symbol == symbol] for symbol in ("BTC-USDT", "ETH-USDT")}
    for first, second in zip(*by_symbol.values(), strict=True):
        assert (first.opened_at, first.closed_at) == (second.opened_at, second.closed_at)
        assert first.type != second.type


def test_the_spread_of_the_pair_returns_at_the_stated_pace(markets):
    rows = markets.pair(120, seed=1)
    for candles in rows.values():
        check_candles(candles)
    first, second = (np.log(candles[:, 2]) for candles in rows.values())
    spread = (second - first)[::60]
    kept = np.polyfit(spread[:-12], spread[12:], 1)[0]
    assert 0.35 < kept < 0.65  # a half-life of twelve hours
    assert 0.009 < spread.std() < 0.015


def test_the_model_finds_the_planted_regimes_and_takes_only_part_of_the_signals(gallery, tmp_path):
    example = replace(gallery.EXAMPLES["RegimeFilter"], training_days=200, test_days=60)
    gathered = gather_ml_data(**example.training(), csv_path=None, verbose=False)
    trained = example.train(gathered, tmp_path)
    assert trained["verdict"]["predicts"] == "yes"
    compared = compare_backtests(
        None, tmp_path, **example.test(), draws=200, resamples=200, sanity=False, verbose=False
    )
    assert 0.02 < compared["coverage"] < 0.9
    assert compared["difference"]["expectancy"]["value"] > 0
