"""Our tasks pass the suite that users run on theirs."""

from collections.abc import Sequence

import numpy as np
import pytest

from livermore.ml.tasks import Task, task_named
from livermore.testing import TaskSuite
from livermore.typing import Floats


class TestBinary(TaskSuite):
    @pytest.fixture
    def task(self) -> Task:
        return task_named("binary")

    def labels(self, score: Floats) -> Sequence[bool]:
        return [bool(value > 0) for value in score]


class TestMulticlass(TaskSuite):
    @pytest.fixture
    def task(self) -> Task:
        return task_named("multiclass")

    def labels(self, score: Floats) -> Sequence[int]:
        return [int(value) for value in np.digitize(score, [-0.5, 0.5]) - 1]


class TestRegression(TaskSuite):
    @pytest.fixture
    def task(self) -> Task:
        return task_named("regression")

    def labels(self, score: Floats) -> Sequence[float]:
        return [float(value) for value in score]
