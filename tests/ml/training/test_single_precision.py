"""dtype="float32": every prediction of the saved model rounds as the training did, on every path."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.compose import make_column_transformer
from sklearn.ensemble import GradientBoostingClassifier, HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from livermore.errors import TrainingError
from livermore.ml.dataset import Dataset
from livermore.ml.inference import load_predictor
from livermore.ml.tasks import in_single_precision, input_dtype, with_feature_names, without_features
from livermore.ml.validation import ScaledFeatures
from livermore.research import train_model

N, NAMES = 600, ("a", "b", "c")
X = np.random.default_rng(3).standard_normal((N, 3)) * 1000
TIME = 900 * np.arange(N)
DATA = Dataset(
    X=X,
    feature_names=NAMES,
    labels=tuple((X[:, 0] + 1000 * np.random.default_rng(4).standard_normal(N) > 0).tolist()),
    label_name="up",
    time=TIME,
    label_time=TIME + 3600,
)


class Recorder(LogisticRegression):
    """Writes down the type of the features that it is fitted on."""

    seen: list[Any] = []  # noqa: RUF012, shared by all copies on purpose

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Any:
        """Fit, and write down the type."""
        self.seen.append((X.dtype, X.shape[1]))
        return super().fit(X, y, sample_weight)


def trained(estimator: Any, dtype: str, **options: Any) -> Any:
    chosen = {"importance": False, "impact": False, "evidence": False, "verbose": False, "n_jobs": 1} | options
    return train_model(DATA, estimator, dtype=dtype, **chosen)


def test_all_fits_get_features_of_32_bits() -> None:
    Recorder.seen.clear()
    trained(Recorder(), "float32", impact=True, evidence=True)
    assert {kind for kind, _ in Recorder.seen} == {np.dtype(np.float32)}
    assert {count for _, count in Recorder.seen} >= {2, 3}
    Recorder.seen.clear()
    trained(Recorder(), "float64", impact=True)
    assert {kind for kind, _ in Recorder.seen} == {np.dtype(np.float64)}


@pytest.mark.parametrize(
    "estimator",
    [
        RandomForestClassifier(10, max_depth=5, random_state=0),
        GradientBoostingClassifier(n_estimators=10, random_state=0),
        HistGradientBoostingClassifier(max_iter=10, random_state=0),
    ],
    ids=lambda estimator: type(estimator).__name__,
)
def test_saved_trees_predict_on_the_compiled_path_as_in_training(estimator: Any, tmp_path: Path) -> None:
    result = trained(estimator, "float32", save_to=tmp_path)
    tested = result.samples.test.probabilities
    predictor = load_predictor(tmp_path)
    rows = X[-len(tested) :].tolist()
    assert predictor.cached_models()[1] is not None
    found = [predictor.predict_proba(dict(zip(NAMES, row, strict=True)))[1] for row in rows]
    np.testing.assert_allclose(found, tested[:, 1], rtol=0, atol=1e-15)


def test_values_that_round_to_the_same_are_predicted_alike(tmp_path: Path) -> None:
    # A number whose neighbour in 32 bits is farther away than the next one of 64 bits.
    for dtype, equal in (("float32", True), ("float64", False)):
        result = trained(LogisticRegression(), dtype, save_to=tmp_path / dtype)
        row = result.scaler.mean_ + result.scaler.scale_ * np.float64(np.float32(0.7)) * (1 + 1e-12)
        near = row + result.scaler.scale_ * 1e-10
        predictor = load_predictor(tmp_path / dtype)
        a, b = (predictor.predict_proba(dict(zip(NAMES, r.tolist(), strict=True)))[1] for r in (row, near))
        assert (a == b) is equal


def test_a_linear_model_of_32_bits_predicts_as_in_training(tmp_path: Path) -> None:
    result = trained(LogisticRegression(), "float32", save_to=tmp_path)
    tested = result.samples.test.probabilities
    predictor = load_predictor(tmp_path)
    found = [predictor.predict_proba(dict(zip(NAMES, row, strict=True)))[1] for row in X[-len(tested) :].tolist()]
    # It computes with 32 bits itself (older releases of scikit-learn with 64), and a BLAS sums one row in another order
    # than many.
    np.testing.assert_allclose(found, tested[:, 1], rtol=0, atol=1e-6)


def test_named_columns_are_rounded_too() -> None:
    pytest.importorskip("pandas")
    named = with_feature_names(make_pipeline(make_column_transformer(("passthrough", ["a", "c"])), Recorder()), NAMES)
    rounding = in_single_precision(named)
    assert input_dtype(rounding) == np.float32
    Recorder.seen.clear()
    rounding.fit(X, DATA.X[:, 0] > 0)
    reduced = without_features(rounding, "c")
    assert input_dtype(reduced) == np.float32
    reduced.fit(X[:, :2], DATA.X[:, 0] > 0)
    assert Recorder.seen == [(np.dtype(np.float32), 2), (np.dtype(np.float32), 1)]


def test_a_step_of_the_users_own_is_none_of_ours() -> None:
    own = make_pipeline(FunctionTransformer(np.asarray, kw_args={"dtype": "int64"}), LogisticRegression())
    assert input_dtype(own) == np.float64
    assert input_dtype(LogisticRegression()) == np.float64


@pytest.mark.parametrize("dtype", ["float16", "single", np.float32, None, 32])
def test_other_types_are_refused(dtype: Any) -> None:
    with pytest.raises(TrainingError, match="dtype must be 'float64' or 'float32'"):
        trained(LogisticRegression(), dtype)


@pytest.mark.parametrize("rows", [None, np.arange(5, 40), np.array([7, 3, 90])])
def test_features_are_scaled_in_pieces_to_the_same_bits(rows: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    scaler = StandardScaler().fit(X)
    expected = scaler.transform(X if rows is None else X[rows])
    monkeypatch.setattr("livermore.ml.sizes.SCALED_AT_ONCE", 7)
    features = ScaledFeatures(X, scaler)
    assert np.array_equal(features.all() if rows is None else features.rows(rows), expected)
    assert np.array_equal(features.without(1), np.delete(scaler.transform(X), 1, axis=1))
    single = ScaledFeatures(X, scaler, np.float32).all()
    assert single.dtype == np.float32
    assert np.array_equal(single, scaler.transform(X).astype(np.float32))
