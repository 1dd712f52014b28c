"""The fast path gives the slow path's predictions, errors and counts, whatever the features."""

import math
import struct
import tempfile
from collections import OrderedDict
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from functools import cache
from pathlib import Path
from types import MappingProxyType, SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression

from livermore.errors import ModelError
from livermore.ml.artifacts import LoadedModel, load_model
from livermore.ml.inference import Policy, PredictionContext, PredictionMonitor, Predictor, _row_cache
from livermore.research import train_model
from livermore.testing._kernels import uncompiled

NAMES = ("high", "low", "often_missing")
START = 1_600_000_000
DAY = 86_400


@cache
def loaded(kind: str) -> LoadedModel:
    """One model for all examples; of 30 days from START."""
    rng = np.random.default_rng(0)
    samples = [
        {
            "time": START + i * DAY // 4,
            "features": dict(zip(NAMES, [*x[:2], None if i % 5 == 0 and kind == "gaps" else x[2]], strict=True)),
            "label": {"name": "y", "value": float(x[0]) if kind == "regression" else i % 3 - 1},
            "label_time": START + i * DAY // 4,
        }
        for i, x in enumerate(rng.standard_normal((120, 3)).tolist())
    ]
    estimator = {
        "gaps": HistGradientBoostingClassifier(max_iter=2),
        "regression": LinearRegression(),
        "linear": LogisticRegression(),
        "nameless": LogisticRegression(),
    }[kind]
    task = "regression" if kind == "regression" else "multiclass"
    folder = Path(tempfile.mkdtemp())
    quiet = {"verbose": False, "importance": False, "impact": False, "evidence": False}
    train_model(samples, estimator, task, save_to=folder, **quiet)
    found = load_model(folder)
    if kind != "nameless":
        return found
    return LoadedModel(found.model, found.scaler, feature_importance=None, manifest=None, folder=folder)


class SlowPredictor(Predictor):
    """Has no fast path."""

    @classmethod
    def of(cls, model: LoadedModel) -> "SlowPredictor":
        predictor = super().of(model)
        predictor.__dict__.update(_cached_value=None, _cached_probabilities=None)
        return predictor  # type: ignore[return-value]


class Text(str):
    """A text that is no plain one."""


def outcome(ask: Callable[..., Any], *arguments: Any) -> Any:
    """What is returned, to the bit, or raised."""
    try:
        found = ask(*arguments)
    except Exception as error:
        return type(error), str(error)
    if isinstance(found, dict):
        assert all(type(key) is int for key in found)
        return {key: bits(value) for key, value in found.items()}
    return bits(found)


def bits(value: float) -> bytes:
    assert type(value) is float
    return b"nan" if math.isnan(value) else struct.pack("d", value)


USUAL = st.floats(-2.0, 2.0)
ODD = st.sampled_from(
    [
        *(math.nan, math.inf, -math.inf, 1e308, -0.0, 5e-324, 40.0, -25.0),
        *(None, True, False, 1, 0, -3, 10**400, 2**63),
        *(np.float64(0.5), np.float64(math.nan), np.float32(0.1), np.float16(0.5), np.int64(2), np.uint8(1)),
        *(np.bool_(True), np.longdouble(0.3), np.array(0.25), np.array([0.25, 1.0])),
        *(Decimal("0.25"), Fraction(1, 3), "0.5", b"0.5", [1.0], 1j, object),
    ]
)
VALUES = st.lists(st.one_of(USUAL, USUAL, ODD), min_size=3, max_size=3)


@st.composite
def asked(draw: st.DrawFn) -> Any:
    """Features, of which most are as they should be."""
    names: list[Any] = list(draw(st.permutations(NAMES)))
    fault = draw(st.sampled_from(["", "", "", "", "missing", "renamed", "text", "number", "built"]))
    if fault == "missing":
        names = names[:2]
    elif fault:
        other = {"renamed": "hihg", "text": Text(names[0]), "number": 7, "built": "".join(list(names[0]))}
        names[0] = other[fault]
    features = dict(zip(names, draw(VALUES), strict=False))
    if draw(st.booleans()):
        return features
    extra = features | {"extra": 1.0}
    forms = [features, features, features, extra, OrderedDict(features), MappingProxyType(features), [1.0, 2.0], None]
    return draw(st.sampled_from(forms))


POLICIES = st.builds(
    Policy, st.sampled_from(["raise", "skip", "allow"]), st.sampled_from([3.0, 3.0, 0.0, 3, np.float64(1.0), math.inf])
)


