"""What labels mean, which estimators fit, and classes that are rare."""

import math
from typing import Any

import numpy as np
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.calibration import CalibratedClassifierCV
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from livermore.errors import DatasetError, EstimatorError, TrainingError
from livermore.ml.tasks import TASKS, Prediction, Task, fit, takes_missing_values, task_named, weight_parameter

BINARY, MULTICLASS, REGRESSION = (TASKS[name] for name in ("binary", "multiclass", "regression"))


def test_labels_map_as_the_documentation_says() -> None:
    labels = [True, False, 1, 0, -1, 0.034, -0.5]
    assert BINARY.encode(labels).tolist() == [1, 0, 1, 0, 0, 1, 0]
    assert MULTICLASS.encode([-1, 0, 1, 2.0]).tolist() == [-1, 0, 1, 2]  # bools are refused
    assert REGRESSION.encode([0.034, -1]).tolist() == [0.034, -1.0]


def test_fractions_are_no_classes() -> None:
    with pytest.raises(DatasetError, match=r"whole numbers.*one is 0.5.*task='regression'"):
        MULTICLASS.encode([1, 0.5])


@pytest.mark.parametrize("name", ["binari", "", None, ["binary"]])
def test_unknown_task(name: Any) -> None:
    with pytest.raises(TrainingError, match="task must be 'binary', 'multiclass' or 'regression', not"):
        task_named(name)


WRONG = [
    (BINARY, LinearRegression(), "needs a classifier, and LinearRegression is none.*task='regression'"),
    (MULTICLASS, SVC(), r"needs a classifier with predict_proba.*CalibratedClassifierCV\(SVC\(\), ensemble=False\)"),
    (BINARY, LogisticRegression, r"is the class LogisticRegression; pass an instance: LogisticRegression\(\)"),
    (BINARY, "LogisticRegression", "must be a scikit-learn classifier"),
    (REGRESSION, LogisticRegression(), "needs a regressor, and LogisticRegression is none.*'binary' or 'multiclass'"),
    (REGRESSION, Ridge, r"is the class Ridge; pass an instance: Ridge\(\)"),
    (REGRESSION, None, "needs a regressor, and NoneType is none"),
]


@pytest.mark.parametrize(("task", "estimator", "message"), WRONG)
def test_wrong_estimators_are_refused_with_a_remedy(task: Task, estimator: Any, message: str) -> None:
    with pytest.raises(EstimatorError, match=message):
        task.check_estimator(estimator)


@pytest.mark.parametrize(
    "estimator",
    [CalibratedClassifierCV(SVC(), ensemble=False), GridSearchCV(LogisticRegression(), {"C": [1]}), DummyClassifier()],
)
def test_right_estimators_are_accepted(estimator: Any) -> None:
    BINARY.check_estimator(estimator)
    MULTICLASS.check_estimator(estimator)


def test_one_class_is_nothing_to_learn() -> None:
    with pytest.raises(TrainingError, match=r"all 7 training samples are of class 1: .*Class 1 is True"):
        BINARY.check_target(np.ones(7, dtype=int))
    with pytest.raises(TrainingError, match="all 7 training samples are of class -1"):
        MULTICLASS.check_target(np.full(7, -1))
    with pytest.raises(TrainingError, match=r"the label is 0.5 in all 3 training samples"):
        REGRESSION.check_target(np.full(3, 0.5))


def test_classes_of_one_side_only_keep_their_row_and_column() -> None:
    prediction = Prediction(
        values=np.array([0, 0, 1]), probabilities=np.full((3, 3), 1 / 3), classes=np.array([-1, 0, 1])
    )
    found = MULTICLASS.metrics(np.array([0, 2, 1]), prediction)
    assert found["classes"] == [-1, 0, 1, 2]
    assert found["confusion_matrix"] == [[0, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0], [0, 1, 0, 0]]
    assert found["support"] == [0, 1, 1, 1]
    assert math.isnan(found["roc_auc_macro"])


