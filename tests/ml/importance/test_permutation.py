"""Permutation importance: what is shuffled how does not depend on who shuffles."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from livermore.ml.evidence import TrainingSide, fitted_folds, per_sample_loss
from livermore.ml.importance import FeatureScore, forward_folds, permutation_importance
from livermore.ml.tasks import TASKS


def side() -> TrainingSide:
    rng = np.random.default_rng(5)
    X = rng.standard_normal((300, 3))
    y = (X[:, 1] + rng.standard_normal(300) > 0).astype(int)
    time = 900 * np.arange(300)
    return TrainingSide(X, y, time, time + 1800)


def test_folds_draw_one_after_the_other_from_one_generator() -> None:
    task, data = TASKS["binary"], side()
    random = np.random.default_rng(0)
    increases: list[list[float]] = [[], [], []]
    for fold in fitted_folds(task, LogisticRegression(), data, forward_folds(data)):
        X, y = data.X[fold.test], data.y[fold.test]
        known = per_sample_loss(y, fold.predict(task, X))
        for k in range(3):
            losses = []
            for _ in range(2):
                shuffled = X.copy()
                shuffled[:, k] = X[random.permutation(len(X)), k]
                losses.append(per_sample_loss(y, fold.predict(task, shuffled)))
            increases[k].extend(np.mean(losses, axis=0) - known)
    scores = permutation_importance(task, LogisticRegression(), data, ["a", "b", "c"], n_repeats=2, random_state=0)
    expected = {name: np.mean(values) for name, values in zip("abc", increases, strict=True)}
    assert {score.features[0]: score.importance for score in scores} == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("n_jobs", [2, -1])
def test_scores_do_not_depend_on_the_number_of_processes(n_jobs: int) -> None:
    def scores(n_jobs: int | None) -> list[FeatureScore]:
        return permutation_importance(
            TASKS["binary"], LogisticRegression(), side(), ["a", "b", "c"], groups=[[0, 1], [2]], n_jobs=n_jobs
        )

    assert scores(n_jobs) == scores(1)