@settings(deadline=None, max_examples=150)
@given(
    st.sampled_from(["gaps", "regression", "linear", "nameless"]),
    st.lists(st.tuples(asked(), POLICIES, st.booleans()), max_size=8),
)
def test_predictors_answer_alike(kind: str, questions: list[Any]) -> None:
    quick, slow = Predictor.of(loaded(kind)), SlowPredictor.of(loaded(kind))
    usual = dict.fromkeys(NAMES, 0.25)
    for features, policy, probabilities in [(usual, Policy(), True), *questions, (usual, Policy(), False)]:
        name = "predict_proba" if probabilities else "predict"
        # Twice, since the second answer is remembered.
        for _ in range(2):
            found, expected = (outcome(getattr(side, name), features, policy) for side in (quick, slow))
            assert found == expected


@settings(deadline=None, max_examples=100)
@given(
    st.sampled_from(["gaps", "linear", "nameless"]),
    st.lists(st.tuples(asked(), POLICIES, st.integers(-2, 40), st.booleans(), st.booleans()), min_size=1, max_size=12),
)
def test_monitors_answer_and_count_alike(kind: str, questions: list[Any]) -> None:
    """Whatever changes between two questions: features, settings, the day."""
    quick, slow = PredictionMonitor(Predictor.of(loaded(kind))), PredictionMonitor(SlowPredictor.of(loaded(kind)))
    for features, policy, day, refuses, probabilities in questions:
        time = START + day * DAY // 2
        found = []
        for monitor in (quick, slow):
            monitor.set_policy(policy.on_bad, policy.margin)
            ask = monitor.predict_proba if probabilities else monitor.predict
            when = PredictionContext(time, time + 900, refuses)
            found.append(outcome(ask, features, 1000.0 * time if monitor.needs_time else None, lambda when=when: when))
        assert found[0] == found[1]
        reports = [monitor.report() for monitor in (quick, slow)]
        assert repr(reports[0]) == repr(reports[1])
    assert quick.counts.asked == len(questions)
    assert quick.needs_time is (kind != "nameless")


def test_settings_are_kept_as_the_objects_that_they_are() -> None:
    """A strategy compares them by identity, and would otherwise set its policy before each prediction."""
    monitor, margin, on_bad = PredictionMonitor(Predictor.of(loaded("linear"))), float("3.5"), "".join(["sk", "ip"])
    monitor.set_policy(on_bad, margin)
    assert monitor.margin is margin
    assert monitor.on_bad is on_bad


def test_the_last_second_of_the_training_is_one_of_its_own() -> None:
    monitor = PredictionMonitor(Predictor.of(loaded("linear")))
    monitor.set_policy("raise", 3.0)
    features = dict.fromkeys(NAMES, 0.25)
    monitor.predict_proba(features, None, lambda: PredictionContext(0, 0))
    first, last = monitor.train_interval()
    for time, inside in [(first - 1, 0), (first, 1), (last, 1), (last + 1, 0)]:
        before = monitor.counts.in_sample
        monitor.predict_proba(features, 1000.0 * time, lambda time=time: PredictionContext(time, time))
        assert monitor.counts.in_sample - before == inside
    with pytest.raises(ModelError, match="and was trained on"):
        monitor.predict_proba(features, 1000.0 * last, lambda: PredictionContext(last, last, in_sample_is_error=True))


def test_usual_features_need_no_context() -> None:
    """Neither do cached ones, nor ones in another order that came before."""

    def never() -> PredictionContext:
        raise AssertionError("the slow path was taken")

    for kind in ("linear", "gaps", "nameless"):
        monitor = PredictionMonitor(Predictor.of(loaded(kind)))
        monitor.set_policy("raise", 3.0)
        features: dict[str, Any] = dict.fromkeys(NAMES, 0.25)
        monitor.predict_proba(features, None, lambda: PredictionContext(0, 0))
        time = 0.0 if monitor.needs_time else None
        for value in (0.5, True, 1, np.float64(0.1), np.float32(0.1), np.bool_(False)):
            monitor.predict_proba(features | {"low": value}, time, never)
        if kind == "gaps":
            monitor.predict_proba(features | {"often_missing": None}, time, never)
        built = {"".join(list(name)): value for name, value in features.items()}
        monitor.predict_proba(built, time, never)


