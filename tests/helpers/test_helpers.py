"""What the measured goldens of helpers do not reach: refusals, sessions, printing, randomness."""

import datetime as dt
import random
import sys
import types
import uuid

import numpy as np
import pytest

import livermore.helpers as jh
from livermore.errors import (
    DateRangeError,
    IndicatorError,
    LivermoreError,
    MissingExtraError,
    RouteError,
    TimeframeError,
)
from livermore.market.indicator_window import indicator_window
from livermore.trading.clock import session_clock
from livermore.trading.mode import session_mode

NAN = float("nan")


@pytest.fixture
def in_session():
    """A session that stands at a given time, for as long as the test lasts."""
    tokens = []

    def enter(now, mode="backtest"):
        tokens.append((session_clock, session_clock.set(types.SimpleNamespace(now=now))))
        tokens.append((session_mode, session_mode.set(mode)))

    yield enter
    for variable, token in reversed(tokens):
        variable.reset(token)


def test_the_time_is_the_sessions(in_session):
    wall = dt.datetime.now(dt.UTC).timestamp() * 1000
    assert abs(jh.now() - wall) < 60_000
    in_session(1_641_000_060_000.0)
    assert jh.now() == jh.now_to_timestamp(force_fresh=True) == 1_641_000_060_000
    assert isinstance(jh.now(), int)


@pytest.mark.parametrize(
    ("mode", "true"),
    [
        (None, set()),
        ("backtest", {"is_backtesting"}),
        ("papertrade", {"is_live", "is_paper_trading"}),
        ("livetrade", {"is_live", "is_livetrading"}),
    ],
)
def test_what_is_running(in_session, mode, true):
    if mode:
        in_session(0.0, mode)
    asked = ("is_backtesting", "is_live", "is_livetrading", "is_paper_trading", "is_optimizing", "is_debugging")
    assert {name for name in asked if getattr(jh, name)()} == true
    assert jh.get_config("app.trading_mode", "none") == (mode or "none")


def test_settings_come_from_the_environment_first(monkeypatch):
    assert jh.get_config("env.data.warmup_candles_num", 5) == 240
    token = indicator_window.set(17)
    assert jh.get_config("env.data.warmup_candles_num") == 17
    indicator_window.reset(token)
    assert jh.get_config("env.no.such", 5) == 5
    assert jh.get_config("env.no.such") is None
    monkeypatch.setenv("ENV_NO_SUCH", "9")
    assert jh.get_config("env.no.such", 5) == "9"


def test_slices_follow_the_window():
    candles = np.arange(300 * 6.0).reshape(300, 6)
    assert np.array_equal(jh.slice_candles(candles, False), candles[60:])
    assert jh.slice_candles(candles, True) is candles
    for window, rows in ((0, 300), (7, 7), (500, 300)):
        token = indicator_window.set(window)
        assert len(jh.slice_candles(candles, False)) == rows
        indicator_window.reset(token)


def test_dates():
    assert jh.date_to_timestamp("2021-01-05 10:00") == jh.date_to_timestamp("2021-01-05")
    for bad in ("2021-1-5", "2021", "x", "2021-02-30", "12021-01-05"):
        with pytest.raises(DateRangeError, match=f"'{bad}' is no date; write it as YYYY-MM-DD"):
            jh.date_to_timestamp(bad)
    assert jh.timestamp_to_time(1609804800123) == "2021-01-05T00:00:00.123000+00:00"
    assert jh.timestamp_to_time(-1) == "1969-12-31T23:59:59.999000+00:00"
    today = jh.today_to_timestamp()
    assert today % 86_400_000 == 0
    assert 0 <= jh.now() - today <= 86_400_000 + 1000


def test_arrow_is_used_where_it_is_and_asked_for_where_it_is_not(monkeypatch):
    monkeypatch.setitem(sys.modules, "arrow", types.SimpleNamespace(get=lambda time: ("Arrow", time)))
    time = dt.datetime(2021, 1, 5, tzinfo=dt.UTC)
    assert jh.get_arrow(1609804800000) == jh.timestamp_to_arrow(1609804800000) == ("Arrow", time)
    assert jh.arrow_to_timestamp(time + dt.timedelta(milliseconds=5)) == 1609804800000
    monkeypatch.setitem(sys.modules, "arrow", None)
    with pytest.raises(MissingExtraError, match="pip install arrow"):
        jh.get_arrow(0)


def test_timeframes_know_days_and_weeks():
    assert jh.max_timeframe(["3D", "1W", "1m"]) == "1W"
    assert jh.max_timeframe(["1M", "1m"]) == "1M"
    assert jh.max_timeframe([]) == "1m"
    with pytest.raises(TimeframeError, match="unknown timeframe 'x'"):
        jh.max_timeframe(["1m", "x"])


def test_symbols():
    assert (jh.base_asset("BTCUSDT"), jh.dashy_symbol("btcusdt"), jh.dashy_symbol("XYZ")) == (
        "BTCUSDT",
        "btc-usdt",
        "XYZ-",
    )
    for quote_of in (jh.quote_asset, jh.get_quote_asset):
        with pytest.raises(RouteError, match="'BTCUSDT' needs a dash"):
            quote_of("BTCUSDT")
    assert (jh.get_base_asset("BTC-USDT"), jh.get_quote_asset("BTC-USDT")) == ("BTC", "USDT")


def test_sources_and_lengths_that_do_not_exist():
    with pytest.raises(IndicatorError, match="x"):
        jh.get_candle_source(np.zeros((2, 6)), "x")
    with pytest.raises(ValueError, match=r"second array \(5 values\) is longer than the first \(3\)"):
        jh.same_length(np.zeros(3), np.zeros(5))


