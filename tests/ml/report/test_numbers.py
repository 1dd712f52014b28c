"""No report prints nan, a zero that is none, or a p-value of 0, whatever the result holds."""

import dataclasses
import math
import re
from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression

from livermore.formatting import estimate, interval, number, p_equals, p_value, plain
from livermore.ml.report import render_comparison, render_training
from livermore.ml.report._comparison import COMPARED
from livermore.ml.report._labels import METRICS, TRADING_FIGURES
from livermore.ml.result import TrainingResult
from livermore.research import train_model

SPECS = sorted({label.spec for label in (*METRICS.values(), *TRADING_FIGURES.values())} | {"+.1%", ".0%", "+.4g", ","})
# Nothing, or a zero with decimals, that stands by itself.
WRONG = re.compile(r"\bnan\b|\binf\b|(?<![\d.])[+-]?0\.0+%?(?![\d])")

figures = st.one_of(
    st.just(math.nan),
    st.floats(-2, 2),
    st.floats(-1e-4, 1e-4),
    st.sampled_from([0.0, -0.0, 1e-9, -1e-12, math.inf, -math.inf, 1e12]),
)
CURVES = ("time", "without", "with_model", "random_low", "random_median", "random_high")


@given(figures, st.sampled_from(SPECS))
def test_a_number_is_a_dash_or_tells_its_size(value: float, spec: str) -> None:
    text = number(value, spec)
    assert not WRONG.search(text)
    assert (text == "–") == math.isnan(value)
    if math.isfinite(value) and value != 0:
        assert any(digit in text for digit in "123456789")


@pytest.mark.parametrize("value", [None, math.nan])
def test_what_is_undefined_is_a_dash(value: float | None) -> None:
    assert number(value, ".3f") == plain(value) == p_value(value) == interval(value, 1.0, ".3f") == "–"
    assert estimate(0.5, value, value, ".1%") == "50.0% (too few samples for an interval)"


@given(st.floats(0, 1))
def test_no_p_value_is_printed_as_zero(value: float) -> None:
    assert not WRONG.search(p_value(value))
    assert p_equals(value) == ("p < 0.001" if value < 0.001 else f"p = {value:.3f}")


@cache
def trained() -> TrainingResult:
    random = np.random.default_rng(0)
    X = random.normal(size=(300, 2))
    win = X[:, 0] + random.normal(scale=2, size=300) > 0
    samples = [
        {
            "time": 3_600 * k,
            "features": {"a": a, "b": b},
            "label": {"name": "win", "value": bool(w)},
            "label_time": 3_600 * (k + 1),
            "payoff": 0.01 if w else -0.01,
        }
        for k, ((a, b), w) in enumerate(zip(X.tolist(), win, strict=True))
    ]
    return train_model(samples, LogisticRegression(), verbose=False)


def drawn(random: np.random.Generator) -> float:
    """Draw a figure that is ordinary, tiny, zero, or none."""
    ordinary, tiny = random.uniform(-2, 2), random.uniform(-1e-4, 1e-4)
    return float(random.choice([ordinary, tiny, 0.0, -0.0, 1e-9, math.nan, math.inf, -math.inf, 1e12]))


def redrawn(found: Any, random: np.random.Generator) -> Any:
    """Return a copy in which every float is another one; probabilities and intervals may be anything."""
    if isinstance(found, bool) or found is None:
        return found
    if isinstance(found, float):
        return drawn(random)
    if isinstance(found, dict):
        kept = {"threshold", "rank", "range"}
        return {key: value if key in kept else redrawn(value, random) for key, value in found.items()}
    return type(found)(redrawn(item, random) for item in found) if isinstance(found, list | tuple) else found


@pytest.mark.parametrize("seed", range(60))
def test_no_training_report_prints_what_is_no_number(seed: int) -> None:
    random, result = np.random.default_rng(seed), trained()
    evidence = {key: redrawn(value, random) for key, value in result.evidence.items() if key != "threshold"}
    chosen = result.evidence["threshold"]
    evidence["threshold"] = chosen | {"test": redrawn(chosen["test"], random)}
    changed = dataclasses.replace(
        result,
        metrics=redrawn(result.metrics, random),
        evidence=evidence,
        feature_impact=redrawn(result.feature_impact, random),
        tables=redrawn(result.tables, random),
    )
    text = render_training(changed)
    assert not WRONG.search(text), WRONG.findall(text)
    assert max(map(len, text.splitlines())) <= 78


def test_no_test_signal_passes_is_said_in_words() -> None:
    result = trained()
    none = {"allowed": 0, "precision": math.nan, "lift": math.nan, "lift_low": -0.5, "lift_high": 0.5}
    threshold = result.evidence["threshold"] | {"threshold": 0.8, "stable_band": (0.8, 0.8), "test": none}
    text = render_training(dataclasses.replace(result, evidence=result.evidence | {"threshold": threshold}))
    assert "There, on the test set      no signal passes" in text


@pytest.mark.parametrize("seed", range(60))
def test_no_comparison_prints_what_is_no_number(seed: int) -> None:
    random = np.random.default_rng(seed)

    def side() -> dict[str, Any]:
        return {"trades": 40, "fees": drawn(random), **{name: drawn(random) for name in COMPARED}}

    def difference() -> dict[str, float]:
        return {key: drawn(random) for key in ("value", "low", "high")} | {
            "p_random": float(random.choice([math.nan, 0.0, 1e-7, 0.5, 1.0]))
        }

    group = {"group": "long", "n_baseline": 40, "n_model": 3, "thin": True}
    group |= {key: drawn(random) for key in ("expectancy_baseline", "expectancy_model", "difference")}
    text = render_comparison(
        {
            "name": "Foo",
            "interval": (0, 86_400),
            "baseline": side(),
            "model": side(),
            "random": {"draws": 200, **{name: {"mean": drawn(random)} for name in COMPARED}},
            "difference": {name: difference() for name in COMPARED},
            "verdict": {"helped": "cannot tell", "text": "It cannot be told.", "trials": 1},
            "coverage": float(random.choice([math.nan, 0.0, 1e-7, 0.5, 1.0])),
            "matched": 3,
            "by": {"month": [], "side": [group, group], "symbol": []},
            "equity": {key: [1.0] for key in CURVES},
            "notes": [],
        }
    )
    assert not WRONG.search(text), WRONG.findall(text)
    assert max(map(len, text.splitlines())) <= 78
