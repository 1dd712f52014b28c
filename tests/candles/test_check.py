"""Each rule that candles can break, at the row where they break it."""

import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from livermore.candles import CLOSE, HIGH, LOW, OPEN, VOLUME, check_candles, minutes
from livermore.candles._check import _LAST_MS as LATEST
from livermore.candles._check import _number_fault, _price_fault, _time_fault
from livermore.candles.minutes import are_sound
from livermore.errors import CandleError
from livermore.testing._kernels import uncompiled

RULES = (_time_fault, _number_fault, _price_fault)

START = 1_641_000_000_000  # 2022-01-01 01:20 UTC


PLAIN = uncompiled(minutes)


def candles(n=10):
    rows = np.empty((n, 6))
    rows[:, 0] = START + 60_000 * np.arange(n)
    rows[:, OPEN] = 10
    rows[:, CLOSE] = 11
    rows[:, HIGH] = 12
    rows[:, LOW] = 9
    rows[:, VOLUME] = 5
    return rows


def broken(row, column, value):
    rows = candles()
    rows[row, column] = value
    return rows


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (broken(3, 0, np.nan), r"BTC: row 3 \(timestamp nan\): the timestamp is nan"),
        (broken(3, 0, np.inf), "row 3 .* the timestamp is inf"),
        (broken(3, 0, START + 1.5), r"row 3 \(2022-01-01 01:20:00.001 UTC\).* not a whole minute"),
        (candles() * [1000, 1, 1, 1, 1, 1], "row 0 .* no time in milliseconds.*microseconds"),
        (candles() / [1000, 1, 1, 1, 1, 1], r"row 1 .* look like seconds: multiply them by 1,000"),
        (candles() + np.array([59_999, 0, 0, 0, 0, 0]), "row 0 .* at which the candles open, not at which they close"),
        (broken(3, 0, START + 2 * 60_000), r"row 3 \(2022-01-01 01:22 UTC\): the time is there twice: row 2"),
        (broken(3, 0, START), "row 3 .* there twice: row 0 has it, too"),
        (broken(3, 0, START - 60_000), "row 3 .* before that of the row above it, 2022-01-01 01:22 UTC. Sort"),
        (broken(4, OPEN, np.nan), r"row 4 \(2022-01-01 01:24 UTC\): open is nan"),
        (broken(4, HIGH, np.inf), "row 4 .* high is inf"),
        (broken(4, VOLUME, np.nan), "row 4 .* volume is nan"),
        (broken(5, LOW, 13), r"row 5 \(2022-01-01 01:25 UTC\): high 12.0 is below low 13.0"),
        (broken(5, OPEN, 12.5), "row 5 .* open 12.5 is above high 12.0"),
        (broken(5, OPEN, 8.5), "row 5 .* open 8.5 is below low 9.0"),
        (broken(5, CLOSE, 12.5), "row 5 .* close 12.5 is above high 12.0"),
        (broken(5, CLOSE, 8.5), "row 5 .* close 8.5 is below low 9.0"),
        (broken(6, VOLUME, -1), "row 6 .* volume -1.0 is negative"),
        (candles()[:0], r"BTC: there are no candles \(an array of shape \(0, 6\)\)"),
        (candles()[:, :5], r"rows of 6 columns .* shape \(10, 5\)"),
        (candles()[0], r"rows of 6 columns .* shape \(6,\)"),
        (candles().tolist(), "must be a numpy array, not list"),
        (candles().astype(str), "must be numbers, not <U"),
        (candles().astype(complex), "must be numbers, not complex128"),
    ],
)
def test_each_fault_is_named_with_its_row_time_and_value(rows, message):
    with pytest.raises(CandleError, match=f"^BTC: .*{message.removeprefix('BTC: ')}"):
        check_candles(rows, name="BTC")


def test_gaps_negative_prices_and_single_rows_are_fine():
    rows = candles()[[0, 1, 5, 9]]
    rows[:, 1:5] -= 20
    assert check_candles(rows) is rows
    assert check_candles(rows[:1]).shape == (1, 6)


def test_integers_and_other_layouts_become_contiguous_floats():
    for given_rows in (candles().astype(np.int64), np.asfortranarray(candles()), candles()[::2]):
        checked = check_candles(given_rows)
        assert checked.dtype == np.float64
        assert checked.flags.c_contiguous
        assert np.array_equal(checked, given_rows)


def test_the_errors_are_value_errors_as_in_jesse():
    with pytest.raises(ValueError, match="no candles"):
        check_candles(np.empty((0, 6)))


@given(st.integers(0, 9), st.integers(0, 5), st.sampled_from([np.nan, np.inf, -np.inf]))
def test_no_number_that_is_not_finite_passes(row, column, value):
    with pytest.raises(CandleError, match=f"row {row} "):
        check_candles(broken(row, column, value))


@given(st.data())
def test_the_quick_look_and_the_rules_agree(data):
    """A rule that the compiled look forgets lets broken candles in; one that it invents costs a search for nothing."""
    count = data.draw(st.integers(1, 6))
    rows = np.column_stack([60_000.0 * np.arange(count), np.tile([10.0, 11, 12, 9, 5], (count, 1))])
    number = st.sampled_from([np.nan, np.inf, -np.inf, -1.0, 0.0, 9.0, 10.5, 12.0, 13.0, 60_000.0, 90_000.0, 1e300])
    for _ in range(data.draw(st.integers(0, 3))):
        rows[data.draw(st.integers(0, count - 1)), data.draw(st.integers(0, 5))] = data.draw(number)
    found = [rule(rows) for rule in RULES]
    assert are_sound(rows, 60_000, LATEST) == (found == [None, None, None])
    assert PLAIN.are_sound(rows, 60_000, LATEST) == are_sound(rows, 60_000, LATEST)


@pytest.mark.parametrize("column", [OPEN, CLOSE, HIGH, LOW, VOLUME])
@pytest.mark.parametrize("row", [0, 1, 130, 299])
def test_one_broken_number_among_many_rows_is_seen(row, column):
    """The numbers of all rows are judged together: none may make another good again."""
    for value in (np.nan, np.inf, -np.inf, -1.0, np.nextafter(9.0, 0.0), np.nextafter(12.0, 13.0)):
        rows = candles(300)
        rows[row, column] = value
        found = [rule(rows) for rule in RULES]
        assert are_sound(rows, 60_000, LATEST) == (found == [None, None, None])


def test_numbers_whose_difference_is_not_finite_are_left_to_the_rules():
    largest = np.finfo(float).max
    rows = candles()
    rows[4, 1:] = [largest, -largest, largest, -largest, largest]
    assert not are_sound(rows, 60_000, LATEST)
    assert check_candles(rows) is rows


def test_the_plain_kernel_is_as_quiet_as_the_compiled_one():
    """numpy's numbers would warn of infinities, which is not what is wrong with them."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert not PLAIN.are_sound(broken(3, HIGH, np.inf), 60_000, LATEST)


def test_the_last_and_the_first_time_that_can_be():
    for time in (LATEST // 60_000 * 60_000, -(LATEST // 60_000 * 60_000)):
        rows = np.array([[time, 10.0, 11, 12, 9, 5]])
        assert check_candles(rows) is rows
        with pytest.raises(CandleError, match="is no time in milliseconds"):
            check_candles(rows + np.array([np.copysign(60_000, time), 0, 0, 0, 0, 0]))
