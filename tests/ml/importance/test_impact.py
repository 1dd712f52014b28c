"""What refitting without each feature finds."""

from typing import Any

import numpy as np
import pytest
from sklearn.linear_model import LinearRegression, LogisticRegression

from livermore.ml.importance import Refits, feature_impact
from livermore.ml.tasks import TASKS


def sides(task: str) -> tuple[Any, Any]:
    rng = np.random.default_rng(3)
    X = rng.standard_normal((400, 3))
    signal = 2 * X[:, 1] + rng.standard_normal(400)
    y = signal if task == "regression" else (signal > 0).astype(int)
    return (X[:300], y[:300], None), (X[300:], y[300:], None)


def impact(task: str, estimator: Any, **options: Any) -> list[dict[str, Any]]:
    train, test = sides(task)
    chosen = TASKS[task]
    model = estimator.fit(train[0], train[1])
    baseline = chosen.headline.per_sample(test[1], model.predict(test[0]))
    return feature_impact(chosen, estimator, ["a", "b", "c"], train=train, test=test, baseline=baseline, **options)


def test_accuracy_falls_without_the_feature_that_matters() -> None:
    rows = impact("binary", LogisticRegression())
    assert rows[0]["feature"] == "b"
    assert rows[0]["delta"] < -3 * rows[0]["standard_error"] < 0
    assert [row["delta"] for row in rows] == sorted(row["delta"] for row in rows)


def test_error_grows_without_the_feature_that_matters() -> None:
    rows = impact("regression", LinearRegression())
    assert rows[-1]["feature"] == "b"
    assert rows[-1]["delta"] > 5 * rows[-1]["standard_error"] > 0
    (_, y, _) = sides("regression")[1]
    assert rows[-1]["metric"] == pytest.approx(np.abs(y - y.mean()).mean(), rel=0.1)


def test_round_off_is_no_impact() -> None:
    """Two sums of the same numbers in another order: the difference was printed as -7e-18."""
    scores = np.random.default_rng(0).random(999)
    refits = Refits(["a", "b"], [Done(scores[::-1]), Done(scores + 1e-9)])
    unchanged, changed = refits.impact(scores)
    assert (unchanged["delta"], unchanged["feature"]) == (0.0, "a")
    assert changed["delta"] == pytest.approx(1e-9, rel=1e-3)


class Done:
    """A refit whose scores are known."""

    def __init__(self, scores: Any) -> None:
        self.scores = scores

    def result(self) -> Any:
        return self.scores


def test_the_number_of_processes_changes_nothing() -> None:
    assert impact("binary", LogisticRegression(), n_jobs=2) == impact("binary", LogisticRegression())


def test_a_single_feature_cannot_be_left_out() -> None:
    train, test = sides("binary")
    one = tuple((X[:, :1], y, w) for X, y, w in (train, test))
    rows = feature_impact(
        TASKS["binary"], LogisticRegression(), ["a"], train=one[0], test=one[1], baseline=np.ones(len(test[1]))
    )
    assert rows == []
