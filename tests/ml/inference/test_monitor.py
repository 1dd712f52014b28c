"""What a monitor says of models that are used elsewhere than they were trained."""

import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sklearn.linear_model import LogisticRegression

from livermore.errors import ConfigError, LivermoreWarning, ModelError
from livermore.ml.artifacts import read_manifest
from livermore.ml.inference import PredictionContext, PredictionMonitor, load_predictor
from livermore.research import train_model

FEATURES = {"signal": 0.3, "noise_1": -1.0, "noise_2": 1.0}


@pytest.fixture
def folder(make_samples: Callable[..., Any], tmp_path: Path) -> Path:
    """Train on two symbols of one exchange."""
    samples = make_samples(n=80)
    for i, sample in enumerate(samples):
        sample |= {"exchange": "Sandbox", "symbol": ("BTC-USDT", "ETH-USDT")[i % 2], "timeframe": "1h"}
    quiet = {"verbose": False, "importance": False, "impact": False, "evidence": False}
    train_model(samples, LogisticRegression(), save_to=tmp_path, **quiet)
    return tmp_path


def ask(folder: Path, policy: str = "raise", **place: Any) -> tuple[dict[str, Any], list[str]]:
    """Predict twice; return the report and the warnings."""
    monitor = PredictionMonitor(load_predictor(folder))
    monitor.set_policy(policy, 3.0)
    context = PredictionContext(time=0, now=900, **place)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for _ in range(2):
            monitor.predict_proba(FEATURES, None, lambda: context)
    return monitor.report(), [str(warning.message) for warning in caught if warning.category is LivermoreWarning]


def test_a_manifest_names_the_market_of_its_samples(folder: Path) -> None:
    manifest = read_manifest(folder)
    assert manifest is not None
    expected = (("Sandbox", "BTC-USDT", "1h"), ("Sandbox", "ETH-USDT", "1h"))
    assert manifest.markets == expected
    assert ask(folder)[0]["markets"] == expected


@pytest.mark.parametrize(
    "place",
    [
        {},
        {"exchange": "Sandbox", "symbol": "ETH-USDT", "timeframe": "1h"},
        {"exchange": "Sandbox", "symbol": "BTC-USDT", "timeframe": "1h", "is_live": True},
    ],
)
def test_the_market_of_the_training_is_no_matter(place: dict[str, Any], folder: Path) -> None:
    report, messages = ask(folder, **place)
    assert report["other_market"] is None
    assert messages == []


@pytest.mark.parametrize(
    ("place", "words"),
    [
        ({"timeframe": "15m"}, "timeframe 15m (trained on 1h)"),
        ({"symbol": "NOISE-USDT"}, "symbol NOISE-USDT (trained on BTC-USDT, ETH-USDT)"),
        ({"exchange": "Other"}, "exchange Other (trained on Sandbox)"),
    ],
)
def test_another_market_is_a_warning_by_policy_and_an_error_live(
    place: dict[str, Any], words: str, folder: Path
) -> None:
    place = {"exchange": "Sandbox", "symbol": "BTC-USDT", "timeframe": "1h"} | place
    for policy, count in (("raise", 1), ("skip", 1), ("allow", 0)):
        report, messages = ask(folder, policy, **place)
        assert report["other_market"] == words
        assert len(messages) == count
        assert all(words in message and "ml_policy = 'allow'" in message for message in messages)
        with pytest.raises(ModelError, match="in live trading it is not used"):
            ask(folder, policy, **place, is_live=True)


def test_a_model_that_knows_no_market_is_used_anywhere(make_samples: Callable[..., Any], tmp_path: Path) -> None:
    quiet = {"verbose": False, "importance": False, "impact": False, "evidence": False}
    train_model(make_samples(n=80), LogisticRegression(), save_to=tmp_path, **quiet)
    report, messages = ask(tmp_path, exchange="E", symbol="X-USDT", timeframe="1m", is_live=True)
    assert (report["markets"], report["other_market"], messages) == ((), None, [])


UNSEEN = {"exchange": "Sandbox", "symbol": "SOL-USDT", "timeframe": "1h"}


@pytest.mark.parametrize("policy", ["raise", "skip", "allow"])
def test_a_strategy_decides_about_a_symbol_that_its_model_never_saw(policy: str, folder: Path) -> None:
    for is_live in (False, True):
        report, messages = ask(folder, policy, **UNSEEN, on_unseen_symbol="allow", is_live=is_live)
        assert (messages, report["other_market"]) == ([], "symbol SOL-USDT (trained on BTC-USDT, ETH-USDT)")
        with pytest.raises(ModelError, match=r"SOL-USDT.*ml_on_unseen_symbol = 'warn'"):
            ask(folder, policy, **UNSEEN, on_unseen_symbol="raise", is_live=is_live)
    with pytest.raises(ModelError, match="in live trading it is not used"):
        ask(folder, policy, **UNSEEN, on_unseen_symbol="warn", is_live=True)


@pytest.mark.parametrize(
    "other", [{"timeframe": "15m"}, {"exchange": "Other"}, {"symbol": "BTC-USDT", "exchange": "Other"}]
)
def test_a_symbol_that_is_allowed_allows_no_other_timeframe_or_exchange(other: dict[str, Any], folder: Path) -> None:
    place = UNSEEN | other
    assert len(ask(folder, **place, on_unseen_symbol="allow")[1]) == 1
    with pytest.raises(ModelError, match="in live trading it is not used"):
        ask(folder, **place, on_unseen_symbol="allow", is_live=True)


def test_symbols_of_the_training_are_predicted_whatever_is_said_of_others(folder: Path) -> None:
    seen = UNSEEN | {"symbol": "ETH-USDT"}
    assert ask(folder, **seen, on_unseen_symbol="raise", is_live=True)[1] == []


def test_a_policy_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ConfigError, match="'warn', 'raise', 'allow'; it is 'ignore'"):
        PredictionContext(time=0, now=0, on_unseen_symbol="ignore")
