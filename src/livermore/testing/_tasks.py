"""Checks for tasks, ours and yours: what `train_model` relies on."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from sklearn.linear_model import LinearRegression, LogisticRegression

from livermore.ml.tasks import Task
from livermore.typing import Floats

__all__ = ["TaskSuite"]

N_SAMPLES = 300


class TaskSuite:
    """Tests that every task should pass; inherit them and say which task, and what its labels are.

    Examples
    --------
    >>> from livermore.ml.tasks import task_named
    >>> class TestBinary(TaskSuite):
    ...     @pytest.fixture
    ...     def task(self):
    ...         return task_named("binary")
    ...
    ...     def labels(self, score):
    ...         return (score > 0).tolist()
    """

    @pytest.fixture
    def task(self) -> Task:
        """Return the task under test; a suite must say which it is."""
        raise NotImplementedError("a TaskSuite needs a fixture `task` that returns the task")

    def labels(self, score: Floats) -> Sequence[bool | int | float]:
        """Make labels that depend on a score of shape (n,); a suite must say how."""
        raise NotImplementedError("a TaskSuite needs labels(score) -> list of labels")

    def estimator(self, task: Task) -> Any:
        """Return an estimator that suits the task."""
        return LogisticRegression() if task.is_classifier else LinearRegression()

    def test_encodes_each_label(self, task: Task) -> None:
        """The target is a number for each sample, and the labels are left as they were."""
        _, labels = self._samples()
        before = list(labels)
        y = task.encode(labels)
        assert y.shape == (len(labels),)
        assert y.dtype.kind in "biuf"
        assert list(labels) == before

    def test_classes_are_those_of_the_target(self, task: Task) -> None:
        """Classes are sorted; a task that is no classification has none."""
        y = task.encode(self._samples()[1])
        classes = task.classes(y)
        assert classes == (sorted(set(y.astype(int).tolist())) if task.is_classifier else None)

    def test_metrics_are_repeatable_and_finite(self, task: Task) -> None:
        """The same predictions give the same metrics, and all single figures are finite."""
        y, prediction = self._predicted(task)
        first = task.metrics(y, prediction)
        assert repr(first) == repr(task.metrics(y, prediction))
        assert all(np.isfinite(value) for value in first.values() if isinstance(value, float))

    def test_unit_weights_change_no_metric(self, task: Task) -> None:
        """Weights of one give the metrics without weights."""
        y, prediction = self._predicted(task)
        plain, weighted = task.metrics(y, prediction), task.metrics(y, prediction, np.ones(len(y)))
        assert weighted.keys() == plain.keys()
        for name, value in plain.items():
            if isinstance(value, float):
                assert weighted[name] == pytest.approx(value, rel=1e-9, abs=1e-12), name

    def test_metrics_with_an_interval_are_the_metrics(self, task: Task) -> None:
        """A bootstrap's metrics are those of the report where nothing is drawn."""
        y, prediction = self._predicted(task)
        metrics = task.metrics(y, prediction)
        for name, batch in task.batch_metrics.items():
            values = batch(y, prediction, np.ones((2, len(y))))
            assert values.shape == (2,)
            assert values[0] == values[1]
            if name in metrics:
                assert values[0] == pytest.approx(metrics[name], rel=1e-9, abs=1e-9), name

    def test_thresholds_are_there_if_the_task_says_so(self, task: Task) -> None:
        """Tasks with thresholds have a table of them, others None."""
        y, prediction = self._predicted(task)
        assert (task.thresholds(y, prediction) is not None) == task.has_thresholds

    def _samples(self) -> tuple[Floats, Sequence[bool | int | float]]:
        """Return features of shape (n, 2), the first of which says something, and labels."""
        random = np.random.default_rng(0)
        X = random.standard_normal((N_SAMPLES, 2))
        return X, self.labels(X[:, 0] + random.standard_normal(N_SAMPLES))

    def _predicted(self, task: Task) -> tuple[Any, Any]:
        """Return the target of the second half, and the predictions for it of a model of the first half."""
        X, labels = self._samples()
        y = task.encode(labels)
        half = len(y) // 2
        model = self.estimator(task)
        task.check_estimator(model)
        task.check_target(y[:half])
        model.fit(X[:half], y[:half])
        return y[half:], task.predict(model, X[half:])
