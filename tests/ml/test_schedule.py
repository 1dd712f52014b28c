"""When to train again: the same times whenever one asks, and only labels that are known."""

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from livermore.errors import ConfigError, DatasetError
from livermore.ml.schedule import RetrainSchedule

DAY = 86_400
spans = st.integers(60, 40 * DAY).map(lambda seconds: timedelta(seconds=seconds))
schedules = st.builds(RetrainSchedule, every=spans, window=st.none() | spans, min_samples=st.integers(2, 5))


@given(schedules, st.integers(0, 4_000_000_000), st.integers(0, 10 * DAY))
def test_times_are_those_in_force_and_do_not_depend_on_the_start(
    schedule: RetrainSchedule, start: int, length: int
) -> None:
    times = schedule.times(start, start + length)
    if not length:
        assert times == ()
        return
    assert times[0] <= start < times[0] + schedule.every.total_seconds()
    for now in {start, start + length // 2, start + length - 1}:
        assert schedule.last_due(now) in times
        assert schedule.is_due(None, now)
        assert not schedule.is_due(schedule.last_due(now), now)
    later = schedule.times(start + length // 2, start + length)
    assert later == times[len(times) - len(later) :]


@given(schedules, st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 10**5)), max_size=30), st.integers(0, 10**6))
def test_only_known_labels_of_the_window_are_used(
    schedule: RetrainSchedule, samples: list[tuple[int, int]], at: int
) -> None:
    time = np.array([taken for taken, _ in samples], dtype=np.int64)
    label_time = time + np.array([wait for _, wait in samples], dtype=np.int64)
    rows = schedule.known(time, label_time, at)
    oldest = -np.inf if schedule.window is None else at - schedule.window.total_seconds()
    expected = [k for k in range(len(samples)) if label_time[k] <= at and time[k] >= oldest]
    assert rows.tolist() == (expected if len(expected) >= schedule.min_samples else [])


def test_an_anchor_moves_the_times() -> None:
    monday = datetime(2024, 1, 1, tzinfo=UTC)
    schedule = RetrainSchedule(every=timedelta(days=7), anchor=monday)
    wednesday = int(datetime(2024, 5, 15, 13, tzinfo=UTC).timestamp())
    assert datetime.fromtimestamp(schedule.last_due(wednesday), UTC) == datetime(2024, 5, 13, tzinfo=UTC)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"every": 30}, r"every must be a timedelta, such as timedelta\(days=30\), not 30"),
        ({"every": timedelta(0)}, "every must be a timedelta"),
        ({"window": timedelta(-1)}, "window must be a timedelta"),
        ({"min_samples": 1}, "min_samples must be 2 or more"),
        ({"anchor": datetime(2024, 1, 1)}, "anchor must have a time zone"),
    ],
)
def test_what_is_no_schedule_is_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        RetrainSchedule(**({"every": timedelta(days=1)} | changes))


def test_without_label_times_nothing_is_certain() -> None:
    with pytest.raises(DatasetError, match="the samples have no label_time"):
        RetrainSchedule(every=timedelta(days=1)).known([1, 2], None, 3)
