"""A training holds the features, one scaled copy of what is being fitted, and little else."""

import tracemalloc

import numpy as np
import pytest
import sklearn
from sklearn.linear_model import LogisticRegression
from sklearn.utils.fixes import parse_version

from livermore.ml.dataset import Dataset
from livermore.research import train_model


def made(n: int) -> Dataset:
    random, time = np.random.default_rng(3), 900 * np.arange(n)
    X = random.standard_normal((n, 18))
    return Dataset(
        X=X,
        feature_names=tuple(f"f{k:02d}" for k in range(18)),
        labels=tuple((0.3 * X[:, 0] + random.standard_normal(n) > 0).tolist()),
        label_name="up",
        time=time,
        label_time=time + 7200,
    )


@pytest.mark.skipif(
    parse_version(sklearn.__version__) < parse_version("1.8"),
    reason="older releases keep the arrays of a fit in cycles, until they are collected",
)
def test_the_peak_is_a_small_multiple_of_the_features(monkeypatch: pytest.MonkeyPatch) -> None:
    # What is held at once whatever the number of samples, made small beside these.
    monkeypatch.setattr("livermore.ml.sizes.WEIGHTS_AT_ONCE", 20_000)
    monkeypatch.setattr("livermore.ml.sizes.RANKED", 5_000)
    monkeypatch.setattr("livermore.ml.sizes.SCALED_AT_ONCE", 4_096)
    options = {"importance": False, "verbose": False, "n_jobs": 1, "user_ledger": False}
    train_model(made(500), LogisticRegression(), **options)  # imports what is imported late
    data = made(40_000)
    tracemalloc.start()
    try:
        result = train_model(data, LogisticRegression(max_iter=10), **options)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert result["verdict"]["predicts"] == "yes"
    # Beside the data itself; with a scaled copy of both parts and copies of folds it was above five.
    assert peak / data.X.nbytes < 3.0
