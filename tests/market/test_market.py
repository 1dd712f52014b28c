"""Candles of a market: compiled helpers against plain numpy, and views against resampling what is visible."""

from array import array

import numpy as np
import pytest

from livermore.candles import combine, resample
from livermore.candles.minutes import Minutes
from livermore.market.clock import SessionClock
from livermore.market.market import Market


@pytest.mark.parametrize("count", [1, 2, 7, 8, 9, 15, 64, 127, 128, 129, 240, 259, 1440, 10_080])
def test_combined_minutes_equal_numpy_s_bit_for_bit(count: int, random_minutes) -> None:
    rows = random_minutes(count, count + 7) * [1, 1, 1, 1, 1, 1e5]
    compiled = Minutes(rows[:40], rows[40:])
    for start in (0, 3, 7):
        expected = combine(rows[start : start + count], 0)[1:].tolist()
        candle = np.empty(6)
        compiled.combine_into(candle, start, start + count)
        assert candle[1:].tolist() == expected


def test_the_next_touch_is_the_first_row_that_leaves_the_space_between(random_minutes) -> None:
    rows = random_minutes(1, 500)
    compiled = Minutes(rows[:240], rows[240:])
    rng = np.random.default_rng(1)
    for _ in range(300):
        start, below, above = int(rng.integers(500)), 100 - rng.random() * 3, 100 + rng.random() * 3
        hits = [i for i in range(start, 500) if rows[i, 4] <= below or rows[i, 3] >= above]
        assert compiled.find(start, 500, below, above) == (hits[0] if hits else -1)


@pytest.mark.parametrize("timeframe", ["1m", "5m", "45m", "4h"])
@pytest.mark.parametrize("missing", [0.0, 0.2])
@pytest.mark.parametrize("parted_at", [0, 1, 38, 50])
def test_views_are_what_the_visible_rows_make(timeframe: str, missing: float, parted_at: int, random_minutes) -> None:
    rows = random_minutes(2, 700, start=1_640_995_200_000 + 7 * 60_000)
    rows = rows[np.random.default_rng(3).random(len(rows)) >= missing]
    first = 50
    ends = (rows[first:, 0] + 60_000).astype(np.int64)
    clock = SessionClock(rows[first, 0], array("q", ends.tobytes()))
    visible = array("q", np.arange(first, len(rows)).tobytes())
    market = Market(
        Minutes(rows[:parted_at], rows[parted_at:]),
        exchange="E",
        symbol="A-B",
        clock=clock,
        first_row=first,
        row_of_event=visible,
    )
    frame = market.frame(timeframe)
    for event in range(-1, len(ends)):
        clock.event = event
        expected = resample(rows[: first + event + 1], timeframe, keep_incomplete=True)
        assert np.array_equal(frame.view(), expected)
        assert [frame.value(column) for column in range(6)] == expected[-1].tolist()
        assert frame.current().tolist() == expected[-1].tolist()


def test_a_bar_seen_whole_can_be_seen_forming_and_whole_again(random_minutes) -> None:
    rows = random_minutes(1, 10)
    clock = SessionClock(rows[0, 0], range(int(rows[0, 0]) + 60_000, int(rows[-1, 0]) + 60_001, 60_000))
    market = Market(Minutes(rows[:0], rows), exchange="E", symbol="A-B", clock=clock, first_row=0)
    frame = market.frame("5m")
    clock.event = 4
    whole = resample(rows[:5], "5m")
    assert np.array_equal(frame.view(), whole)
    market.partial = rows[4] * [1, 1, 0.5, 1, 0.5, 1]
    assert frame.view()[-1, 2] == rows[4, 2] / 2 == frame.value(2)
    market.partial = None
    assert np.array_equal(frame.view(), whole)
    assert frame.value(2) == rows[4, 2]
