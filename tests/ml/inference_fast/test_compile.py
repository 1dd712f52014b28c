"""When there is a row function and when there is none; what it refuses; that it stays apart from other threads."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from sklearn.calibration import CalibratedClassifierCV
from sklearn.decomposition import PCA
from sklearn.ensemble import GradientBoostingClassifier, RandomForestClassifier, RandomForestRegressor
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from livermore.errors import FeatureError
from livermore.ml.inference._fast import _compile, compile_row_function


class MyForest(RandomForestClassifier):
    """A user's own, which may answer differently."""

    def predict_proba(self, X):
        return super().predict_proba(X) ** 2


def test_unknown_models_are_left_to_themselves(samples):
    X, y = samples.X, samples.binary
    names = np.array(["down", "up"])[y]
    for model in (
        KNeighborsClassifier().fit(X, y),
        MyForest(5).fit(X, y),
        CalibratedClassifierCV(MyForest(5)).fit(X, y),
        make_pipeline(PCA(), LogisticRegression()).fit(X, y),
        LogisticRegression().fit(StandardScaler().fit_transform(X), names),
        GradientBoostingClassifier(loss="exponential", n_estimators=5).fit(X, y),
        GradientBoostingClassifier(init=GradientBoostingClassifier(), n_estimators=5).fit(X, y),
        CalibratedClassifierCV(LogisticRegression(max_iter=10_000), method="temperature").fit(X / X.std(0), y),
        LinearRegression().fit(X, np.column_stack([y, y])),
        RandomForestRegressor(5).fit(X, np.column_stack([y, y])),
    ):
        assert compile_row_function(model, None, X.shape[1]) is None, model


def test_unknown_scaler(samples):
    model = LogisticRegression().fit(StandardScaler().fit_transform(samples.X), samples.binary)
    assert compile_row_function(model, PCA().fit(samples.X), 6) is None


def test_a_function_that_disagrees_with_the_model_is_not_handed_out(samples, monkeypatch):
    model = LogisticRegression().fit(StandardScaler().fit_transform(samples.X), samples.binary)
    assert compile_row_function(model, None, 6) is not None
    right = _compile._READERS["sklearn.LogisticRegression"]

    def wrong(fitted, n_features):
        fitted = LogisticRegression().fit(samples.X[:, ::-1] / 1e5, samples.binary)
        return right(fitted, n_features)

    monkeypatch.setitem(_compile._READERS, "sklearn.LogisticRegression", wrong)
    assert compile_row_function(model, None, 6) is None


@pytest.mark.parametrize("value", [np.inf, -np.inf])
def test_infinite_values_are_refused(samples, value):
    model = RandomForestClassifier(5).fit(samples.X, samples.binary)
    function = compile_row_function(model, None, 6)
    with pytest.raises(FeatureError, match=r"feature 2 is -?inf"):
        function.predict_proba([0.0, 0.0, value, 0.0, 0.0, 0.0])


def test_nan_is_refused_where_the_model_refuses_it(samples):
    model = GradientBoostingClassifier(n_estimators=3).fit(samples.X, samples.binary)
    function = compile_row_function(model, None, 6)
    assert not function.accepts_nan
    with pytest.raises(FeatureError, match="feature 5 is nan"):
        function.predict([0.0] * 5 + [np.nan])


@pytest.mark.parametrize("count", [0, 5, 7])
def test_wrong_number_of_values(samples, count):
    model = RandomForestClassifier(5).fit(samples.X, samples.binary)
    with pytest.raises(FeatureError, match=f"{count} values for a model of 6 features"):
        compile_row_function(model, None, 6).predict_proba([0.0] * count)


def test_no_probabilities(samples):
    model = SVC().fit(samples.X, samples.binary)
    with pytest.raises(AttributeError, match="without predict_proba"):
        compile_row_function(model, None, 6).predict_proba([0.0] * 6)


def test_lists_tuples_and_arrays_are_rows(samples):
    model = RandomForestClassifier(5).fit(samples.X, samples.binary)
    function = compile_row_function(model, None, 6)
    row = samples.asked[3]
    answers = {function.predict_proba(kind) for kind in (row, row.tolist(), tuple(row))}
    assert len(answers) == 1
    assert all(type(p) is float for p in answers.pop())


def test_a_model_in_read_only_memory(samples):
    model = LogisticRegression().fit(samples.X / samples.X.std(0), samples.binary)
    model.coef_.flags.writeable = False
    model.intercept_.flags.writeable = False
    assert compile_row_function(model, None, 6) is not None


def test_answers_do_not_depend_on_other_threads(samples):
    model = CalibratedClassifierCV(SVC(), cv=3).fit(samples.X, samples.binary)
    function = compile_row_function(model, None, 6)
    rows = samples.asked.tolist() * 5
    alone = [function.predict_proba(row) for row in rows]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(function.predict_proba, rows)) == alone


def test_the_models_arrays_may_change_afterwards(samples):
    model = LogisticRegression().fit(samples.X / samples.X.std(0), samples.binary)
    function = compile_row_function(model, None, 6)
    before = function.predict_proba(samples.asked[0])
    model.coef_[:] = 0.0
    assert function.predict_proba(samples.asked[0]) == before


def test_import_loads_no_library():
    code = (
        "import sys, livermore.ml.inference._fast;"
        "print(sorted({'sklearn', 'scipy', 'lightgbm', 'xgboost'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
