"""Large arrays reach workers once, whatever the number of fits; threads and processes never exceed the cores."""

import functools
import os
import subprocess
import sys
import textwrap
import threading
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pytest
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from livermore.ml.parallel import executor_for, runs_beside_others, threads_inside
from livermore.ml.parallel._executor import FitExecutor, JoblibExecutor, WorkerExecutor
from livermore.ml.parallel._sharing import SharedArrays, mapped
from livermore.ml.tasks import fit

try:
    from cloudpickle import register_pickle_by_value
except ImportError:  # joblib brought its own before 1.6
    from joblib.externals.cloudpickle import register_pickle_by_value

register_pickle_by_value(sys.modules[__name__])

FOREST = RandomForestClassifier(n_estimators=3, random_state=0)
LARGE = np.arange(400_000.0).reshape(-1, 4)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("JOBLIB_TEMP_FOLDER", str(tmp_path))
    return tmp_path


def look(X: Any, folder: Path, k: int) -> tuple[float, bool, int, bool]:
    """Say what arrived, and where; in another process change it, and leave a file."""
    found = float(X[k, 0]), bool(X.flags.writeable), os.getpid(), type(X) is np.ndarray
    if os.getpid() != HERE:
        X[k] = -1.0
        Path(folder, "looked").touch()
    return found


def wait_for(path: Path) -> None:
    """Wait until a file is there."""
    for _ in range(1200):
        if path.exists():
            return
        threading.Event().wait(0.05)
    raise AssertionError(f"{path.name} was not written")


HERE = os.getpid()


def test_an_array_is_written_once_for_all_calls_and_deleted_at_the_end(folder: Path) -> None:
    X = LARGE.copy()
    with executor_for(FOREST, 2) as executor:
        calls = [executor.submit(functools.partial(look, X, folder), k) for k in range(40)]
        executor.run(wait_for, folder / "looked")
        found = [call.result() for call in calls]
        files = list(folder.rglob("*.npy"))
    assert [value for value, *_ in found] == [4.0 * k for k in range(40)]
    assert {pid for _, _, pid, _ in found} - {HERE}
    assert all(writeable and plain for _, writeable, _, plain in found)
    assert len(files) == 1
    assert [path.name for path in folder.iterdir()] == ["looked"]
    # What a worker changes is changed there alone.
    assert np.array_equal(X, LARGE)


def test_arrays_of_the_same_memory_are_one_file_and_others_are_not() -> None:
    shared = SharedArrays()
    paths = [shared.reduce(array)[1][0] for array in (LARGE, LARGE[:], LARGE[:90_000], LARGE.T, LARGE.copy())]
    assert paths[0] == paths[1]
    assert len(set(paths)) == 4
    assert np.array_equal(mapped(paths[3]), LARGE.T)
    shared.close()
    assert not Path(paths[0]).exists()


def test_a_new_array_never_takes_the_place_of_one_that_is_gone() -> None:
    shared = SharedArrays()
    for k in range(20):
        assert mapped(shared.reduce(np.full(200_000, float(k)))[1][0])[0] == k
    shared.close()


@pytest.mark.parametrize(
    "array", [np.arange(10.0), np.array([None] * 200_000), np.empty((0, 4))], ids=["few", "objects", "none"]
)
def test_small_arrays_and_objects_are_sent(array: Any, folder: Path) -> None:
    SharedArrays().reduce(array)
    assert not list(folder.iterdir())


