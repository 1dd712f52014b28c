"""What is approximated above a stated size: close to the exact figures, and spread over classes, time and symbols."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from livermore.ml import sizes
from livermore.ml.dataset import Dataset, consecutive, rows_of
from livermore.ml.evidence import diagnose_features
from livermore.ml.evidence._losses import long_run_test
from livermore.ml.evidence._memory import autocovariances
from livermore.ml.importance import consensus_table, feature_clusters
from livermore.ml.importance._judging import _thinned
from livermore.ml.sizes import time_blocked_rows
from livermore.ml.tasks import TASKS


@given(
    counts=st.lists(st.integers(1, 3000), min_size=1, max_size=4),
    most=st.integers(1, 4000),
    seed=st.integers(0, 5),
)
def test_rows_are_ascending_and_each_is_chosen_once(counts: list[int], most: int, seed: int) -> None:
    groups = np.random.default_rng(seed).permutation(np.repeat(np.arange(len(counts)), counts))
    rows = time_blocked_rows(groups, most, seed)
    assert (np.diff(rows) > 0).all()
    assert 0 <= rows[0] <= rows[-1] < groups.size
    if groups.size <= most:
        assert rows.size == groups.size
    for number, count in enumerate(counts):
        share = round(most * count / groups.size)
        assert int((groups[rows] == number).sum()) == min(count, max(share, 100)) or groups.size <= most


def test_a_rare_class_is_kept() -> None:
    groups = np.zeros(500_000, dtype=int)
    groups[1000::5000] = 1
    assert int((groups[time_blocked_rows(groups, 10_000)] == 1).sum()) == 100


def test_samples_of_many_symbols_are_of_all_symbols() -> None:
    # Evenly spaced rows would be of one symbol: 100,000 samples of 100 symbols, every hundredth taken.
    symbol = np.tile(np.arange(100), 1000)
    found = np.bincount(symbol[time_blocked_rows(np.zeros(symbol.size), 1000)], minlength=100)
    assert found.max() < 30
    assert (found > 0).sum() > 95


def test_shuffled_samples_are_of_all_symbols() -> None:
    symbol, rows = np.tile(np.arange(60), 1000), np.arange(60_000)
    found = np.bincount(symbol[_thinned(rows, 1000, symbol)], minlength=60)
    assert (found > 0).sum() > 55
    assert np.array_equal(_thinned(rows[:900], 1000, symbol), rows[:900])
    # Of one market the rows stay what they were.
    assert np.array_equal(_thinned(rows, 3, None), [0, 30_000, 59_999])


def test_every_stretch_of_time_has_its_share() -> None:
    rows = time_blocked_rows(np.random.default_rng(0).integers(0, 2, 80_000), 8_000)
    tenths = np.bincount(rows * 10 // 80_000, minlength=10)
    assert tenths.min() > 780
    assert tenths.max() < 820


def walk(n: int, seed: int) -> np.ndarray:
    series = np.random.default_rng(seed).standard_normal(n)
    series[1:] += 0.7 * series[:-1]
    return series - series.mean()


@pytest.mark.parametrize(("n", "count"), [(70_000, 300), (131_072, 2), (200_003, 1000), (65_537, 65_537)])
def test_autocovariances_of_long_series_are_the_direct_sums(n: int, count: int) -> None:
    series = walk(n, n)
    lags = sorted({0, 1, count // 3, count // 2, count - 2, count - 1})
    found = autocovariances(series, count)
    assert found.shape == (count,)
    direct = [float(series[k:] @ series[: n - k]) / n for k in lags]
    np.testing.assert_allclose(found[lags], direct, rtol=0, atol=1e-10)


def test_a_test_of_a_long_series_does_not_depend_on_how_lags_are_summed(monkeypatch: pytest.MonkeyPatch) -> None:
    series = walk(20_000, 1) + 0.02
    direct = long_run_test(series)
    monkeypatch.setattr(sizes, "DIRECT_LAGS", 1000)
    np.testing.assert_allclose(long_run_test(series), direct, rtol=1e-9)


def features(n: int) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(4)
    X = random.standard_normal((n, 6))
    X[:, 5] = X[:, 0] + 0.01 * random.standard_normal(n)
    return X, (0.9 * X[:, 1] + 0.4 * X[:, 2] + random.standard_normal(n) > 0).astype(int)


def test_the_table_of_some_samples_ranks_features_as_that_of_all(monkeypatch: pytest.MonkeyPatch) -> None:
    X, y = features(4000)
    names, proxies = list("abcdef"), TASKS["binary"].proxies
    exact = consensus_table(X, y, names, proxies, n_jobs=1)
    monkeypatch.setattr(sizes, "SCORED", 1500)
    monkeypatch.setattr(sizes, "ELIMINATED", 1500)
    some = consensus_table(X, y, names, proxies, n_jobs=1)
    assert some["_order"][:2] == exact["_order"][:2] == [1, 2]
    # F and correlation are of all samples; F column by column, in another order of sums.
    np.testing.assert_allclose(some["anova_f_values"], exact["anova_f_values"], rtol=1e-9)
    assert some["correlations"] == exact["correlations"]
    # The standard error of an accuracy on 1,250 predictions is 0.014.
    assert abs(some["cv_baseline"] - exact["cv_baseline"]) < 0.05


def test_diagnostics_and_clusters_of_some_samples_are_those_of_all(monkeypatch: pytest.MonkeyPatch) -> None:
    X, y = features(4000)
    time, names = 60 * np.arange(4000), list("abcdef")
    X[:, 3] = X[:, 0]
    X[:, 4] = time
    exact, clusters = diagnose_features(X, y, time, X[:500], names), feature_clusters(X)
    monkeypatch.setattr(sizes, "RANKED", 1000)
    some = diagnose_features(X, y, time, X[:500], names)
    assert [found.flags for found in some] == [found.flags for found in exact]
    assert "duplicate" in some[3].flags
    assert max(abs(a.trend - b.trend) for a, b in zip(some, exact, strict=True)) < 0.1
    assert feature_clusters(X) == clusters == [[0, 3, 5], [1], [2], [4]]


def test_rows_that_follow_one_another_are_not_copied() -> None:
    n = 50
    data = Dataset(
        X=np.arange(2.0 * n).reshape(n, 2),
        feature_names=("a", "b"),
        labels=tuple(range(n)),
        label_name="y",
        time=60 * np.arange(n),
    )
    assert np.shares_memory(data.take(np.arange(10, 30)).X, data.X)
    assert data.take(np.arange(10, 30)).labels == tuple(range(10, 30))
    assert not np.shares_memory(data.take([3, 5]).X, data.X)


@given(rows=st.lists(st.integers(-3, 12), max_size=8))
def test_consecutive_rows_are_the_same_as_the_rows(rows: list[int]) -> None:
    values, chosen = np.arange(13), np.array(rows, dtype=np.int64)
    assert rows_of(values, chosen).tolist() == values[chosen].tolist()
    found = consecutive(chosen)
    assert found is None or values[found].tolist() == rows
