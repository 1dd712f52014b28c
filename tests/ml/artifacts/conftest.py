"""Results to save, made once."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sklearn.linear_model import LogisticRegression

from livermore.ml.dataset import Dataset
from livermore.ml.result import TrainingResult
from livermore.ml.tasks import task_named
from livermore.ml.training import TrainingOptions, train


@pytest.fixture
def make_result(make_samples: Callable[..., Any]) -> Callable[..., TrainingResult]:
    """Train a small model; another seed is another model."""

    def make(seed: int = 0, *, importance: bool = True, estimator: Any = None) -> TrainingResult:
        data = Dataset.from_samples(make_samples(n=60, seed=seed))
        options = TrainingOptions(importance=importance, impact=False, assess=False, title="Foo")
        estimator = LogisticRegression() if estimator is None else estimator  # an unfitted forest has no truth value
        return train(data, estimator, task_named("binary"), options)

    return make


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[], None]:
    """Become another user, who trusts nothing yet."""

    def become() -> None:
        monkeypatch.setenv("LIVERMORE_STATE_DIR", str(tmp_path / "state of another user"))
        monkeypatch.delenv("LIVERMORE_TRUST_MODELS", raising=False)

    return become
