"""Data on which fast and slow prediction could part: ties at thresholds, steps of single precision, missing values."""

from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits


@dataclass(frozen=True)
class Samples:
    """Rows to train on, labels of each kind, and rows to ask about."""

    X: NDArray[np.float64]
    binary: NDArray[np.int64]
    multiclass: NDArray[np.int64]
    target: NDArray[np.float64]
    asked: NDArray[np.float64]

    def labels(self, kind: str) -> NDArray[np.generic]:
        return getattr(self, kind)


@pytest.fixture(scope="session")
def samples() -> Samples:
    rng = np.random.default_rng(7)
    n, k = 400, 6
    X = rng.standard_normal((n, k))
    X[:, 1] = np.round(X[:, 1], 1)  # Ties.
    X[:, 2] = rng.integers(0, 3, n)  # Few values.
    X[:, 3] *= 1e5  # Another scale.
    X[:, 4] = 1.0 + 1e-7 * rng.standard_normal(n)  # Differs within one step of single precision.
    score = X[:, 0] + 0.5 * X[:, 1] - 0.4 * X[:, 2] + 0.8 * rng.standard_normal(n)
    # Rows of training lie on thresholds' own midpoints' sides; midpoints of pairs lie on thresholds.
    halfway = (X[:100] + X[100:200]) / 2.0
    asked = np.concatenate([X[:100], halfway, 3.0 * X[200:250], rng.standard_normal((50, k))])
    return Samples(
        X=X,
        binary=(score > 0.3).astype(np.int64),
        multiclass=np.digitize(score, [-0.5, 0.5]) - 1,
        target=score,
        asked=asked,
    )


@pytest.fixture(autouse=True)
def one_thread():
    """Keep OpenMP to one thread: fits are tiny, and waiting threads slow each other down on a busy machine."""
    with threadpool_limits(1):
        yield
