"""What the measured goldens of utils do not reach: refusals, edges, and the tools that print or need pandas."""

import math
import sys

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from livermore import utils
from livermore.candles import synthetic_candles
from livermore.errors import IndicatorError, LivermoreWarning, MissingExtraError, TimeframeError

NAN = float("nan")
amounts = st.floats(0.01, 1e6)


@given(amounts, st.floats(0.1, 100), amounts, amounts, st.integers(0, 8))
def test_a_risked_quantity_never_costs_or_loses_more_than_allowed(capital, percent, entry, stop, precision):
    assume(abs(entry - stop) > 1e-6 * entry)
    qty = utils.risk_to_qty(capital, percent, entry, stop, precision)
    assert qty * entry <= capital * (1 + 1e-9)
    assert qty * abs(entry - stop) <= capital * percent / 100 * (1 + 1e-9)


def test_fees_are_set_aside_by_name_and_the_default_precision_is_eight():
    assert utils.risk_to_qty(10_000, 1, 100, 80, fee_rate=0.001) == 4.970045
    with pytest.warns(LivermoreWarning, match=r"fee_rate=0\.001"):
        assert utils.risk_to_qty(10_000, 1, 100, 80, 0.001) == pytest.approx(4.988500319112767, rel=1e-15)
    assert utils.risk_to_qty(10_000, 1, 3, 2.7) == 333.33333333
    assert utils.size_to_qty(-100, 30) == -3.334


@pytest.mark.parametrize("bad", [None, NAN])
def test_missing_numbers_are_type_errors(bad):
    for call in (
        lambda: utils.size_to_qty(bad, 30),
        lambda: utils.size_to_qty(100, bad),
        lambda: utils.qty_to_size(2, bad),
        lambda: utils.estimate_risk(bad, 1),
    ):
        with pytest.raises(TypeError, match=f"must be a number, not {bad}|real number, not NoneType"):
            call()


def test_no_risk_is_refused():
    with pytest.raises(ValueError, match="stop-loss must differ from the entry price"):
        utils.risk_to_qty(10_000, 1, 100, 100)


def test_crossing_a_level_and_nan():
    assert utils.crossed(np.array([1.0, 3.0]), 2, "above") is True
    assert utils.crossed(np.array([1.0, 3.0]), np.float64(2)) is True
    assert utils.crossed(np.array([3.0, 2.0]), 2) is False
    assert utils.crossed(np.array([NAN, 3.0]), 2) is False
    assert utils.crossed(np.array([9.0, 1.0, 3.0]), np.array([2.0, 2.0])) is True


@given(st.lists(st.integers(-3, 3), min_size=2, max_size=30), st.integers(-2, 2))
def test_sequential_crossings_end_with_the_single_answer(values, level):
    series = np.array(values, dtype=float)
    for direction in (None, "above", "below"):
        everywhere = utils.crossed(series, level, direction, sequential=True)
        assert everywhere[0] is np.False_
        for end in range(2, len(series) + 1):
            assert everywhere[end - 1] == utils.crossed(series[:end], level, direction)


def test_crossing_refuses_what_it_cannot_answer():
    with pytest.raises(IndicatorError, match="direction must be 'above', 'below' or None, not 'up'"):
        utils.crossed([1.0, 2.0], 1, "up")
    with pytest.raises(IndicatorError, match="at least two values, and series1 has 1"):
        utils.crossed([1.0], 1)
    with pytest.raises(IndicatorError, match="the same length, not 3 and 2"):
        utils.crossed(np.ones(3), np.ones(2), sequential=True)


def test_streaks_of_little_and_of_nan():
    assert utils.streaks([]).shape == (0,)
    assert utils.streaks([1.0]).shape == (0,)
    assert utils.streaks([1.0, NAN, 2.0, 3.0]).tolist() == [0, 0, 1]
    assert utils.streaks([1, 2, -3, -2, 0, 0, 5], use_diff=False).tolist() == [1, 2, -1, -2, 0, 0, 1]


def test_returns_and_scores_of_flat_and_zero_prices():
    assert utils.prices_to_returns(np.array([0.0, 2.0]))[1] == math.inf
    assert utils.prices_to_returns([1, 2, 3]).tolist()[1:] == [100, 50]
    assert np.isnan(utils.z_score(np.ones(3))).all()


@given(st.floats(-1e12, 1e12), st.floats(-1e12, 1e12))
def test_decimal_sums_are_the_exact_ones_to_the_last_digit_or_nearly(a, b):
    assert utils.sum_floats(a, b) == pytest.approx(a + b, rel=1e-12, abs=1e-20)
    assert utils.subtract_floats(a, b) == -utils.subtract_floats(b, a)


def test_decimal_sums():
    assert utils.sum_floats(0.1, 0.2) == 0.3
    assert utils.subtract_floats(0.3, 0.1) == 0.2
    assert utils.sum_floats(1e-30, 1e-30) == 0
    assert utils.sum_floats(5e-29, 5e-29) == 2e-28
    assert math.copysign(1, utils.sum_floats(-0.0, 0)) == 1
    for bad in (NAN, math.inf, 8e28):
        with pytest.raises(ValueError, match="cannot be added as a decimal"):
            utils.sum_floats(bad, 1)
    with pytest.raises(ValueError, match=r"the result 1\.580e\+29 is above"):
        utils.sum_floats(7.9e28, 7.9e28)
    with pytest.raises(TypeError):
        utils.sum_floats("1", 2)


def test_anchors():
    with pytest.raises(KeyError):
        utils.anchor_timeframe("1D")
    with pytest.raises(TimeframeError, match="unknown timeframe '10m'"):
        utils.anchor_timeframe("10m")


def test_permutations():
    assert utils.combinations_without_repeat(np.array([1, 2]), 3).shape == (0, 3)
    with pytest.raises(ValueError, match="n must be at least 2, not 1"):
        utils.combinations_without_repeat([1, 2], 1)


def test_cointegration_is_found_where_it_is():
    rng = np.random.default_rng(0)
    common = np.cumsum(rng.normal(size=300))
    assert utils.are_cointegrated(common + rng.normal(size=300), common) is True
    assert utils.are_cointegrated(np.cumsum(rng.normal(size=300)), common) is False


def test_dataframes():
    pd = pytest.importorskip("pandas")
    candles = synthetic_candles(3, seed=1)
    frame = utils.numpy_candles_to_dataframe(candles, name_close="last")
    assert list(frame.columns) == ["date", "open", "last", "high", "low", "volume"]
    assert np.array_equal(frame.iloc[:, 1:].to_numpy(), candles[:, 1:])
    assert isinstance(frame.index, pd.DatetimeIndex)
    assert str(frame.index[1]) == "2021-01-01 00:01:00"
    assert (frame["date"] == frame.index).all()
    assert str(frame["date"].dtype) == "datetime64[ns]"


def test_dataframes_need_pandas(monkeypatch):
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(MissingExtraError, match="pandas is not installed"):
        utils.numpy_candles_to_dataframe(synthetic_candles(3, seed=1))


def test_dump_and_die(capsys):
    with pytest.raises(SystemExit):
        utils.dd({"a": 1})
    assert capsys.readouterr().out == "{'a': 1}\n"


@pytest.mark.parametrize(
    "call", [lambda: utils.risk_to_qty(10_000, 1, 100, 80, 0.0007), lambda: utils.size_to_qty(500, 100, 0.0007)]
)
def test_a_fee_in_the_place_of_the_precision_is_noted(call):
    with pytest.warns(LivermoreWarning, match=r"give it by name: fee_rate=0\.0007"):
        call()
