"""One prediction at a time: `ml_predict_proba` beside plain calls of the library that fitted the model.

    python benchmarks/prediction.py [--rows 10000] [--features 18] [--trees 300] [name ...]

The baseline is what a strategy pays in deploy mode without the fast path: features sorted by name, an array of one
row, `scaler.transform`, `model.predict_proba`, a dict of classes. Both sides get the same dicts of features, in turn.
The column `row` is the compiled model alone, asked with a list: the rest of `ml_predict_proba` are the checks of names
and values, the memory of answers, the dict. Medians of CPU seconds a call, so that other work on the machine matters
little.
"""

import argparse
import statistics
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import lightgbm
import numpy as np
import xgboost
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import GradientBoostingClassifier, HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from livermore import Strategy
from livermore.ml.artifacts import LoadedModel
from livermore.ml.inference import Predictor
from livermore.ml.inference._fast import compile_row_function
from livermore.strategies import state_of

Features = dict[str, float]
Ask = Callable[[Features], dict[int, float]]


def models(trees: int) -> dict[str, tuple[Any, float | None]]:
    """Return each model, and the ratio that it must reach."""
    return {
        "logistic": (LogisticRegression(), 50),
        "forest": (RandomForestClassifier(trees, n_jobs=1), 500),
        "calibrated boosting": (CalibratedClassifierCV(GradientBoostingClassifier(n_estimators=trees), cv=3), 50),
        "calibrated boosting, isotonic": (
            CalibratedClassifierCV(GradientBoostingClassifier(n_estimators=trees), cv=3, method="isotonic"),
            None,
        ),
        "calibrated SVC": (CalibratedClassifierCV(SVC(), cv=3), 30),
        "LightGBM": (lightgbm.LGBMClassifier(n_estimators=trees, verbose=-1, n_jobs=1), 5),
        "XGBoost": (xgboost.XGBClassifier(n_estimators=trees, max_depth=4, learning_rate=0.05, n_jobs=1), 3),
        "histogram boosting": (HistGradientBoostingClassifier(max_iter=trees), None),
        "perceptron": (MLPClassifier((32, 16), max_iter=20), None),
    }


def samples(rows: int, features: int) -> tuple[list[str], np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    X = rng.standard_normal((rows, features))
    y = (0.3 * X[:, 0] + 0.2 * X[:, 1] + rng.standard_normal(rows) > 0).astype(int)
    return [f"feature_{i:02d}" for i in range(features)], X, y


def plain(model: Any, scaler: Any) -> Ask:
    def ask(features: Features) -> dict[int, float]:
        names = sorted(features)
        row = np.array([[features[name] for name in names]])
        probabilities = model.predict_proba(scaler.transform(row))[0]
        return {int(c): float(p) for c, p in zip(model.classes_, probabilities, strict=True)}

    return ask


class Asking(Strategy):
    """Returns the features that it was given."""

    current: Features

    def ml_features(self) -> Features:
        """Return them."""
        return self.current

    def should_long(self) -> bool:
        """Never."""
        return False

    def go_long(self) -> None:
        """Never run."""


def fast(model: Any, scaler: Any) -> Ask:
    strategy = Asking()
    state_of(strategy).model = Predictor.of(LoadedModel(model, scaler, None, None, Path()))

    def ask(features: Features) -> dict[int, float]:
        strategy.current = features
        return strategy.ml_predict_proba()

    return ask


def row_alone(model: Any, scaler: Any, n_features: int) -> Callable[[list[float]], Any]:
    row = compile_row_function(model, scaler, n_features)
    if row is None:
        raise SystemExit(f"no fast path for {model!r}")
    return row.predict_proba


def seconds(ask: Callable[[Any], Any], questions: list[Any], repeats: int) -> float:
    """Return CPU seconds a call: the median over rounds of each round's mean."""
    ask(questions[0])
    rounds = []
    for i in range(repeats):
        batch = questions[i::repeats]
        start = time.process_time()
        for features in batch:
            ask(features)
        rounds.append((time.process_time() - start) / len(batch))
    return statistics.median(rounds)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--rows", type=int, default=10_000)
    parser.add_argument("--features", type=int, default=18)
    parser.add_argument("--trees", type=int, default=300)
    parser.add_argument("--questions", type=int, default=1_000)
    options = parser.parse_args()
    warnings.simplefilter("ignore")

    names, X, y = samples(options.rows, options.features)
    cut = int(0.8 * len(X))
    scaler = StandardScaler().fit(X[:cut])
    questions = [dict(zip(names, map(float, row), strict=True)) for row in X[cut : cut + options.questions]]
    print(f"{cut} rows x {options.features} features, {options.trees} trees; microseconds of CPU a call")
    print(f"{'model':32}{'plain':>10}{'livermore':>12}{'row':>9}{'ratio':>9}{'target':>8}{'largest difference':>22}")
    for name, (model, target) in models(options.trees).items():
        if options.names and name not in options.names:
            continue
        model.fit(scaler.transform(X[:cut]), y[:cut])
        slow_ask, fast_ask, row = plain(model, scaler), fast(model, scaler), row_alone(model, scaler, len(names))
        few = questions[:: max(1, len(questions) // 30)]
        slow, quick = seconds(slow_ask, few, 5), seconds(fast_ask, questions, 5)
        alone = seconds(row, [list(features.values()) for features in questions], 5)
        difference = max(abs(slow_ask(q)[c] - p) for q in few for c, p in fast_ask(q).items())
        goal = "" if target is None else f"{target:g}"
        figures = f"{1e6 * slow:10.1f}{1e6 * quick:12.2f}{1e6 * alone:9.2f}{slow / quick:9.0f}"
        print(f"{name:32}{figures}{goal:>8}{difference:22.1e}", flush=True)


if __name__ == "__main__":
    main()
