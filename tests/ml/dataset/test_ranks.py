"""Ranks of features across symbols."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import rankdata

from livermore.errors import DatasetError, FeatureError
from livermore.ml.dataset import Dataset, cross_sectional_rank


def panel(values, timeframes=None):
    """Samples of as many times as rows, and as many symbols as columns; None where a symbol has none."""
    rows = [
        {
            "time": 3600 * t,
            "symbol": f"S{s}-USDT",
            "features": {"x": value, "up": s > 0},
            "label": {"name": "win", "value": bool(t % 2)},
            **({} if timeframes is None else {"timeframe": timeframes[s]}),
        }
        for t, row in enumerate(values)
        for s, value in enumerate(row)
    ]
    return Dataset.from_samples(rows)


@given(st.lists(st.lists(st.integers(-3, 3), min_size=4, max_size=4), min_size=1, max_size=6))
def test_ranks_are_those_of_scipy_at_each_time(values):
    ranked = cross_sectional_rank(panel([[float(v) for v in row] for row in values]), ["x"])
    assert ranked.feature_names == ("up", "x_rank")
    expected = (rankdata(values, axis=1) - 0.5) / 4
    np.testing.assert_allclose(ranked.X[:, 1].reshape(-1, 4), expected)


def test_later_samples_change_no_rank():
    values = np.random.default_rng(0).normal(size=(20, 5)).tolist()
    early, all_ = cross_sectional_rank(panel(values[:10]), ["x"]), cross_sectional_rank(panel(values), ["x"])
    np.testing.assert_array_equal(all_.X[:50], early.X)


def test_a_bar_that_ends_later_is_not_ranked_with_one_that_ended_before():
    data = panel([[1.0, 2.0, 3.0]], timeframes=("1h", "1h", "4h"))
    assert cross_sectional_rank(data, ["x"]).X[:, 1].tolist() == [0.25, 0.75, 0.5]


def test_missing_values_stay_missing_and_do_not_count():
    ranked = cross_sectional_rank(panel([[1.0, None, 3.0], [None, None, None]]), ["x"]).X[:, 1]
    np.testing.assert_array_equal(ranked, [0.25, np.nan, 0.75, np.nan, np.nan, np.nan])


def test_all_features_by_default_and_a_ranked_bool_is_a_number():
    ranked = cross_sectional_rank(panel([[1.0, 2.0, 3.0]]))
    assert ranked.feature_names == ("up_rank", "x_rank")
    assert ranked.bool_features == frozenset()
    assert cross_sectional_rank(panel([[1.0, 2.0, 3.0]]), ["x"]).bool_features == {"up"}


def test_what_cannot_be_ranked():
    data = panel([[1.0, 2.0, 3.0]])
    with pytest.raises(DatasetError, match="of one, or do not say"):
        cross_sectional_rank(replace(data, symbol=None))
    with pytest.raises(FeatureError, match="no feature 'rsi'"):
        cross_sectional_rank(data, ["rsi"])
    named = replace(data, feature_names=("x", "x_rank"))
    with pytest.raises(FeatureError, match="'x_rank' already"):
        cross_sectional_rank(named, ["x"])


def test_a_list_of_samples_has_to_become_a_data_set_first():
    with pytest.raises(DatasetError, match="from_samples"):
        cross_sectional_rank([{"time": 0}])