def test_shifting_and_filling_both_axes():
    assert jh.np_shift(np.arange(6).reshape(3, 2), 1).tolist() == [[0, 0], [0, 1], [2, 3]]
    assert jh.np_shift(np.arange(3), 0).tolist() == [0, 1, 2]
    values = np.array([[NAN, 1, NAN], [2, NAN, NAN]])
    np.testing.assert_equal(jh.np_ffill(values, axis=1), [[NAN, 1, 1], [2, 2, 2]])
    np.testing.assert_equal(jh.np_ffill(values), [[NAN, 1, NAN], [2, 1, NAN]])
    np.testing.assert_equal(jh.np_ffill(np.array([NAN, 1, NAN])), [NAN, 1, 1])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: jh.opposite_side("x"), "side must be one of 'buy', 'sell', not 'x'"),
        (lambda: jh.opposite_type("x"), "position_type must be one of 'long', 'short', not 'x'"),
        (lambda: jh.side_to_type("x"), "side must be one of"),
        (lambda: jh.type_to_side("LONG"), "position_type must be one of"),
        (lambda: jh.closing_side("x"), "position_type must be one of"),
        (lambda: jh.prepare_qty(1, "x"), "side must be one of 'buy', 'long', 'sell', 'short', not 'x'"),
        (lambda: jh.estimate_PNL(1, 2, 3, "x"), "trade_type must be one of"),
    ],
)
def test_unknown_sides_are_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_sides_in_capitals():
    assert (jh.prepare_qty(1, "SELL"), jh.closing_side("Long"), jh.side_to_type("BUY")) == (-1, "sell", "long")


def test_near_prices_are_compared_on_the_other_price():
    assert jh.is_price_near(100, 101, 0.01)
    assert not jh.is_price_near(101, 100, 0.01)


def test_arrays_round_down_and_decimals_are_whole():
    assert jh.round_decimals_down(np.array([1.239, -1.001]), 1).tolist() == [1.2, -1.1]
    assert jh.round_decimals_down(1234.9, -2) == 1200
    with pytest.raises(TypeError, match=r"decimals must be an integer, not 1\.5"):
        jh.round_decimals_down(1.9, 1.5)
    with pytest.raises(ValueError, match="11 is outside of the range from 0 to 10"):
        jh.convert_number(10, 0, 1, 0, 11)


def test_cleaning_for_json():
    nested = {"a": NAN, "b": [1.0, NAN, {"c": float("inf")}], "d": "x", "e": np.float64("nan"), "f": True}
    assert jh.clean_nan_values(nested) == {
        "a": None,
        "b": [1.0, None, {"c": float("inf")}],
        "d": "x",
        "e": None,
        "f": True,
    }
    assert jh.clean_infinite_values([float("-inf"), np.float64("inf"), 1, None]) == [None, None, 1, None]


def test_dna():
    both = [{"name": "p", "type": int, "min": 1, "max": 10}, {"name": "q", "type": float, "min": 0, "max": 1}]
    assert jh.dna_to_hp(both, "t4") == {"p": 10, "q": pytest.approx(12 / 79)}
    assert jh.dna_to_hp(both, "(w") == {"p": 1, "q": 1}
    with pytest.raises(TypeError, match="'p': its type must be int or float"):
        jh.dna_to_hp([{"name": "p", "type": str, "min": 1, "max": 10}], "t")


@pytest.mark.parametrize(
    ("price", "text"),
    [
        (0.99, "0.99000"),
        (9.999, "9.99"),
        (123456, "123456.00"),
        (-1.5, "-1.50"),
        (0, "0.00"),
        (0.01234567891, "0.012345"),
        (1e-9, "0.0000000010000"),
        (-0.00012345678, "-0.00012345"),
        (NAN, "N/A"),
        (None, ""),
    ],
)
def test_prices_for_people(price, text):
    assert jh.format_price(price) == text


def test_identifiers_and_random_letters():
    assert uuid.UUID(jh.generate_unique_id()) != uuid.UUID(jh.generate_unique_id())
    assert jh.get_session_id() == jh.get_session_id()
    random.seed(1)
    first = jh.random_str(20)
    random.seed(1)
    assert first == jh.random_str(20)
    assert first.isalpha()
    assert len(jh.random_str()) == 8
    assert jh.readable_duration(0) == ""


def test_printing(capsys):
    jh.dump("x", 1)
    jh.debug("x", 1)
    jh.error("stop")
    with pytest.raises(SystemExit):
        jh.dd("last")
    printed = capsys.readouterr().out
    assert [word in printed for word in ("x\n1\n", "==> x, 1", "CRITICAL ERROR", "stop", "last")] == [True] * 5


def test_projects_and_strategies(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert not jh.is_jesse_project()
    (tmp_path / "strategies" / "Mine").mkdir(parents=True)
    (tmp_path / "storage").mkdir()
    assert jh.is_jesse_project()
    assert jh.get_strategy_class("Mine") is None
    (tmp_path / "strategies" / "Mine" / "__init__.py").write_text(
        "from livermore.strategies import Strategy\n\n\nclass Mine(Strategy):\n    pass\n"
    )
    assert jh.get_strategy_class("Mine").__name__ == "Mine"


def test_there_is_no_global_store():
    with pytest.raises(LivermoreError, match="there is no global store"):
        jh.get_store()
    assert jh.is_unit_testing()
