"""What is told of stored candles: gaps, jumps, minutes without trades, damage, month by month."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from livermore.candles import Base, CandleStore, Quality, check_market, synthetic_candles
from livermore.typing import Rows

DAY = 1440
CANDLES = synthetic_candles(70 * DAY, seed=5)  # 2021-01-01 to 2021-03-12: three months


@pytest.fixture
def store(tmp_path: Path) -> CandleStore:
    return CandleStore(tmp_path / "candles")


def test_months_and_their_sum_count_a_gap_over_the_turn_of_a_month(store: CandleStore) -> None:
    # Three minutes are missing inside January, and the last of January with the first four of February.
    kept = np.delete(CANDLES, [*range(100, 103), *range(31 * DAY - 1, 31 * DAY + 4)], axis=0)
    store.write(kept, "E", "A-B")
    report = check_market(store, "E", "A-B")
    january, february, march = (month.quality for month in report.months)
    assert january is not None and february is not None and march is not None  # noqa: PT018
    assert (january.gaps, january.missing_minutes, january.longest_gap_minutes) == (1, 3, 3)
    assert (february.gaps, february.missing_minutes, february.longest_gap_minutes) == (1, 5, 5)
    assert march.gaps == 0
    assert report.total == Quality.of(kept)
    assert report.problems == []
    assert str(report).splitlines()[-1].split()[:2] == ["all", f"{len(kept):,}"]


def candles(*rows: tuple[float, ...]) -> Rows:
    return np.array([[minute * 60_000, *values] for minute, *values in rows], dtype=float)


def test_minutes_without_trades_are_told_from_minutes_of_one_price() -> None:
    found = Quality.of(
        candles(
            (0, 10, 11, 12, 9, 5),
            (1, 11, 11, 11, 11, 0),  # filled in
            (2, 11, 11, 11, 11, 3),  # one trade
            (3, 10.5, 10.5, 10.5, 10.5, 0),  # flat, but at another price
            (4, 10.5, 10.6, 10.6, 10.5, 0),
        )
    )
    assert (found.flat, found.filled, found.zero_volume) == (3, 1, 3)


def test_jumps_are_opens_far_from_the_close_before_them_also_after_a_gap_and_at_negative_prices() -> None:
    found = Quality.of(candles((0, 100, 100, 100, 100, 1), (1, 109, 109, 109, 109, 1), (900, 50, 50, 50, 50, 1)))
    assert found.jumps == 1
    assert found.largest_jump == pytest.approx(1 - 50 / 109)
    below = Quality.of(candles((0, -10, -10, -10, -10, 1), (1, -15, -15, -15, -15, 1), (2, 0, 0, 0, 0, 1)))
    assert (below.jumps, below.largest_jump) == (2, 1.0)
    assert Quality.of(candles((0, 0, 0, 0, 0, 1), (1, 5, 5, 5, 5, 1))).jumps == 0


@settings(max_examples=40)
@given(st.sets(st.integers(0, 3999), min_size=2), st.integers(1, 3999))
def test_counts_of_two_parts_add_up(kept: set[int], cut: int) -> None:
    rows = CANDLES[sorted(kept)]
    split = min(cut, len(rows) - 1)
    parts = Quality.of(rows[:split]) + Quality.of(rows[split:], rows[split - 1])
    assert parts == Quality.of(rows)
    assert parts.missing_minutes == max(kept) - min(kept) + 1 - len(kept)


def test_damaged_months_are_told_and_the_others_are_counted(store: CandleStore) -> None:
    store.write(CANDLES, "E", "A-B")
    january, february, _ = store.months("E", "A-B")
    january.write_bytes(january.read_bytes()[:-20])
    table = pq.read_table(february)
    pq.write_table(pa.concat_tables([table, table.slice(0, 2)]), february)
    report = check_market(store, "E", "A-B")
    assert [month.quality is None for month in report.months] == [True, False, False]
    assert report.months[1].quality is not None
    assert report.months[1].quality.duplicates == 2
    assert report.months[1].quality.gaps == 0
    assert [problem.split(" is damaged")[0] for problem in report.problems] == [str(january), str(february)]
    assert report.total is not None
    assert str(report).splitlines()[3].split()[-1] == "2"
    assert str(january) in str(report)


def test_candles_outside_of_sessions_are_told_and_are_no_duplicates(tmp_path: Path) -> None:
    """Without a place in any session, the second of two candles was counted as having the time of the first."""
    weekdays = {"timezone": "UTC", "hours": {"Mon-Fri": "09:00-17:00"}}
    times = 1_704_067_200_000 + 60_000 * np.array([0.0, 1.0, 540.0, 541.0])  # a Monday, 00:00, 00:01, 09:00, 09:01
    rows = np.column_stack([times, *[np.full(4, 10.0)] * 4, np.ones(4)])
    CandleStore(tmp_path).write(rows, "Sandbox", "BTC-USDT")
    report = check_market(CandleStore(tmp_path, Base("1m", weekdays)), "Sandbox", "BTC-USDT")
    (problem,) = report.problems
    assert "2 candles outside of the sessions, the first at 2024-01-01 00:00 UTC" in problem
    assert report.total is not None
    assert report.total.duplicates == 0
    assert not check_market(CandleStore(tmp_path), "Sandbox", "BTC-USDT").problems
