"""Features scaled symbol by symbol."""

import numpy as np
import pandas
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.compose import make_column_transformer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from livermore.errors import ConfigError, DatasetError, FeatureError
from livermore.ml.dataset import Dataset, symbol_number, with_symbol_number
from livermore.ml.inference import load_predictor
from livermore.ml.symbol_scaler import SymbolScaler
from livermore.research import train_model

NUMBERS = [symbol_number(name) for name in ("ADA-USDT", "BTC-USDT", "ETH-USDT")]


def table(counts, seed=0):
    """Rows of several symbols, each with its own level and width of two features."""
    random = np.random.default_rng(seed)
    parts = [
        np.column_stack([np.full(n, number), 10.0**k + (k + 1) * random.normal(size=(n, 2))])
        for k, (n, number) in enumerate(zip(counts, NUMBERS, strict=False))
    ]
    return random.permutation(np.concatenate(parts))


@given(st.lists(st.integers(30, 60), min_size=1, max_size=3), st.integers(0, 99))
def test_each_symbol_is_scaled_as_if_it_were_alone(counts, seed):
    X = table(counts, seed)
    scaled = SymbolScaler().fit_transform(X)
    for number in np.unique(X[:, 0]):
        rows = X[:, 0] == number
        np.testing.assert_allclose(scaled[rows], StandardScaler().fit_transform(X[rows, 1:]), atol=1e-9)


def test_scaling_before_it_does_not_matter():
    """train_model scales all features before the estimator sees them: symbols are still told apart."""
    X = table([40, 40, 40])
    np.testing.assert_allclose(
        SymbolScaler().fit_transform(StandardScaler().fit_transform(X)), SymbolScaler().fit_transform(X), atol=1e-9
    )


def test_a_symbol_of_few_samples_and_one_that_was_never_seen_are_scaled_like_all_together():
    X = table([40, 40, 10])
    scaler, pooled = SymbolScaler().fit(X), StandardScaler().fit(X[:, 1:])
    few = X[X[:, 0] == NUMBERS[2]]
    unseen = np.column_stack([np.full(3, 5.0), X[:3, 1:]])
    np.testing.assert_allclose(scaler.transform(few), pooled.transform(few[:, 1:]), atol=1e-9)
    np.testing.assert_allclose(scaler.transform(unseen), pooled.transform(unseen[:, 1:]), atol=1e-9)


def test_an_unseen_symbol_can_be_refused_and_one_of_few_samples_is_not():
    X = table([40, 40, 10])
    strict = SymbolScaler(on_unseen="raise").fit(X)
    assert strict.transform(X).shape == (90, 2)
    with pytest.raises(FeatureError, match="1 symbols have no sample"):
        strict.transform(np.column_stack([np.full(3, 5.0), X[:3, 1:]]))


def test_missing_values_do_not_count_and_stay_missing():
    X = table([40])
    X[::4, 1] = np.nan
    X[:, 2] = 7.0
    scaled = SymbolScaler().fit_transform(X)
    assert np.isnan(scaled[::4, 0]).all()
    assert abs(np.nanmean(scaled[:, 0])) < 1e-9
    assert not scaled[:, 1].any()  # it does not vary


def test_in_a_frame_the_number_is_found_by_name_and_without_it_there_is_one_symbol():
    X = table([40, 40])
    frame = pandas.DataFrame(X[:, [1, 0, 2]], columns=["x", "symbol_number", "y"])
    np.testing.assert_array_equal(SymbolScaler().fit_transform(frame), SymbolScaler().fit_transform(X))
    alone = StandardScaler().fit_transform(X[:, 1:])
    np.testing.assert_allclose(SymbolScaler().fit_transform(frame.drop(columns="symbol_number")), alone, atol=1e-9)
    assert not SymbolScaler().fit_transform(frame[["symbol_number"]]).any()


@pytest.mark.parametrize(
    ("options", "error"), [({"min_samples": 1}, "min_samples"), ({"on_unseen": "guess"}, "on_unseen")]
)
def test_parameters_that_cannot_be_used_are_refused(options, error):
    with pytest.raises(ConfigError, match=error):
        clone(SymbolScaler(**options)).fit(table([40]))


def test_a_missing_number_and_a_missing_symbol_are_refused():
    X = table([40])
    X[3, 0] = np.nan
    with pytest.raises(FeatureError, match="is missing in some rows"):
        SymbolScaler().fit(X)
    row = {"time": 0, "features": {"x": 1.0}, "label": {"name": "win", "value": True}}
    with pytest.raises(DatasetError, match="which symbol"):
        with_symbol_number(Dataset.from_samples([row]))
    told = with_symbol_number(Dataset.from_samples([row | {"symbol": "A-B"}]))
    assert told.X.tolist() == [[symbol_number("A-B"), 1.0]]
    with pytest.raises(FeatureError, match="already"):
        with_symbol_number(told)


def test_it_is_trained_saved_and_asked_by_feature_names(tmp_path):
    """Labels depend on where a feature stands within its symbol, whose levels differ by far more."""
    random = np.random.default_rng(1)
    samples = [
        {
            "time": 3600 * i,
            "symbol": symbol,
            "features": {"spread": level + x, "other": random.normal()},
            "label": {"name": "win", "value": bool(x + 0.5 * random.normal() > 0)},
            "label_time": 3600 * (i + 1),
        }
        for i in range(300)
        for symbol, level, x in zip(("ADA-USDT", "BTC-USDT"), (0.0, 50.0), random.normal(size=2), strict=True)
    ]
    data = with_symbol_number(Dataset.from_samples(samples))
    scaled = make_column_transformer((SymbolScaler(), ["symbol_number", "spread"]), remainder="passthrough")
    result = train_model(data, make_pipeline(scaled, LogisticRegression()), save_to=tmp_path, verbose=False)
    plain = train_model(Dataset.from_samples(samples), LogisticRegression(), save_to=None, verbose=False)
    assert result["metrics"]["roc_auc"] > 0.8 > plain["metrics"]["roc_auc"]
    model = load_predictor(tmp_path)
    for symbol, level in (("ADA-USDT", 0.0), ("BTC-USDT", 50.0)):
        asked = {"symbol_number": symbol_number(symbol), "other": 0.0}
        assert model.predict_proba(asked | {"spread": level + 1.5})[1] > 0.8
        assert model.predict_proba(asked | {"spread": level - 1.5})[1] < 0.2


@pytest.mark.parametrize("value", [0.1, -0.7333, 1e-300])
def test_what_does_not_vary_in_a_symbol_is_not_divided_by_rounding(value):
    """The mean of fifty times 0.1 is not 0.1: the deviation was 3e-17, and 0.1001 was scaled to 4e12."""
    random = np.random.default_rng(0)
    X = np.column_stack([np.repeat([1.0, 2.0], 50), np.full(100, value)])
    X[50:, 1] = random.normal(size=50)
    scaler = SymbolScaler().fit(X)
    assert scaler.scale_[0] == 1
    assert scaler.transform(np.array([[1.0, value], [1.0, value + 0.001]])).ravel().tolist() == pytest.approx(
        [0, 0.001], abs=1e-12
    )


@pytest.mark.parametrize("min_samples", ["30", None])
def test_a_smallest_number_of_samples_that_is_none_is_refused(min_samples):
    with pytest.raises(ConfigError, match="min_samples must be 2 or more"):
        SymbolScaler(min_samples=min_samples).fit(table([40]))


def test_a_list_of_samples_has_to_become_a_data_set_first():
    with pytest.raises(DatasetError, match="from_samples"):
        with_symbol_number([{"time": 0}])
