"""The printed report: every documented section, in order, in one width, read off the result."""

import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression

from livermore.ml.report import render_gathering, render_training
from livermore.ml.result import TrainingResult
from livermore.research import train_model

MakeSamples = Callable[..., Any]
COMMON = ["DATASET", "FEATURE IMPORTANCE", "FIT", "MODEL PERFORMANCE"]
SECTIONS = {
    "binary": [*COMMON, "PROBABILITY CALIBRATION", "FEATURE IMPACT", "PRECISION vs CONFIDENCE THRESHOLD", "SAVED"],
    "multiclass": [*COMMON, "FEATURE IMPACT", "SAVED"],
    "regression": [*COMMON, "FEATURE IMPACT", "NOTES", "SAVED"],
}


def trained(make_samples: MakeSamples, task: str = "binary", **options: Any) -> TrainingResult:
    estimator = LinearRegression() if task == "regression" else LogisticRegression()
    return train_model(make_samples(task), estimator, task, verbose=False, evidence=False, **options)


@pytest.mark.parametrize("task", SECTIONS)
def test_sections_come_in_the_documented_order(task: str, make_samples: MakeSamples) -> None:
    text = render_training(trained(make_samples, task, name="Foo"))
    titles = [line.strip("─ ").partition("  (")[0] for line in text.splitlines() if line.startswith("─── ")]
    assert titles == SECTIONS[task]
    assert f"MODEL TRAINING  ·  Foo  [{task.upper()}]" in text


@pytest.mark.parametrize("task", SECTIONS)
def test_no_line_is_wider_than_the_report(task: str, make_samples: MakeSamples) -> None:
    lines = render_training(trained(make_samples, task)).splitlines()
    assert max(map(len, lines)) == 78
    assert [line for line in lines if line != line.rstrip()] == []


def test_what_was_switched_off_is_left_out(make_samples: MakeSamples) -> None:
    text = render_training(trained(make_samples, importance=False, impact=False))
    assert "FEATURE" not in text


def test_figures_are_those_of_the_result(make_samples: MakeSamples, tmp_path: Path) -> None:
    result = trained(make_samples)
    text = render_training(result, saved_to=tmp_path)
    assert f"ROC AUC                     {result['metrics']['roc_auc']:.3f}" in text
    assert f"{result['feature_impact'][0]['metric']:.1%}" in text
    assert str(tmp_path / "model.pkl") in text
    changed = replace(result, metrics=result.metrics | {"roc_auc": 0.987})
    assert "ROC AUC                     0.987" in render_training(changed)


def test_undefined_figures_are_a_dash_and_said_to_be(make_samples: MakeSamples) -> None:
    result = trained(make_samples)
    text = render_training(replace(result, metrics=result.metrics | {"roc_auc": math.nan}))
    assert "ROC AUC                     –" in text
    assert "ROC AUC is undefined here" in text
    assert "nan" not in text


def test_no_verdict_of_the_training_set_stands_beside_figures_of_the_test_set(make_samples: MakeSamples) -> None:
    result = trained(make_samples)
    rows = [
        {"feature": name, "metric": 0.5, "delta": delta, "standard_error": 0.01}
        for name, delta in (("good", -0.03), ("bad", 0.03))
    ]
    unjudged = render_training(replace(result, feature_impact=rows))
    lines = [line for line in unjudged.splitlines() if "± 1.0%" in line]
    assert len(lines) == 2
    assert all(line.endswith("± 1.0%") for line in lines)
    assert "nothing is decided by them" in " ".join(unjudged.split())
    # A row shows figures of the test set only: what the training set says of the feature is in a table of its own.
    verdicts = {"feature_verdicts": {"good": "hurts", "bad": "cannot tell"}}
    assert render_training(replace(result, feature_impact=rows, evidence=verdicts)) == unjudged


def test_purged_and_missing_samples_are_told(make_samples: MakeSamples) -> None:
    samples = make_samples(bars=5)
    for s in samples[::10]:
        s["features"]["signal"] = None
    result = train_model(
        samples, HistGradientBoostingClassifier(max_iter=2), verbose=False, impact=False, evidence=False
    )
    text = render_training(result)
    assert "Purged                      4" in text
    assert "Missing: signal             24 (10.2%)" in text
    assert "four training samples" not in text
    assert "· 4 training samples were purged" in text


def test_report_is_printed_only_when_asked(make_samples: MakeSamples, capsys: pytest.CaptureFixture[str]) -> None:
    result = trained(make_samples)
    assert capsys.readouterr().out == ""
    again = train_model(make_samples(), LogisticRegression(), evidence=False)
    printed = capsys.readouterr().out
    assert again["metrics"] == result["metrics"]
    assert "MODEL PERFORMANCE" in printed


def points(values: list[Any]) -> list[dict[str, Any]]:
    return [
        {"time": 60 * i, "features": {"a": 1.0}, "label": {"name": "win", "value": value}, "symbol": "BTC-USDT"}
        for i, value in enumerate(values)
    ]


def test_gathering_counts_labels() -> None:
    text = render_gathering({"Foo": points([True, False, False, False])}, {"total": 0}, n_open=3, files=[Path("x.csv")])
    assert "DATA GATHERING  ·  Foo" in text
    assert "No trade was opened. That is right" in text
    assert "y = False                   3 (75.0%)" in text
    assert "y = True                    1 (25.0%)" in text
    assert "Left open, not labelled     3" in text
    assert "Features per sample         1" in text
    assert "x.csv" in text


def test_gathering_describes_continuous_labels_and_trades() -> None:
    metrics = {"total": 1234, "win_rate": 0.4321, "sharpe_ratio": math.nan, "net_profit": -12.5}
    text = render_gathering({"Foo": points([0.1, -0.3])}, metrics)
    assert "Trades                      1,234" in text
    assert "Win rate (%)                43.2" in text
    assert "Sharpe ratio                –" in text
    assert "Min, max                    -0.3, 0.1" in text
    assert "Pass csv_path=…" in text


def test_gathering_names_strategies_where_there_are_several() -> None:
    text = render_gathering({"Foo": points([1]), "Bar": points([0])}, {"total": 0})
    assert "─── DATASET  Foo ─" in text
    assert "─── DATASET  Bar ─" in text