def test_where_nothing_can_be_written_calls_run_here(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    monkeypatch.setenv("JOBLIB_TEMP_FOLDER", os.devnull)
    with executor_for(FOREST, 2) as executor:
        calls = [executor.submit(functools.partial(look, LARGE, folder), k) for k in range(4)]
        assert [call.result()[0] for call in calls] == [0.0, 4.0, 8.0, 12.0]


@pytest.mark.skipif(sys.platform == "win32", reason="kills a process")
def test_a_killed_process_leaves_no_file(folder: Path) -> None:
    script = """
        import os, signal, numpy as np
        from livermore.ml.parallel._sharing import SharedArrays
        print(SharedArrays().reduce(np.zeros(1_000_000))[1][0], flush=True)
        os.kill(os.getpid(), signal.SIGKILL)
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(script)], capture_output=True, text=True, check=False)
    path = Path(done.stdout.strip())
    assert path.suffix == ".npy"
    for _ in range(400):
        if not path.parent.exists():
            break
        threading.Event().wait(0.05)
    assert not path.parent.exists()


# ------------------------------------------------------------------------------------------------- numbers of threads


def chosen(estimator: Any, cores: int, n_jobs: int | None, monkeypatch: pytest.MonkeyPatch) -> int:
    """Return how many fits run at once on so many cores."""
    monkeypatch.setattr(
        "livermore.ml.parallel._backend.effective_n_jobs", lambda n: cores + 1 + n if n < 0 else min(n, cores)
    )
    with executor_for(estimator, n_jobs) as executor:
        return executor.n_workers if isinstance(executor, WorkerExecutor) else 1


@pytest.mark.parametrize("cores", [1, 2, 64])
@pytest.mark.parametrize("estimator", [DummyClassifier(), SVC(), FOREST, RandomForestClassifier(n_jobs=-1)], ids=repr)
def test_fits_take_all_cores_with_one_thread_each(estimator: Any, cores: int, monkeypatch: pytest.MonkeyPatch) -> None:
    assert chosen(estimator, cores, None, monkeypatch) == cores


@pytest.mark.parametrize(("cores", "workers"), [(1, 1), (2, 1), (64, 16)])
def test_an_estimator_with_threads_of_its_own_gets_fewer_workers(
    cores: int, workers: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    four = make_pipeline(StandardScaler(), RandomForestClassifier(n_jobs=4))
    assert chosen(four, cores, None, monkeypatch) == workers
    # Who says how many fits are to run at once has decided.
    assert chosen(four, cores, 2, monkeypatch) == min(2, cores)


def test_no_more_workers_are_started_than_there_are_calls(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[int] = []

    def refuse(max_workers: int, **_: object) -> None:
        started.append(max_workers)
        raise OSError("none for this test")

    monkeypatch.setattr("livermore.ml.parallel._executor.ProcessPoolExecutor", refuse)
    monkeypatch.setattr("livermore.ml.parallel._backend.effective_n_jobs", lambda n: 64)
    with executor_for(FOREST, None, seconds_per_call=100.0) as executor:
        calls = [executor.submit(threading.Event().wait, 0.02) for _ in range(3)]
        for call in calls:
            call.result()
    assert started
    assert max(started) <= 3


class Watched(RandomForestClassifier):
    """Says with how many threads it was fitted."""

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Any:
        """Write down the number."""
        self.jobs_ = self.n_jobs
        return super().fit(X, y, sample_weight)


def fitted_with(estimator: Any) -> Any:
    X, y = np.arange(20.0).reshape(10, 2), np.arange(10) % 2
    return fit(estimator, X, y, None)


@pytest.mark.parametrize(("n_jobs", "used"), [(-1, 1), (-2, 1), (3, 3), (None, None)])
def test_all_cores_are_one_thread_beside_other_fits(n_jobs: Any, used: Any) -> None:
    alone = fitted_with(Watched(3, n_jobs=n_jobs))
    assert alone.jobs_ == n_jobs
    with executor_for(SVC(), 2) as executor:
        calls = [executor.submit(fitted_with, Watched(3, n_jobs=n_jobs)) for _ in range(8)]
        models = [call.result() for call in calls]
    # The last ones may have been alone.
    assert {model.jobs_ for model in models[:4]} == {used}
    assert {model.n_jobs for model in models} == {n_jobs}


def test_a_search_beside_other_fits_starts_no_processes() -> None:
    search = GridSearchCV(Watched(3, n_jobs=-1), {"max_depth": [1, 2]}, cv=2, n_jobs=-1)
    with executor_for(SVC(), 2) as executor:
        calls = [executor.submit(fitted_with, search) for _ in range(8)]
        models = [call.result() for call in calls]
    assert {model.best_estimator_.jobs_ for model in models[:4]} == {1}


def test_a_call_knows_whether_it_runs_beside_others() -> None:
    assert not runs_beside_others()
    with FitExecutor() as executor:
        calls = [executor.submit(runs_beside_others) for _ in range(3)]
        assert [call.result() for call in calls] == [False, False, False]
    with executor_for(SVC(), 2) as executor:
        first = executor.submit(threads_inside, None)
        assert first.result() in (-1, 1)  # a worker may have had it
        calls = [executor.submit(threads_inside, 8) for _ in range(20)]
        assert [call.result() for call in calls][:10] == [1] * 10
    with joblib.parallel_config(backend="threading", n_jobs=2), executor_for(FOREST) as executor:
        assert isinstance(executor, JoblibExecutor)
        calls = [executor.submit(threads_inside, 8) for _ in range(3)]
        assert [call.result() for call in calls] == [1, 1, 1]
    assert not runs_beside_others()
