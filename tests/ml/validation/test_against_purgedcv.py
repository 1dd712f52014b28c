"""The folds of purgedcv, where it is installed: an independent implementation of the same intervals."""

import numpy as np
import pytest

from livermore.ml.validation import CombinatorialPurgedKFold, PurgedKFold

purgedcv = pytest.importorskip("purgedcv", reason="purgedcv is not installed: pip install purgedcv")
pd = pytest.importorskip("pandas")


def random_times(seed):
    random = np.random.default_rng(seed)
    time = np.sort(random.choice(np.arange(100_000), 150, replace=False))
    return time, time + random.integers(1, 4000, 150)


def as_series(seconds):
    return pd.Series(pd.to_datetime(seconds, unit="s"))


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("embargo", [0, 1500])
def test_purged_kfold(seed, embargo):
    time, label_time = random_times(seed)
    ours = [(a.tolist(), b.tolist()) for a, b in PurgedKFold(time, label_time, n_splits=5, embargo=embargo).split()]
    theirs = purgedcv.PurgedKFold(
        n_splits=5,
        prediction_times=as_series(time),
        evaluation_times=as_series(label_time),
        # Its embargo includes its last time, ours is half-open.
        embargo=pd.Timedelta(seconds=max(embargo - 1, 0)),
    )
    assert ours == [(sorted(a.tolist()), b.tolist()) for a, b in theirs.split(np.zeros((150, 1)))]


@pytest.mark.parametrize("seed", range(5))
def test_combinatorial(seed):
    time, label_time = random_times(seed)
    ours = CombinatorialPurgedKFold(time, label_time, n_blocks=6, n_test_blocks=2)
    theirs = purgedcv.CombinatorialPurgedCV(
        n_splits=6, n_test_groups=2, prediction_times=as_series(time), evaluation_times=as_series(label_time)
    )
    expected = [(sorted(a.tolist()), b.tolist()) for a, b in theirs.split(np.zeros((150, 1)))]
    assert [(a.tolist(), b.tolist()) for a, b in ours.split()] == expected
