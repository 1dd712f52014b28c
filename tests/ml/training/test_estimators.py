"""Estimators that are not plain: meta-estimators, estimators without BaseEstimator, searches, selection by name."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.compose import ColumnTransformer, make_column_selector, make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier, StackingClassifier, VotingClassifier
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier

from livermore.errors import DatasetError, EstimatorError
from livermore.research import compare_models, load_ml_model, train_model

FAST = {"importance": False, "verbose": False}
MEMBERS = [("logistic", LogisticRegression()), ("tree", DecisionTreeClassifier(max_depth=2, random_state=0))]


@pytest.mark.parametrize(
    "estimator",
    [
        StackingClassifier(MEMBERS, cv=3),
        make_pipeline(StandardScaler(), StackingClassifier(MEMBERS, cv=3)),
        VotingClassifier(MEMBERS, voting="soft"),
    ],
    ids=["stack", "pipeline", "vote"],
)
def test_meta_estimators_that_predict_probabilities_once_fitted(
    estimator: Any, make_samples: Callable[..., list[dict[str, Any]]]
) -> None:
    result = train_model(make_samples(), estimator, evidence=False, impact=False, **FAST)
    assert result["metrics"]["roc_auc"] > 0.6


@pytest.mark.parametrize(
    "estimator",
    [SVC(), VotingClassifier(MEMBERS), GridSearchCV(SVC(), {"C": [1.0]}), StackingClassifier(MEMBERS, SVC())],
    ids=["svc", "hard vote", "search", "stack"],
)
def test_estimators_without_probabilities_are_refused_before_the_fit(
    estimator: Any, make_samples: Callable[..., list[dict[str, Any]]]
) -> None:
    with pytest.raises(EstimatorError, match="needs a classifier with predict_proba"):
        train_model(make_samples(), estimator, **FAST)


def test_a_search_that_is_not_refitted_says_what_to_set(make_samples: Callable[..., list[dict[str, Any]]]) -> None:
    search = GridSearchCV(Ridge(), {"alpha": [1.0]}, refit=False)
    with pytest.raises(EstimatorError, match="set refit=True"):
        train_model(make_samples("regression"), search, "regression", **FAST)


class Bare:
    """A classifier that derives from nothing."""

    def fit(self, X: Any, y: Any) -> "Bare":
        self.model = LogisticRegression().fit(X, y)
        self.classes_ = self.model.classes_
        return self

    def predict(self, X: Any) -> Any:
        return self.model.predict(X)

    def predict_proba(self, X: Any) -> Any:
        return self.model.predict_proba(X)


class BareRegressor:
    """A regressor that derives from nothing, and so does not say what it is."""

    def fit(self, X: Any, y: Any) -> "BareRegressor":
        return self

    def predict(self, X: Any) -> Any:
        return np.zeros(len(X))


def test_estimators_without_a_base_class(make_samples: Callable[..., list[dict[str, Any]]]) -> None:
    own, usual = (train_model(make_samples(), estimator, **FAST) for estimator in (Bare(), LogisticRegression()))
    assert own["metrics"] == usual["metrics"]
    with pytest.raises(EstimatorError, match=r"derives from sklearn\.base\.RegressorMixin"):
        train_model(make_samples("regression"), BareRegressor(), "regression", **FAST)
    with pytest.raises(EstimatorError, match="needs a classifier, and BareRegressor is none"):
        train_model(make_samples(), BareRegressor(), **FAST)


def test_chosen_parameters_are_in_the_result_and_in_the_report(
    make_samples: Callable[..., list[dict[str, Any]]], capsys: pytest.CaptureFixture[str]
) -> None:
    search = GridSearchCV(LogisticRegression(), {"C": [1e-6, 1.0]}, scoring="neg_log_loss")
    result = train_model(make_samples(), make_pipeline(StandardScaler(), search), importance=False)
    assert result["best_params"] == result.best_params == {"C": 1.0}
    assert "chose C=1.0" in capsys.readouterr().out
    assert "best_params" not in train_model(make_samples(), LogisticRegression(), **FAST)


def test_a_search_without_a_single_score_is_an_error(make_samples: Callable[..., list[dict[str, Any]]]) -> None:
    search = GridSearchCV(LogisticRegression(), {"C": [0.1, 1.0]}, scoring=lambda *_: float("nan"))
    with (
        pytest.warns(UserWarning, match="non-finite"),
        pytest.raises(EstimatorError, match="all inner scores of GridSearchCV are NaN"),
    ):
        train_model(make_samples(), search, evidence=False, impact=False, **FAST)


@pytest.mark.parametrize("task", ["multiclass", "regression"])
def test_bool_labels_are_for_the_binary_task(task: str, make_samples: Callable[..., list[dict[str, Any]]]) -> None:
    estimator = LogisticRegression() if task == "multiclass" else Ridge()
    with pytest.raises(DatasetError, match=r"label of sample 0 is (True|False), a bool, and task='" + task):
        train_model(make_samples("binary"), estimator, task, **FAST)


def with_weekday(samples: list[dict[str, Any]]) -> list[dict[str, Any]]:
    for i, sample in enumerate(samples):
        sample["features"]["weekday"] = float(i % 7)
    return samples


BY_NAME = make_column_transformer(
    (OneHotEncoder(handle_unknown="ignore"), ["weekday"]), ("passthrough", ["signal", "noise_1"])
)
BY_POSITION = ColumnTransformer(  # features are in alphabetical order: noise_1, noise_2, signal, weekday
    [("onehotencoder", OneHotEncoder(handle_unknown="ignore"), [3]), ("passthrough", "passthrough", [2, 0])]
)


def test_columns_are_selected_by_name(make_samples: Callable[..., list[dict[str, Any]]], tmp_path: Any) -> None:
    data = with_weekday(make_samples())
    named, placed = (
        train_model(data, make_pipeline(columns, LogisticRegression()), impact=False, **FAST)
        for columns in (BY_NAME, BY_POSITION)
    )
    assert named["metrics"] == placed["metrics"]
    assert {score["feature"] for score in named["feature_scores"]} == {"signal", "noise_1", "noise_2", "weekday"}
    # Without a column the others are at other positions, so that the refits of the verdicts on features fail.
    assert "could not be judged" in placed["feature_note"]
    with_impact = train_model(data, make_pipeline(BY_NAME, LogisticRegression()), save_to=tmp_path, **FAST)
    assert {row["feature"] for row in with_impact["feature_impact"]} == {"signal", "noise_1", "noise_2", "weekday"}
    assert with_impact["feature_impact"][0]["feature"] == "signal"
    loaded = load_ml_model(tmp_path)
    row = loaded["scaler"].transform(np.zeros((1, 4)))
    assert loaded["model"].predict_proba(row).tolist() == with_impact["model"].predict_proba(row).tolist()
    ranking = compare_models(data, {"named": make_pipeline(BY_NAME, LogisticRegression())}, **FAST)["ranking"]
    assert ranking[0]["name"] == "named"


def test_categorical_features_by_name(make_samples: Callable[..., list[dict[str, Any]]]) -> None:
    data = with_weekday(make_samples())
    by_name, by_position = (
        train_model(data, HistGradientBoostingClassifier(max_iter=5, categorical_features=chosen), impact=False, **FAST)
        for chosen in (["weekday"], [3])
    )
    assert by_name["metrics"] == by_position["metrics"]


def test_columns_are_selected_by_a_function_of_the_frame(make_samples: Callable[..., list[dict[str, Any]]]) -> None:
    noise = make_column_transformer(("passthrough", make_column_selector("noise")))
    result = train_model(make_samples(), make_pipeline(noise, LogisticRegression()), **FAST)
    assert result["metrics"]["roc_auc"] < 0.65  # the signal is left out


class Shape(RegressorMixin, BaseEstimator):  # type: ignore[misc]
    """Remembers what it is given."""

    def fit(self, X: Any, y: Any) -> "Shape":
        self.type_ = type(X)
        return self

    def predict(self, X: Any) -> Any:
        return np.zeros(len(X))


def test_all_others_get_arrays(make_samples: Callable[..., list[dict[str, Any]]]) -> None:
    model = train_model(make_samples("regression"), Shape(), "regression", evidence=False, impact=False, **FAST)[
        "model"
    ]
    assert model.type_ is np.ndarray
