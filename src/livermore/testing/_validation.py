"""Conformance of splitters: inherit the suite, give it a fixture, and your splitter is tested as ours are."""

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import numpy.typing as npt

from livermore.ml.validation import assert_no_leakage, leaking_rows

__all__ = ["SplitterSuite", "assert_no_leakage", "leaking_rows", "random_label_sets"]


class SplitterSuite:
    """The contract of a splitter, as tests.

    A subclass provides `make`, which builds the splitter for given times. Each test is one sentence of the contract, on
    label sets of every shape: short, long, of one time, pooled from many symbols, unsorted.

    Examples
    --------
    In a test module pytest runs all tests of such a class; here one of them:

    >>> from livermore.ml.validation import PurgedKFold
    >>> class TestMySplitter(SplitterSuite):
    ...     def make(self, time, label_time, embargo):
    ...         return PurgedKFold(time, label_time, n_splits=3, embargo=embargo)
    >>> TestMySplitter().test_as_many_folds_as_promised()
    """

    def make(self, time: npt.NDArray[np.int64], label_time: npt.NDArray[np.int64], embargo: int) -> Any:
        """Build the splitter under test."""
        raise NotImplementedError("A SplitterSuite needs make(time, label_time, embargo) -> splitter.")

    def test_no_training_sample_shares_time_with_a_test_sample(self) -> None:
        """Purge and embargo hold on random label sets."""
        for time, label_time, embargo in random_label_sets(60):
            for train, test in self.make(time, label_time, embargo).split(time):
                assert_no_leakage(train, test, time, label_time, embargo)

    def test_train_and_test_are_disjoint_rows_that_exist(self) -> None:
        """Neither part is empty, holds a row twice, or shares one with the other."""
        for time, label_time, embargo in random_label_sets(20):
            for train, test in self.make(time, label_time, embargo).split(time):
                rows = np.concatenate([train, test])
                assert train.size
                assert test.size
                assert np.unique(rows).size == rows.size
                assert rows.min() >= 0
                assert rows.max() < time.size

    def test_as_many_folds_as_promised(self) -> None:
        """`get_n_splits` counts what `split` yields."""
        for time, label_time, embargo in random_label_sets(10):
            splitter = self.make(time, label_time, embargo)
            assert len(list(splitter.split(time))) == splitter.get_n_splits()

    def test_splitting_twice_gives_the_same(self) -> None:
        """A splitter keeps no state between calls."""
        for time, label_time, embargo in random_label_sets(10):
            splitter = self.make(time, label_time, embargo)
            once, again = list(splitter.split(time)), list(splitter.split(time))
            for (train, test), (train_again, test_again) in zip(once, again, strict=True):
                np.testing.assert_array_equal(train, train_again)
                np.testing.assert_array_equal(test, test_again)

    def test_it_can_be_cloned(self) -> None:
        """scikit-learn's clone gives an equal splitter, so that a search can hold it."""
        from sklearn.base import clone

        for time, label_time, embargo in random_label_sets(5):
            splitter = self.make(time, label_time, embargo)
            pairs = zip(splitter.split(time), clone(splitter, safe=False).split(time), strict=True)
            for (train, test), (cloned_train, cloned_test) in pairs:
                np.testing.assert_array_equal(train, cloned_train)
                np.testing.assert_array_equal(test, cloned_test)

    def test_it_works_in_cross_val_score_and_grid_search(self) -> None:
        """scikit-learn accepts it as `cv`."""
        from sklearn.dummy import DummyRegressor
        from sklearn.model_selection import GridSearchCV, cross_val_score

        time, label_time, embargo = next(iter(random_label_sets(1)))
        splitter = self.make(time, label_time, embargo)
        X, y = time.reshape(-1, 1).astype(float), np.sin(time)
        scores = cross_val_score(DummyRegressor(), X, y, cv=splitter, scoring="neg_mean_squared_error")
        assert len(scores) == splitter.get_n_splits()
        search = GridSearchCV(
            DummyRegressor(), {"strategy": ["mean", "median"]}, cv=splitter, scoring="neg_mean_squared_error"
        )
        assert search.fit(X, y).n_splits_ == splitter.get_n_splits()


LabelSet = tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], int]


def random_label_sets(n_sets: int, seed: int = 0) -> Iterable[LabelSet]:
    """Yield (time, label_time, embargo) of random label sets of every shape, in seconds.

    Examples
    --------
    >>> for time, label_time, embargo in random_label_sets(2):
    ...     assert (label_time >= time).all() and embargo >= 0
    """
    random = np.random.default_rng(seed)
    shapes: list[Callable[[np.random.Generator], LabelSet]] = [_fixed, _random, _pooled, _unsorted]
    for i in range(n_sets):
        yield shapes[i % len(shapes)](random)


def _fixed(random: np.random.Generator) -> LabelSet:
    """Draw labels of one length, one sample per bar."""
    time = np.arange(random.integers(80, 200), dtype=np.int64) * 900
    return time, time + 900 * int(random.integers(0, 6)), int(random.integers(0, 3)) * 900


def _random(random: np.random.Generator) -> LabelSet:
    """Draw labels of any length at any time, some of them long."""
    time = np.sort(random.integers(0, 200_000, random.integers(80, 200)))
    return time, time + random.geometric(1 / 3_000, time.size), int(random.integers(0, 5_000))


def _pooled(random: np.random.Generator) -> LabelSet:
    """Draw ten symbols on one clock, each with its own label lengths."""
    bars = np.repeat(np.arange(random.integers(20, 60), dtype=np.int64) * 3_600, 10)
    return bars, bars + 3_600 * random.integers(0, 4, bars.size), 0


def _unsorted(random: np.random.Generator) -> LabelSet:
    """Draw random labels and shuffle the rows."""
    time, label_time, embargo = _random(random)
    order = random.permutation(time.size)
    return time[order], label_time[order], embargo
