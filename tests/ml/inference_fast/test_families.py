"""Each family's row function against the library's own answer, to the tolerance that is stated for it."""

import warnings
from typing import Any

import lightgbm
import numpy as np
import pytest
import xgboost
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.ensemble import (
    ExtraTreesClassifier,
    ExtraTreesRegressor,
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.impute import SimpleImputer
from sklearn.linear_model import (
    BayesianRidge,
    ElasticNet,
    HuberRegressor,
    Lasso,
    LinearRegression,
    LogisticRegression,
    LogisticRegressionCV,
    PoissonRegressor,
    Ridge,
    RidgeClassifier,
    SGDClassifier,
    SGDRegressor,
)
from sklearn.model_selection import GridSearchCV
from sklearn.naive_bayes import GaussianNB
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MaxAbsScaler, MinMaxScaler, RobustScaler, StandardScaler
from sklearn.svm import SVC, SVR, LinearSVC, LinearSVR, NuSVC, NuSVR
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor, ExtraTreeClassifier

from livermore.ml.inference._fast import TOLERANCES, _svm, compile_row_function

CLASSIFIERS = [
    ("linear", LogisticRegression()),
    ("linear", LogisticRegression(C=100.0, fit_intercept=False)),
    ("linear", LogisticRegressionCV(use_legacy_attributes=False, l1_ratios=(0,))),
    ("linear", SGDClassifier(loss="log_loss", random_state=0)),
    ("linear", SGDClassifier(loss="hinge", random_state=0)),
    ("linear", LinearDiscriminantAnalysis()),
    ("linear", LinearSVC()),
    ("linear", RidgeClassifier()),
    ("linear", make_pipeline(RobustScaler(), MinMaxScaler(clip=True), LogisticRegression())),
    ("linear", GridSearchCV(LogisticRegression(), {"C": [0.1, 1.0]}, cv=2)),
    ("linear", CalibratedClassifierCV(LinearSVC(), ensemble=False)),
    ("tree", DecisionTreeClassifier(random_state=0)),
    ("tree", ExtraTreeClassifier(random_state=0)),
    ("forest", RandomForestClassifier(40, random_state=0)),
    ("forest", RandomForestClassifier(40, max_depth=3, min_samples_leaf=7, random_state=0)),
    ("forest", ExtraTreesClassifier(40, random_state=0)),
    ("forest", make_pipeline(MaxAbsScaler(), SimpleImputer(), RandomForestClassifier(10, random_state=0))),
    ("forest", CalibratedClassifierCV(RandomForestClassifier(10, random_state=0), method="isotonic")),
    ("gradient boosting", GradientBoostingClassifier(n_estimators=30, random_state=0)),
    ("gradient boosting", GradientBoostingClassifier(n_estimators=10, init="zero", subsample=0.5, random_state=0)),
    ("gradient boosting", CalibratedClassifierCV(GradientBoostingClassifier(n_estimators=10), method="sigmoid")),
    ("gradient boosting", CalibratedClassifierCV(GradientBoostingClassifier(n_estimators=10), method="isotonic")),
    ("histogram boosting", HistGradientBoostingClassifier(max_iter=20)),
    ("histogram boosting", CalibratedClassifierCV(HistGradientBoostingClassifier(max_iter=5))),
    ("support vector machine", SVC()),
    ("support vector machine", SVC(kernel="linear")),
    ("support vector machine", SVC(kernel="poly", coef0=0.5)),
    ("support vector machine", SVC(kernel="sigmoid", decision_function_shape="ovo")),
    ("support vector machine", SVC(probability=True, random_state=0)),
    ("support vector machine", NuSVC(nu=0.3, probability=True, random_state=0)),
    ("support vector machine", CalibratedClassifierCV(SVC())),
    ("support vector machine", CalibratedClassifierCV(SVC(), method="isotonic")),
    ("support vector machine", CalibratedClassifierCV(make_pipeline(StandardScaler(), SVC(kernel="poly")))),
    ("naive Bayes", GaussianNB()),
    ("naive Bayes", CalibratedClassifierCV(GaussianNB())),
    ("neural network", MLPClassifier((8, 5), max_iter=30, random_state=0)),
    ("neural network", MLPClassifier((8,), activation="tanh", max_iter=30, random_state=0)),
    ("neural network", MLPClassifier((8,), activation="logistic", max_iter=30, random_state=0)),
    ("LightGBM", lightgbm.LGBMClassifier(n_estimators=30, verbose=-1, n_jobs=1)),
    ("LightGBM", lightgbm.LGBMClassifier(n_estimators=30, boosting_type="dart", verbose=-1, n_jobs=1)),
    ("LightGBM", CalibratedClassifierCV(lightgbm.LGBMClassifier(n_estimators=5, verbose=-1), method="isotonic")),
    ("XGBoost", xgboost.XGBClassifier(n_estimators=30, n_jobs=1)),
    ("XGBoost", xgboost.XGBRFClassifier(n_estimators=30, n_jobs=1)),
    ("XGBoost", CalibratedClassifierCV(xgboost.XGBClassifier(n_estimators=5), method="isotonic")),
]
REGRESSORS = [
    ("linear", LinearRegression()),
    ("linear", Ridge()),
    ("linear", Lasso(0.01)),
    ("linear", ElasticNet(0.01)),
    ("linear", SGDRegressor(random_state=0)),
    ("linear", BayesianRidge()),
    ("linear", HuberRegressor()),
    ("linear", LinearSVR()),
    ("tree", DecisionTreeRegressor(random_state=0)),
    ("forest", RandomForestRegressor(40, random_state=0)),
    ("forest", ExtraTreesRegressor(40, random_state=0)),
    ("gradient boosting", GradientBoostingRegressor(n_estimators=30, random_state=0)),
    ("gradient boosting", GradientBoostingRegressor(n_estimators=30, loss="huber", random_state=0)),
    ("histogram boosting", HistGradientBoostingRegressor(max_iter=20)),
    ("histogram boosting", HistGradientBoostingRegressor(max_iter=20, loss="quantile", quantile=0.3)),
    ("support vector machine", SVR()),
    ("support vector machine", SVR(kernel="linear")),
    ("support vector machine", NuSVR(kernel="poly")),
    ("neural network", MLPRegressor(hidden_layer_sizes=(8,), max_iter=50, random_state=0)),
    ("LightGBM", lightgbm.LGBMRegressor(n_estimators=30, verbose=-1, n_jobs=1)),
    ("LightGBM", lightgbm.LGBMRegressor(n_estimators=30, objective="l1", verbose=-1, n_jobs=1)),
    ("XGBoost", xgboost.XGBRegressor(n_estimators=30, n_jobs=1)),
]
# Libraries change their minds about defaults; models that were fitted with the old ones must work all the same.
pytestmark = [
    pytest.mark.filterwarnings("ignore::FutureWarning"),
    pytest.mark.filterwarnings("ignore::UserWarning"),
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
]


def name(case: Any) -> str:
    return type(case).__name__ if hasattr(case, "fit") else str(case).replace(" ", "-")


def fitted(model: Any, X: np.ndarray, y: np.ndarray) -> tuple[Any, StandardScaler]:
    scaler = StandardScaler().fit(X)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return clone(model).fit(scaler.transform(X), y), scaler


def assert_agrees(model: Any, scaler: Any, rows: np.ndarray, family: str) -> None:
    function = compile_row_function(model, scaler, rows.shape[1])
    assert function is not None
    assert function.family == family
    scaled = rows if scaler is None else scaler.transform(rows)
    tolerance = TOLERANCES[family]

    expected = np.asarray(model.predict(scaled), dtype=np.float64)
    found = np.array([function.predict(row) for row in rows.tolist()])
    if hasattr(model, "classes_"):
        np.testing.assert_array_equal(found, expected)
    else:
        np.testing.assert_allclose(found, expected, rtol=tolerance, atol=tolerance)

    if hasattr(model, "predict_proba"):
        expected = np.asarray(model.predict_proba(scaled), dtype=np.float64)
        found = np.array([function.predict_proba(row) for row in rows.tolist()])
        np.testing.assert_allclose(found, expected, rtol=0.0, atol=tolerance)


@pytest.mark.parametrize("labels", ["binary", "multiclass"])
@pytest.mark.parametrize(("family", "model"), CLASSIFIERS, ids=name)
def test_classifier_answers_as_its_library_does(samples, family, model, labels):
    y = samples.labels(labels)
    if labels == "multiclass" and "xgboost" in repr(type(getattr(model, "estimator", model))):
        y = y + 1  # XGBoost counts classes from zero.
    model, scaler = fitted(model, samples.X, y)
    assert_agrees(model, scaler, samples.asked, family)


@pytest.mark.parametrize(("family", "model"), REGRESSORS, ids=name)
def test_regressor_answers_as_its_library_does(samples, family, model):
    model, scaler = fitted(model, samples.X, samples.target)
    assert_agrees(model, scaler, samples.asked, family)


def test_binary_only_classifiers(samples):
    for model in (LogisticRegression(solver="liblinear"), SGDClassifier(loss="modified_huber", random_state=0)):
        model, scaler = fitted(model, samples.X, samples.binary)
        assert_agrees(model, scaler, samples.asked, "linear")


def test_log_link(samples):
    for family, model in (
        ("linear", PoissonRegressor()),
        ("histogram boosting", HistGradientBoostingRegressor(loss="poisson", max_iter=10)),
    ):
        model, scaler = fitted(model, samples.X, np.abs(samples.target))
        assert_agrees(model, scaler, samples.X[:100], family)  # Rows far out overflow in either way.


@pytest.mark.parametrize("scaler", [None, StandardScaler(with_mean=False), StandardScaler(with_std=False)], ids=str)
def test_scalers(samples, scaler):
    X = samples.X if scaler is None else scaler.fit(samples.X).transform(samples.X)
    model = RandomForestClassifier(10, random_state=0).fit(X, samples.binary)
    assert_agrees(model, scaler, samples.asked, "forest")


@pytest.mark.parametrize(
    ("family", "model"),
    [
        ("tree", DecisionTreeClassifier(random_state=0)),
        ("forest", RandomForestClassifier(20, random_state=0)),
        ("histogram boosting", HistGradientBoostingClassifier(max_iter=10)),
        ("LightGBM", lightgbm.LGBMClassifier(n_estimators=10, verbose=-1, n_jobs=1)),
        ("XGBoost", xgboost.XGBClassifier(n_estimators=10, n_jobs=1)),
        ("linear", make_pipeline(SimpleImputer(strategy="median"), LogisticRegression())),
    ],
    ids=name,
)
@pytest.mark.parametrize("trained_with_gaps", [False, True])
def test_missing_values_take_the_same_path(samples, family, model, trained_with_gaps):
    rng = np.random.default_rng(3)
    X = samples.X.copy()
    if trained_with_gaps:
        X[rng.random(X.shape) < 0.2] = np.nan
    asked = samples.asked.copy()
    asked[rng.random(asked.shape) < 0.3] = np.nan
    model, scaler = fitted(model, X, samples.binary)
    assert_agrees(model, scaler, asked, family)


def test_early_stopping_uses_the_best_iteration(samples):
    X, y = samples.X, samples.binary
    boosted = xgboost.XGBClassifier(n_estimators=200, early_stopping_rounds=3, n_jobs=1)
    boosted.fit(X[:300], y[:300], eval_set=[(X[300:], y[300:])], verbose=False)
    assert boosted.best_iteration < 150
    assert_agrees(boosted, None, samples.asked, "XGBoost")

    light = lightgbm.LGBMClassifier(n_estimators=200, verbose=-1, n_jobs=1)
    light.fit(X[:300], y[:300], eval_set=[(X[300:], y[300:])], callbacks=[lightgbm.early_stopping(3, verbose=False)])
    assert light.best_iteration_ < 150
    assert_agrees(light, None, samples.asked, "LightGBM")


def test_trees_that_never_split(samples):
    constant = np.zeros_like(samples.X)
    for family, model in (
        ("forest", RandomForestClassifier(5)),
        ("gradient boosting", GradientBoostingClassifier(n_estimators=3)),
        ("histogram boosting", HistGradientBoostingClassifier(max_iter=3)),
        ("LightGBM", lightgbm.LGBMClassifier(n_estimators=3, verbose=-1)),
        ("XGBoost", xgboost.XGBClassifier(n_estimators=3)),
    ):
        assert_agrees(model.fit(constant, samples.binary), None, samples.asked, family)


def test_values_on_and_beside_each_threshold(samples):
    X = samples.X
    forest = RandomForestClassifier(10, random_state=0).fit(X, samples.binary)
    rows = []
    for tree in forest.estimators_:
        for node in np.flatnonzero(tree.tree_.children_left >= 0):
            feature, threshold = tree.tree_.feature[node], tree.tree_.threshold[node]
            for value in (threshold, np.nextafter(threshold, np.inf), np.nextafter(threshold, -np.inf)):
                row = X[node % len(X)].copy()
                row[feature] = value
                rows.append(row)
    assert_agrees(forest, None, np.array(rows), "forest")


@pytest.mark.parametrize("decision_function_shape", ["ovr", "ovo"])
@pytest.mark.parametrize("gamma", ["scale", 0.1])
def test_members_of_a_calibrated_svm_share_their_vectors(samples, decision_function_shape, gamma):
    estimator = SVC(decision_function_shape=decision_function_shape, gamma=gamma)
    model, scaler = fitted(CalibratedClassifierCV(estimator, cv=3), samples.X, samples.binary)
    parts = [_svm.read_classifier(member.estimator, 6) for member in model.calibrated_classifiers_]
    _svm.share_vectors([part.svm for part in parts])
    shared = {part.svm.support for part in parts}
    assert len(shared) == 1
    assert len(shared.pop().vectors) < 0.8 * sum(
        len(m.estimator.support_vectors_) for m in model.calibrated_classifiers_
    )
    assert_agrees(model, scaler, samples.asked, "support vector machine")


def test_models_with_little_in_common_share_nothing(samples):
    parts = [
        _svm.read_classifier(SVC().fit(samples.X[part], samples.binary[part]), 6)
        for part in (slice(200), slice(200, 400))
    ]
    _svm.share_vectors([part.svm for part in parts])
    assert parts[0].svm.support is not parts[1].svm.support


@pytest.mark.parametrize("model", [SVC(), SVC(gamma=3.0), SVR()], ids=name)
def test_rows_so_far_away_that_nothing_is_near(samples, model):
    """Kernel values there are less than the smallest number, or have lost their first digits."""
    y = samples.target if isinstance(model, SVR) else samples.binary
    model, scaler = fitted(model, samples.X, y)
    centre, spread = samples.X.mean(axis=0), samples.X.std(axis=0)
    asked = centre + spread * np.linspace(5.0, 60.0, 400)[:, None]
    assert_agrees(model, scaler, asked, "support vector machine")


def test_the_same_row_after_another(samples):
    """What a model keeps of its last row belongs to that row."""
    model, scaler = fitted(CalibratedClassifierCV(SVC(), cv=3), samples.X, samples.binary)
    function = compile_row_function(model, scaler, 6)
    first, second = samples.asked[:2].tolist()
    alone = [compile_row_function(model, scaler, 6).predict_proba(row) for row in (first, second)]
    assert [function.predict_proba(row) for row in (first, first, second, first)] == [alone[i] for i in (0, 0, 1, 0)]
    assert function.predict(second) == compile_row_function(model, scaler, 6).predict(second)
