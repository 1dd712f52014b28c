"""Classes and probabilities of one prediction: those that the model itself would name."""

from typing import Any

import numpy as np
import pytest
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import ExtraTreesClassifier, GradientBoostingClassifier, RandomForestClassifier
from sklearn.svm import SVC

from livermore.ml.tasks import task_named

TREES = {"n_estimators": 4, "max_depth": 2, "random_state": 0}  # few: many ties


class Contrary(RandomForestClassifier):
    """Names another class than the likeliest."""

    def predict(self, X: Any) -> Any:
        return self.classes_[self.predict_proba(X).argmin(axis=1)]


class Counting(RandomForestClassifier):
    """Counts how often it is asked."""

    asked = 0

    def predict_proba(self, X: Any) -> Any:
        self.asked += 1
        return super().predict_proba(X)


@pytest.mark.parametrize("task", ["binary", "multiclass"])
@pytest.mark.parametrize(
    "estimator",
    [
        RandomForestClassifier(**TREES),
        ExtraTreesClassifier(**TREES),
        CalibratedClassifierCV(GradientBoostingClassifier(**TREES), cv=2),
        CalibratedClassifierCV(SVC(), cv=2, ensemble=False),
        GradientBoostingClassifier(**TREES),
        Contrary(**TREES),
    ],
    ids=lambda estimator: type(estimator).__name__,
)
def test_classes_are_those_that_the_model_predicts(estimator: Any, task: str) -> None:
    rng = np.random.default_rng(2)
    X = rng.integers(0, 3, (300, 2)).astype(float)
    y = rng.integers(0, 2 if task == "binary" else 3, 300) * (1 if task == "binary" else 5)
    model = estimator.fit(X[:200], y[:200])
    found = task_named(task).predict(model, X[200:])
    assert found.values.tolist() == model.predict(X[200:]).tolist()
    assert found.values.dtype == model.predict(X[200:]).dtype
    assert found.probabilities.tolist() == model.predict_proba(X[200:]).tolist()


def test_a_forest_is_asked_once() -> None:
    X = np.arange(20.0)[:, None]
    model = Counting(**TREES).fit(X, np.arange(20) % 2)
    task_named("binary").predict(model, X)
    assert model.asked == 1
