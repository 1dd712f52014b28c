"""From a labelled backtest to a deployed model, on real candles: gather, CSV and back, train, deploy, backtest.

Each task with three estimators, on the first month of 2022 of a BTC perpetual future.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from gather_cases import CASES
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.ensemble import (
    GradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.naive_bayes import GaussianNB

from livermore.research import backtest, gather_ml_data, load_ml_data_csv, load_ml_model, train_model

FOREST = {"n_estimators": 40, "min_samples_leaf": 5, "random_state": 0}
BINARY = {
    "logistic": LogisticRegression(),
    "forest": RandomForestClassifier(**FOREST),
    "boosting": GradientBoostingClassifier(n_estimators=30, random_state=0),
}
MULTICLASS = {
    "logistic": LogisticRegression(),
    "bayes": GaussianNB(),
    "discriminant": LinearDiscriminantAnalysis(),
}
REGRESSION = {
    "ridge": Ridge(),
    "forest": RandomForestRegressor(**FOREST),
    "boosting": HistGradientBoostingRegressor(max_iter=30, random_state=0),
}
FLOWS = {
    "close-label-btc": ("binary", BINARY),
    "meta-supertrend-btc": ("binary", BINARY),
    "triple-barrier-btc": ("multiclass", MULTICLASS),
    "time-window-btc": ("regression", REGRESSION),
    "wide-regression-btc": ("regression", REGRESSION),
}
PARAMETERS = [
    pytest.param(case, task, estimator, id=f"{case}-{name}")
    for case, (task, estimators) in FLOWS.items()
    for name, estimator in estimators.items()
]
METRICS = {
    "binary": {"accuracy", "roc_auc", "mcc", "confusion_matrix", "precision", "recall", "f1", "support"}
    | {"tn", "fp", "fn", "tp"},
    "multiclass": {"accuracy", "roc_auc_macro", "mcc", "confusion_matrix", "classes"}
    | {"precision", "recall", "f1", "support"},
    "regression": {"mae", "rmse", "r2", "spearman"},
}


@pytest.mark.slow
@pytest.mark.parametrize(("case", "task", "estimator"), PARAMETERS)
def test_gather_train_deploy_backtest(
    case: str, task: str, estimator: Any, project: Path, inputs_of: Callable[[str], dict[str, Any]]
) -> None:
    inputs, strategy = inputs_of(case), CASES[case]["strategy"]
    folder = project / "strategies" / strategy
    baseline = gather_ml_data(**inputs, verbose=False)
    samples = load_ml_data_csv(strategy)
    assert len(samples) == len(baseline["data_points"])

    trained = train_model(samples, estimator, task=task, save_to=folder, verbose=False, importance=False, impact=False)
    assert METRICS[task] <= trained["metrics"].keys()
    assert trained["feature_names"] == sorted(samples[0]["features"])
    sizes = trained["train_test_info"]
    # What is neither trained nor tested on was purged: labels that reach over the split.
    assert 0 < len(samples) - sizes["train_size"] - sizes["test_size"] + 1 <= 20
    check_saved_model(folder, trained, samples)

    deploy(folder, strategy)
    filtered = backtest(**inputs, on_in_sample="allow")
    assert filtered["metrics"]["total"] > 0
    if case == "close-label-btc":
        assert filtered["metrics"]["total"] < baseline["backtest_metrics"]["total"]
        check_gate(filtered["trades"], trained, samples)


def check_saved_model(folder: Path, trained: dict[str, Any], samples: list[dict[str, Any]]) -> None:
    loaded = load_ml_model(folder)
    names = trained["feature_names"]
    rows = np.array([[sample["features"][name] for name in names] for sample in samples])
    expected = trained["model"].predict(trained["scaler"].transform(rows))
    np.testing.assert_array_equal(loaded["model"].predict(loaded["scaler"].transform(rows)), expected)


def check_gate(trades: list[dict[str, Any]], trained: dict[str, Any], samples: list[dict[str, Any]]) -> None:
    """Whatever was traded, the model gave a chance above the threshold, for those bars whose features are known."""
    rows = {sample["time"]: sample["features"] for sample in samples}
    seen = 0
    for trade in trades:
        # The entry was ordered at the end of the bar whose opening time stamps the sample.
        bar = int(trade["orders"][0]["created_at"] / 1000) - 15 * 60
        if bar in rows:
            row = np.array([[rows[bar][name] for name in trained["feature_names"]]])
            assert trained["model"].predict_proba(trained["scaler"].transform(row))[0, 1] >= 0.5
            seen += 1
    assert seen > 10


def deploy(folder: Path, strategy: str) -> None:
    """Put the strategy into deploy mode, as its user would: by a line in its file."""
    file = folder / "__init__.py"
    file.write_text(f"{file.read_text()}\n\n{strategy}.ml_mode = 'deploy'\n")
