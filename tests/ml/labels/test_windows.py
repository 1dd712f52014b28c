"""Label intervals: the rule of half-open intervals, and overlap against brute force."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from livermore.errors import DatasetError
from livermore.ml.labels import LabelWindows
from livermore.ml.validation import PurgedKFold

interval_lists = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 15)), min_size=1, max_size=25)


def windows_of(pairs):
    start = np.array([a for a, _ in pairs])
    return LabelWindows.of(start, start + np.array([life for _, life in pairs]))


@given(interval_lists, interval_lists, st.integers(0, 10))
def test_overlaps_agrees_with_comparing_every_pair_of_intervals_moment_by_moment(mine, theirs, embargo):
    a, b = windows_of(mine), windows_of(theirs)
    blocked = set()
    for start, end in zip(b.start, b.end, strict=True):
        blocked |= set(range(start, end + embargo))
    expected = [bool(blocked & set(range(start, end))) for start, end in zip(a.start, a.end, strict=True)]
    assert a.overlaps(b, embargo=embargo).tolist() == expected


@given(interval_lists)
def test_merged_covers_the_same_moments_without_touching(pairs):
    windows = windows_of(pairs)
    merged = windows.merged()
    covered = {t for start, end in zip(windows.start, windows.end, strict=True) for t in range(start, end)}
    assert {t for start, end in zip(merged.start, merged.end, strict=True) for t in range(start, end)} == covered
    assert np.all(merged.start[1:] > merged.end[:-1])


def test_a_label_known_when_another_sample_is_taken_does_not_overlap_it():
    windows = LabelWindows.of([0, 10], [10, 20])
    assert not windows.take([0]).overlaps(windows.take([1]))[0]


def test_a_label_known_at_once_still_overlaps_its_own_moment():
    windows = LabelWindows.of([5, 5, 0], [5, 9, 5])
    assert windows.take([0]).overlaps(windows.take([1]))[0]
    assert not windows.take([0]).overlaps(windows.take([2]))[0]


def test_no_label_times_means_that_each_label_occupies_its_own_second():
    windows = LabelWindows.of([3, 1], None)
    assert windows.end.tolist() == [4, 2]


def test_datetimes_become_seconds():
    windows = LabelWindows.of(
        np.array(["2024-01-01T00:00:00.000"], dtype="datetime64[ms]"),
        np.array(["2024-01-01T01"], dtype="datetime64[h]"),
    )
    assert (windows.end - windows.start).tolist() == [3600]


@pytest.mark.parametrize(
    ("time", "label_time", "message"),
    [
        ([0, 1], [1], "time has 2 entries and label_time 1"),
        ([0, 5], [1, 4], "Sample 1 was taken at 5, but its label_time is 4"),
        ([0.5], [1], r"time\[0\] is 0.5"),
        ([0.0], [np.nan], r"label_time\[0\] is nan"),
        (["a"], [1], "must hold whole seconds"),
        ([[0]], [[1]], "one-dimensional"),
        (np.array(["NaT"], dtype="datetime64[s]"), [1], r"time\[0\] is NaT"),
    ],
)
def test_times_that_cannot_be(time, label_time, message):
    with pytest.raises(DatasetError, match=message):
        LabelWindows.of(time, label_time)


def test_times_of_frames_with_a_zone_are_utc_seconds():
    index = pd.date_range("2024-01-01 09:00", periods=3, freq="h", tz="Asia/Tokyo")
    windows = LabelWindows.of(index, pd.Series(index) + pd.Timedelta("1h"))
    assert windows.start.tolist() == [1_704_067_200 + 3600 * i for i in range(3)]
    assert (windows.end - windows.start).tolist() == [3600] * 3


def test_purged_folds_take_an_index_in_utc():
    index = pd.date_range("2024-01-01", periods=40, freq="h", tz="UTC")
    folds = PurgedKFold(index, index + pd.Timedelta("2h"), n_splits=4)
    naive = index.tz_localize(None)
    plain = PurgedKFold(naive, naive + pd.Timedelta("2h"), n_splits=4)
    X = np.zeros((40, 1))
    for (train, test), (expected_train, expected_test) in zip(folds.split(X), plain.split(X), strict=True):
        assert train.tolist() == expected_train.tolist()
        assert test.tolist() == expected_test.tolist()
