"""Samples for the tests of the learning half."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

Samples = list[dict[str, Any]]
START, BAR = 1_640_995_200, 900
LABELS: dict[str, Callable[[float], Any]] = {
    "binary": lambda signal: bool(signal > 0),
    "multiclass": lambda signal: int(signal > 0.7) - int(signal < -0.7),
    "regression": lambda signal: 0.01 * float(signal),
}


@pytest.fixture
def make_samples() -> Callable[..., Samples]:
    """Make samples whose label is `edge` times the feature "signal" plus noise; the other features are noise."""

    def make(
        task: str = "binary", n: int = 300, *, edge: float = 1.0, features: int = 3, seed: int = 0, bars: int = 1
    ) -> Samples:
        rng = np.random.default_rng(seed)
        X = rng.standard_normal((n, features))
        outcomes = edge * X[:, 0] + rng.standard_normal(n)
        names = ["signal", *(f"noise_{k}" for k in range(1, features))]
        return [
            {
                "time": START + BAR * i,
                "features": dict(zip(names, X[i].tolist(), strict=True)),
                "label": {"name": "outcome", "value": LABELS[task](outcomes[i])},
                "label_time": START + BAR * (i + bars),
            }
            for i in range(n)
        ]

    return make
