"""The splitters: worked folds, the contract, and purgedcv's folds where it is installed."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, KFold, TimeSeriesSplit, cross_val_score

from livermore.errors import DatasetError, LivermoreWarning, TrainingError
from livermore.ml.validation import (
    CombinatorialPurgedKFold,
    PurgedKFold,
    PurgedSplit,
    WalkForward,
    assert_no_leakage,
    leaking_rows,
)
from livermore.testing import SplitterSuite


class TestPurgedSplit(SplitterSuite):
    def make(self, time, label_time, embargo):
        return PurgedSplit(time, label_time, test_size=0.3, embargo=embargo)


class TestPurgedKFold(SplitterSuite):
    def make(self, time, label_time, embargo):
        return PurgedKFold(time, label_time, n_splits=4, embargo=embargo)


class TestWalkForward(SplitterSuite):
    def make(self, time, label_time, embargo):
        return WalkForward(time, label_time, n_splits=3, embargo=embargo)


class TestRollingWalkForward(SplitterSuite):
    def make(self, time, label_time, embargo):
        return WalkForward(time, label_time, n_splits=3, max_train_time=int(np.ptp(time) // 3), embargo=embargo)


class TestCombinatorial(SplitterSuite):
    def make(self, time, label_time, embargo):
        return CombinatorialPurgedKFold(time, label_time, n_blocks=5, n_test_blocks=2, embargo=embargo)


class Dataset:
    def __init__(self, time, label_time):
        self.time, self.label_time = np.asarray(time), label_time


def sets(splitter):
    return [(train.tolist(), test.tolist()) for train, test in splitter.split()]


@given(st.integers(10, 60), st.integers(2, 6))
def test_labels_that_take_no_time_give_scikit_learns_folds(n, k):
    time = np.arange(n) * 60
    expected = [(train.tolist(), test.tolist()) for train, test in KFold(k).split(time)]
    assert sets(PurgedKFold(time, time, n_splits=k)) == expected


@settings(deadline=None, max_examples=200)
@given(
    st.lists(st.tuples(st.integers(0, 300), st.integers(0, 30)), min_size=40, max_size=80),
    st.integers(0, 20),
    st.integers(2, 5),
)
def test_purging_removes_all_that_leaks_and_nothing_else(pairs, embargo, k):
    time = np.array([t for t, _ in pairs])
    label_time = time + np.array([life for _, life in pairs])
    end = np.maximum(label_time, time + 1)
    try:
        folds = list(PurgedKFold(time, label_time, n_splits=k, embargo=embargo).folds())
    except (TrainingError, DatasetError):
        return  # all times equal, or nothing left
    for fold in folds:
        blocked = {t for row in fold.test for t in range(time[row], end[row] + embargo)}
        innocent = [row for row in range(time.size) if not blocked & set(range(time[row], end[row]))]
        assert sorted(fold.train) == innocent


def test_the_audit_counts_what_split_removed():
    time = np.arange(100) * 60
    splitter = PurgedKFold(time, time + 300, n_splits=4, embargo=120)
    for (train, test), audit in zip(splitter.split(), splitter.audit(), strict=True):
        assert audit.n_train == train.size == audit.n_candidates - audit.n_purged - audit.n_embargoed
        assert (audit.n_test, audit.n_candidates) == (test.size, 100 - test.size)
    middle = splitter.audit()[1]
    assert (middle.n_purged, middle.n_embargoed) == (8, 2)
    assert (middle.test_start, middle.test_end) == (25 * 60, 49 * 60 + 300)


def test_ten_pooled_symbols_leak_a_quarter_without_purging_and_nothing_with_it():
    bars = np.repeat(np.arange(120) * 3600, 10)
    label_time = bars + 3600 * 8
    naive = sum(leaking_rows(train, test, bars, label_time).size for train, test in KFold(10).split(bars))
    ours = sum(
        leaking_rows(train, test, bars, label_time).size for train, test in PurgedKFold(bars, label_time, 10).split()
    )
    assert naive > 1000
    assert ours == 0


def test_samples_of_one_moment_stay_on_one_side():
    time = np.repeat(np.arange(10), 3)
    for splitter in (
        PurgedKFold(time, time, 4),
        WalkForward(time, time, 3),
        CombinatorialPurgedKFold(time, time, 4, 2),
    ):
        for fold in splitter.folds():
            assert not set(time[fold.train]) & set(time[fold.test])
            assert fold.audit.n_purged == 0


def test_walk_forward_trains_on_the_known_past_alone():
    random = np.random.default_rng(0)
    time = np.sort(random.integers(0, 5000, 200))
    label_time = time + random.integers(0, 300, 200)
    previous = -1
    for train, test in WalkForward(time, label_time, n_splits=4).split():
        assert label_time[train].max() <= time[test].min()
        assert train.size > previous
        previous = train.size


def test_walk_forward_tests_scikit_learns_blocks_when_labels_take_no_time():
    time = np.arange(12)
    expected = [(train.tolist(), test.tolist()) for train, test in TimeSeriesSplit(3).split(time)]
    assert sets(WalkForward(time, time, n_splits=3, first_train=0.25)) == expected


def test_every_path_holds_each_prediction_once():
    time = np.arange(50)
    splitter = CombinatorialPurgedKFold(time, time + 2, n_blocks=6, n_test_blocks=2)
    tests = [test for _, test in splitter.split()]
    paths = splitter.paths([1000 * fold + test for fold, test in enumerate(tests)])
    assert paths.shape == (splitter.n_paths, 50) == (5, 50)
    assert np.all(paths % 1000 == time)
    assert np.unique(paths).size == sum(test.size for test in tests)


def test_paths_refuse_predictions_that_do_not_fit():
    splitter = CombinatorialPurgedKFold(range(6), range(1, 7), n_blocks=3, n_test_blocks=1)
    with pytest.raises(DatasetError, match="There are 3 folds but predictions of 1"):
        splitter.paths([[1.0]])
    with pytest.raises(DatasetError, match="Fold 1 tests 2 rows but its predictions have shape"):
        splitter.paths([[1.0, 1.0], [1.0], [1.0, 1.0]])


def test_a_search_on_the_training_side_uses_the_subset_of_its_rows():
    random = np.random.default_rng(0)
    time = np.arange(200) * 60
    X, y = random.normal(size=(200, 3)), random.integers(0, 2, 200)
    train, _ = next(PurgedSplit(time, time + 600).split())
    inner = PurgedKFold(time, time + 600, n_splits=3).subset(train)
    search = GridSearchCV(LogisticRegression(), {"C": [0.1, 1.0]}, cv=inner).fit(X[train], y[train])
    assert search.n_splits_ == 3
    assert len(cross_val_score(clone(search.best_estimator_), X[train], y[train], cv=inner)) == 3


def test_from_dataset_purges_by_the_datasets_label_times():
    time = np.arange(30) * 60
    splitter = PurgedKFold.from_dataset(Dataset(time, time + 120), n_splits=3)
    assert [audit.n_purged for audit in splitter.audit()] == [1, 2, 1]


def test_from_a_dataset_without_label_times_warns_that_nothing_is_purged():
    with pytest.warns(LivermoreWarning, match="nothing can be purged"):
        splitter = PurgedKFold.from_dataset(Dataset(np.arange(30), None), n_splits=3)
    assert [audit.n_purged for audit in splitter.audit()] == [0, 0, 0]


def test_repr_shows_parameters_and_not_arrays():
    assert repr(PurgedKFold(range(30), range(30), n_splits=3)) == "PurgedKFold(<30 samples>, embargo=0, n_splits=3)"


@pytest.mark.parametrize(
    ("splitter", "error", "message"),
    [
        (PurgedKFold(range(10), range(50, 60), 5), TrainingError, "Fold 1 of 5 has nothing left to train on: of 8"),
        (PurgedKFold(range(10), None, 11), DatasetError, "Cannot cut 10 samples into 11 blocks"),
        (PurgedKFold([7] * 10, None, 2), DatasetError, "Too many samples have the same time"),
        (PurgedKFold(range(10), None, 2, embargo=-1), DatasetError, "embargo must be whole seconds"),
        (PurgedKFold(range(10), None, 2, embargo=0.5), DatasetError, "embargo must be whole seconds"),
        (PurgedSplit(range(10), None, test_size=1.0), DatasetError, "test_size must be a share"),
        (PurgedSplit(range(2), None, test_size=0.9), TrainingError, "leaves one part of 2 samples empty"),
        (WalkForward(range(10), None, first_train=0), DatasetError, "first_train must be a share"),
        (WalkForward(range(10), None, n_splits=9), DatasetError, "10 samples are too few for 9 test blocks"),
        (WalkForward(range(10), None, max_train_time=0), DatasetError, "max_train_time must be positive"),
        (CombinatorialPurgedKFold(range(10), None, 3, 3), DatasetError, "n_test_blocks must be at least 1"),
    ],
)
def test_what_cannot_be_split(splitter, error, message):
    with pytest.raises(error, match=message):
        list(splitter.split())


def test_a_splitter_built_for_other_rows_says_so():
    with pytest.raises(DatasetError, match=r"built for 10 samples but is asked to split 7"):
        list(PurgedKFold(range(10), None, 2).split(np.zeros((7, 1))))


def test_assert_no_leakage_finds_the_planted_leak_and_names_it():
    time = np.arange(100) * 60
    with pytest.raises(AssertionError, match=r"4 of 80 training samples share time .* Row 76 spans \[4560, 4860\)"):
        assert_no_leakage(np.arange(80), np.arange(80, 100), time, time + 300)


def test_assert_no_leakage_finds_a_broken_embargo():
    with pytest.raises(AssertionError, match="with an embargo of 5 s"):
        assert_no_leakage([9], [2], range(10), range(5, 15), embargo=5)
    assert_no_leakage([9], [2], range(10), range(5, 15), embargo=2)


def test_a_training_row_that_is_tested_leaks():
    assert leaking_rows([1, 2], [2], [0, 1, 2], [1, 2, 3]).tolist() == [2]


@pytest.mark.slow
def test_thousands_of_random_label_sets_hold_no_leak():
    from livermore.testing import random_label_sets

    checked = 0
    for time, label_time, embargo in random_label_sets(3000, seed=7):
        for splitter in (
            PurgedKFold(time, label_time, 4, embargo=embargo),
            WalkForward(time, label_time, 3, embargo=embargo),
            CombinatorialPurgedKFold(time, label_time, 5, 2, embargo=embargo),
        ):
            for train, test in splitter.split():
                assert_no_leakage(train, test, time, label_time, embargo)
                checked += 1
    assert checked == 3000 * (4 + 3 + 10)
