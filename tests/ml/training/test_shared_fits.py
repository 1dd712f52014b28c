"""A training whose fits are shared with another process: the same result, and nothing of a training that fails."""

import gc
import os
import sys
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from joblib.externals.loky import ProcessPoolExecutor
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression

from livermore.errors import EstimatorError
from livermore.ml.dataset import Dataset
from livermore.ml.parallel import FitExecutor, executor_for
from livermore.ml.tasks import task_named
from livermore.ml.training import TrainingOptions, train

try:
    from cloudpickle import register_pickle_by_value
except ImportError:  # joblib brought its own before 1.6
    from joblib.externals.cloudpickle import register_pickle_by_value

# No module of tests can be imported by another process.
register_pickle_by_value(sys.modules[__name__])

FOREST = RandomForestClassifier(n_estimators=80, max_depth=3, random_state=0)


def data(n: int = 240) -> Dataset:
    rng = np.random.default_rng(4)
    rows = rng.standard_normal((n, 4))
    return Dataset.from_samples(
        [
            {
                "time": 900 * i,
                "features": dict(zip("abcd", row.tolist(), strict=True)),
                "label": {"name": "win", "value": bool(row[0] + rng.standard_normal() > 0)},
                "label_time": 900 * (i + 3),
            }
            for i, row in enumerate(rows)
        ]
    )


def plain(result: Any) -> str:
    """All that was found, without the model itself."""
    return repr(
        {key: value for key, value in result.items() if key not in ("model", "scaler")} | {"notes": result.notes}
    )


@pytest.mark.parametrize("options", [{}, {"assess": False}, {"calibrate": "sigmoid"}], ids=repr)
def test_the_result_does_not_depend_on_who_fits(options: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    helped: list[int] = []
    submit = ProcessPoolExecutor.submit
    monkeypatch.setattr(ProcessPoolExecutor, "submit", lambda *args: helped.append(1) or submit(*args))
    alone = train(data(), FOREST, task_named("binary"), TrainingOptions(n_jobs=1, **options))
    shared = train(data(), FOREST, task_named("binary"), TrainingOptions(n_jobs=2, **options))
    assert helped
    assert plain(shared) == plain(alone)


class Failing(LogisticRegression):
    """Fails on all features, once another process is at work on fewer of them."""

    def __init__(self, folder: str = "") -> None:
        super().__init__()
        self.folder = folder

    def fit(self, X: Any, y: Any) -> "Failing":
        if X.shape[1] < 4:
            Path(self.folder, str(os.getpid())).touch()
            time.sleep(600)
        end = time.monotonic() + 20
        while not list(Path(self.folder).iterdir()) and time.monotonic() < end:
            time.sleep(0.01)
        raise ValueError("the full model cannot be fitted")


def test_when_the_full_model_fails_its_refits_end_and_nothing_is_recorded(tmp_path: Path) -> None:
    marks, model = tmp_path / "marks", tmp_path / "model"
    marks.mkdir()
    options = TrainingOptions(n_jobs=2, assess=False, importance=False, save_to=model)
    with pytest.raises(EstimatorError, match="the full model cannot be fitted"):
        train(data(), Failing(str(marks)), task_named("binary"), options)
    (helper,) = [int(path.name) for path in marks.iterdir()]
    with pytest.raises(ProcessLookupError):
        os.kill(helper, 0)
    assert not model.exists() or not list(model.iterdir())


def test_a_running_executor_is_used_and_left_open() -> None:
    with executor_for(FOREST, 1) as executor, executor_for(LogisticRegression(), executor=executor) as same:
        assert type(executor) is FitExecutor
        assert same is executor


def test_trainings_leave_nothing_behind_in_memory() -> None:
    options = TrainingOptions(n_jobs=1, importance=False)

    def objects_after(n: int) -> int:
        for _ in range(n):
            train(data(), LogisticRegression(), task_named("binary"), options)
        gc.collect()
        return len(gc.get_objects())

    before, threads = objects_after(2), threading.active_count()
    assert objects_after(6) <= before + 50  # one training makes thousands
    assert threading.active_count() == threads
