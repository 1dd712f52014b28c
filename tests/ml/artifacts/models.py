"""Estimators of many families, fitted and not, and what both tests of loading work with."""

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
from lightgbm import LGBMClassifier
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import (
    HistGradientBoostingClassifier,
    RandomForestClassifier,
    StackingClassifier,
    VotingClassifier,
)
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import QuantileTransformer, StandardScaler
from sklearn.svm import SVC
from xgboost import XGBClassifier

from livermore.ml.result import TrainingResult

MakeResult = Callable[..., TrainingResult]
RNG = np.random.default_rng(0)
X = RNG.standard_normal((80, 3))
Y = (X[:, 0] > 0).astype(int)
ESTIMATORS: dict[str, Any] = {
    "logistic": LogisticRegression(),
    "forest": RandomForestClassifier(5),
    "hist": HistGradientBoostingClassifier(max_iter=3),
    "svc": SVC(),
    "calibrated": CalibratedClassifierCV(LogisticRegression(), ensemble=False),
    "isotonic": CalibratedClassifierCV(LogisticRegression(), method="isotonic"),
    "search": GridSearchCV(LogisticRegression(), {"C": [0.1, 1.0]}),
    "pipeline": make_pipeline(StandardScaler(), QuantileTransformer(n_quantiles=10), LogisticRegression()),
    "neighbours": KNeighborsClassifier(),
    "perceptron": MLPClassifier((4,), max_iter=5),
    "voting": VotingClassifier([("a", LogisticRegression()), ("b", RandomForestClassifier(3))]),
    "stacking": StackingClassifier([("a", LogisticRegression())], cv=2),
    "lightgbm": LGBMClassifier(n_estimators=3, verbose=-1),
    "xgboost": XGBClassifier(n_estimators=3),
}

# Their compiled code follows fitted arrays unchecked, or parses content of its own.
UNSAFE = {"hist", "svc", "neighbours", "lightgbm", "xgboost"}
EMPTY_MANIFEST: dict[str, Any] = {
    "format_version": 1,
    "task": "binary",
    "features": [],
    "classes": [0, 1],
    "missing_values": "refuse",
    "versions": {},
    "version": "",
}


def fitted(name: str) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ESTIMATORS[name].fit(X, Y)