def test_binary_figures_when_the_test_side_has_one_class() -> None:
    prediction = Prediction(np.array([1, 0]), np.array([[0.2, 0.8], [0.6, 0.4]]), np.array([0, 1]))
    found = BINARY.metrics(np.array([1, 1]), prediction)
    assert (found["tn"], found["fp"], found["fn"], found["tp"]) == (0, 0, 1, 1)
    assert found["accuracy"] == 0.5
    assert math.isnan(found["roc_auc"])


def test_metric_keys_are_those_of_the_documentation() -> None:
    two = Prediction(np.array([0, 1]), np.array([[0.6, 0.4], [0.3, 0.7]]), np.array([0, 1]))
    none = Prediction(np.array([0.1, 0.2]), np.empty((2, 0)), np.empty(0))
    y = np.array([0, 1])
    scores = ["precision", "recall", "f1", "support"]
    assert list(BINARY.metrics(y, two)) == [
        *("accuracy", "roc_auc", "mcc", "confusion_matrix"), *scores, *("tn", "fp", "fn", "tp")
    ]  # fmt: skip
    assert list(MULTICLASS.metrics(y, two)) == [
        "accuracy",
        "roc_auc_macro",
        "mcc",
        "confusion_matrix",
        "classes",
        *scores,
    ]
    assert list(REGRESSION.metrics(y, none)) == ["mae", "rmse", "r2", "spearman"]


@pytest.mark.parametrize(
    ("estimator", "expected"),
    [
        (HistGradientBoostingClassifier(max_iter=2), True),
        (RandomForestClassifier(n_estimators=3), True),
        (LogisticRegression(), False),
        (make_pipeline(StandardScaler(), HistGradientBoostingClassifier(max_iter=2)), True),
        (make_pipeline(StandardScaler(), LogisticRegression()), False),
        (make_pipeline(SimpleImputer(), LogisticRegression()), True),
        (make_pipeline("passthrough", SimpleImputer(), LogisticRegression()), True),
        (GridSearchCV(make_pipeline(SimpleImputer(), LogisticRegression()), {}), True),
        (CalibratedClassifierCV(HistGradientBoostingClassifier(max_iter=2)), True),
        (CalibratedClassifierCV(LogisticRegression()), False),
    ],
)
def test_who_takes_missing_values(estimator: Any, expected: bool) -> None:
    assert takes_missing_values(estimator) is expected
    if expected:  # and it is true
        X = np.random.default_rng(0).standard_normal((60, 2))
        X[::7, 0] = np.nan
        fit(estimator, X, np.arange(60) % 2, None)


def test_weights_reach_the_last_step_of_a_pipeline() -> None:
    X, y = np.array([[-1.0], [1.0]] * 10), np.array([0, 1] * 10)
    weight = np.where(y == 1, 100.0, 1.0)
    pipeline = make_pipeline(StandardScaler(), LogisticRegression(C=0.01))
    assert weight_parameter(pipeline) == "logisticregression__sample_weight"
    weighted, plain = (fit(pipeline, X, y, w).predict_proba([[0.0]])[0, 1] for w in (weight, None))
    assert weighted > plain + 0.2


class Stubborn(ClassifierMixin, BaseEstimator):
    def fit(self, X: Any, y: Any) -> "Stubborn":
        raise ValueError("classes must be 0 and 1")


def test_a_failing_fit_is_the_estimators_and_names_the_classes() -> None:
    with pytest.raises(
        EstimatorError, match=r"Stubborn.fit failed on 2 samples of 1 features and classes \[-1, 1\]: class"
    ):
        fit(Stubborn(), np.zeros((2, 1)), np.array([-1, 1]), None)


def test_fitting_leaves_the_given_estimator_alone() -> None:
    estimator = LogisticRegression()
    fit(estimator, np.array([[0.0], [1.0]]), np.array([0, 1]), None)
    assert not hasattr(estimator, "coef_")