def test_without_rows_in_common_places_are_shared_and_answers_are_not() -> None:
    """With a single place to remember an answer in, each question drives the last one out."""
    function = counting_function()
    answers = quick_answers(_row_cache, function, slots=1)
    for value in (1.0, 1.0, 2.0, 1.0, -0.0, 0.0):
        assert answers.predict({"a": value, "b": 3.0}, 3.0) == value
    assert function.asked == [1.0, 2.0, 1.0, -0.0, 0.0]
    assert answers.cached_rows() == 1


def counting_function() -> Any:
    """A function of two features whose answer is the first."""
    import threading

    function = SimpleNamespace(n_features=2, row=np.zeros(2), lock=threading.Lock(), value=np.zeros(1), asked=[])

    def run() -> None:
        if function.row[1] == 7.0:
            raise ValueError("seven")
        function.value[0] = function.row[0]
        function.asked.append(float(function.row[0]))
        function.row[:] = math.nan  # as steps overwrite it

    function.run = run
    return function


def quick_answers(module: Any, function: Any, slots: int = 8, classes: Any = None) -> Any:
    answers = module.CachedRowModel(function, function.run, function.value, classes, [False, True], slots)
    answers.set_bounds(3.0, np.full(2, -10.0), np.full(2, 10.0))
    answers.set_feature_order({"b": 0, "a": 0}, ["a", "b"])
    answers.set_feature_order({"a": 0, "b": 0}, ["a", "b"])
    return answers


def test_a_model_that_raises_leaves_the_cache_as_it_was() -> None:
    function = counting_function()
    answers = quick_answers(_row_cache, function, slots=1)
    for _ in range(2):
        assert answers.predict({"a": 1.0, "b": 3.0}, 3.0) == 1.0
        with pytest.raises(ValueError, match="seven"):
            answers.predict({"a": 2.0, "b": 7.0}, 3.0)
    assert not function.lock.locked()


@pytest.fixture(scope="module")
def plain() -> Any:
    """The kernel's source, compiled or not, as a module of its own."""
    return uncompiled(_row_cache)


@given(questions=st.lists(asked() | st.builds(lambda a, b: {"a": a, "b": b}, USUAL | ODD, USUAL | ODD), max_size=10))
def test_uncompiled_it_is_the_same(plain: Any, questions: list[Any]) -> None:
    sides = [(quick_answers(m, f), quick_answers(m, f, classes=(4,)), f) for m, f in twice(plain)]
    for features in [{"a": 1.0, "b": None}, *questions]:
        for margin in (3.0, 1.0):
            found = [
                [outcome_or_none(ask, features, margin) for ask in (value.predict, probabilities.predict_proba)]
                for value, probabilities, _ in sides
            ]
            assert found[0] == found[1]
    assert repr(sides[0][2].asked) == repr(sides[1][2].asked)


def twice(plain: Any) -> list[Any]:
    return [(plain, counting_function()), (_row_cache, counting_function())]


def outcome_or_none(ask: Any, *arguments: Any) -> Any:
    return outcome(lambda: -1.5 if (found := ask(*arguments)) is None else found)


def test_uncompiled_monitors_are_the_same(plain: Any) -> None:
    for module in (plain, _row_cache):

        class Own(module.MonitorFastPath):  # type: ignore[misc, name-defined]
            def slow_predict(self, features: Any, context: Any) -> str:
                return f"value {context}"

            def slow_predict_proba(self, features: Any, context: Any) -> str:
                return f"probabilities {context}"

        monitor, function = Own("source"), counting_function()
        features = {"a": 1.0, "b": 2.0}
        assert monitor.predict(features, None, lambda: 1) == "value 1"
        monitor.set_models(quick_answers(module, function), quick_answers(module, function, classes=(4,)), (100, 200))
        assert monitor.predict_proba(features, 1.0, lambda: 2) == "probabilities 2"  # no policy was taken yet
        monitor.set_policy("raise", 3.0)
        assert monitor.predict(features, 99_999.0, lambda: 3) == 1.0
        assert monitor.predict_proba(features, 201_000.0, lambda: 3) == {4: 1.0}
        assert monitor.predict(features, 100_000.0, lambda: 4) == "value 4"
        assert monitor.predict(features, 200_999.0, lambda: 5) == "value 5"
        assert monitor.predict_proba(features, None, lambda: 6) == "probabilities 6"
        assert (monitor.source, monitor.asked, monitor.needs_time, monitor.margin) == ("source", 7, True, 3.0)
