"""Executors of threads and processes: the same results in the same order, errors that arrive, no process left."""

import functools
import os
import re
import subprocess
import sys
import textwrap
import threading
import time
import warnings
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pytest
import sklearn
import threadpoolctl
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import GradientBoostingClassifier, RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from sklearn.svm import SVC, SVR, LinearSVC

from livermore.errors import ConfigError, EstimatorError
from livermore.ml.importance import feature_impact
from livermore.ml.parallel import FitExecutor, FitFuture, _executor, executor_for, releases_the_lock
from livermore.ml.parallel._executor import ProcessExecutor
from livermore.ml.parallel._shared_arguments import SharedArgument
from livermore.ml.tasks import TASKS
from livermore.ml.tasks import fit as task_fit

try:
    from cloudpickle import register_pickle_by_value
except ImportError:  # joblib brought its own before 1.6
    from joblib.externals.cloudpickle import register_pickle_by_value


class OwnSVC(SVC):
    """What it does in `fit` is for its maker to say."""


SVM = CalibratedClassifierCV(SVC(random_state=0), cv=3, ensemble=False)
FOREST = RandomForestClassifier(n_estimators=12, max_depth=4, random_state=0)
BOOSTING = CalibratedClassifierCV(GradientBoostingClassifier(n_estimators=10, random_state=0), cv=3)


def impact(estimator: Any, n_jobs: int) -> list[dict[str, Any]]:
    rng = np.random.default_rng(8)
    X = rng.standard_normal((240, 4))
    y = (X[:, 0] - X[:, 3] + rng.standard_normal(240) > 0).astype(int)
    train, test = (X[:180], y[:180], None), (X[180:], y[180:], None)
    baseline = np.ones(60)
    return feature_impact(
        TASKS["binary"], estimator, list("abcd"), train=train, test=test, baseline=baseline, n_jobs=n_jobs
    )


@pytest.mark.parametrize("estimator", [SVM, make_pipeline(StandardScaler(), SVM), FOREST, BOOSTING], ids=repr)
def test_threads_processes_and_one_core_agree(estimator: Any) -> None:
    assert impact(estimator, 3) == impact(estimator, 1)


def test_support_vector_machines_agree_in_processes_too(monkeypatch: pytest.MonkeyPatch) -> None:
    alone = impact(SVM, 1)
    monkeypatch.setattr("livermore.ml.parallel._backend.releases_the_lock", lambda estimator: False)
    assert impact(SVM, 2) == alone


@pytest.mark.parametrize(
    "estimator",
    [
        SVC(),
        SVR(kernel="poly"),
        SVM,
        make_pipeline(SimpleImputer(), StandardScaler(), SVC()),
        SVC(probability=False),
    ],
    ids=lambda estimator: re.sub(r" at 0x\w+", "", repr(estimator)),
)
def test_threads_for_support_vector_machines(estimator: Any) -> None:
    assert releases_the_lock(estimator)


@pytest.mark.parametrize(
    "estimator",
    [
        FOREST,
        BOOSTING,
        LogisticRegression(),
        LinearSVC(),
        OwnSVC(),
        SVC(probability=True),
        SVC(kernel=np.dot),
        make_pipeline(FunctionTransformer(np.abs), SVC()),
    ],
    ids=lambda estimator: re.sub(r" at 0x\w+", "", repr(estimator)),
)
def test_processes_for_all_others(estimator: Any) -> None:
    assert not releases_the_lock(estimator)


# Calls are sent with their functions, since no module of tests can be imported elsewhere; so they know this process.
HERE = os.getpid()
register_pickle_by_value(sys.modules[__name__])


def where(k: int) -> tuple[int, int, int]:
    """Say which call this was, and in which process and thread it ran."""
    threading.Event().wait(0.05)
    return k, os.getpid(), threading.get_ident()


def submit(executor: FitExecutor, function: Any, calls: list[Any]) -> list[FitFuture[Any]]:
    return [executor.submit(function, *arguments) for arguments in calls]


def results(futures: list[FitFuture[Any]]) -> list[Any]:
    return [future.result() for future in futures]


def shared(function: Any, calls: list[Any], estimator: Any, n_jobs: int | None, pace: float = 0.0) -> list[Any]:
    with executor_for(estimator, n_jobs, seconds_per_call=pace) as executor:
        return results(submit(executor, function, calls))


def test_results_keep_their_order_wherever_they_were_computed() -> None:
    for estimator in (SVC(), FOREST):
        found = shared(where, [(k,) for k in range(60)], estimator, n_jobs=2)
        assert [k for k, _, _ in found] == list(range(60))
    assert os.getpid() in (found[0][1], found[1][1])  # it does not wait for the other to start
    assert len({pid for _, pid, _ in found}) == 2


def test_support_vector_machines_stay_in_this_process() -> None:
    found = shared(where, [(k,) for k in range(8)], SVC(), n_jobs=2)
    assert {pid for _, pid, _ in found} == {os.getpid()}
    assert len({thread for _, _, thread in found}) == 2


def test_long_fits_of_support_vector_machines_are_shared() -> None:
    found = shared(where, [(k,) for k in range(12)], SVC(), n_jobs=None)
    assert len({thread for _, _, thread in found}) > 1


@pytest.mark.parametrize("estimator", [SVC(), FOREST], ids=repr)
def test_short_work_stays_in_the_calling_thread(estimator: Any) -> None:
    threads = threading.active_count()
    with executor_for(estimator, None) as executor:
        found = results(submit(executor, lambda: (os.getpid(), threading.get_ident()), [()] * 5))
        assert threading.active_count() <= threads + 1  # the one that watches how long it takes
    assert set(found) == {(os.getpid(), threading.get_ident())}
    assert threading.active_count() <= threads


def fit_or_fail(k: int) -> int:
    if k == 5:
        raise EstimatorError("the sixth fit failed")
    return where(k)[0]


@pytest.mark.parametrize("estimator", [SVC(), FOREST], ids=repr)
def test_a_failed_fit_is_reported_and_ends_the_others(estimator: Any) -> None:
    with pytest.raises(EstimatorError, match="the sixth fit failed"):
        shared(fit_or_fail, [(k,) for k in range(40)], estimator, n_jobs=2)


def test_a_backend_that_the_user_has_chosen_is_used() -> None:
    with joblib.parallel_config(backend="threading", n_jobs=2):
        found = shared(where, [(k,) for k in range(4)], FOREST, None, pace=100.0)
    assert {pid for _, pid, _ in found} == {os.getpid()}
    assert len({thread for _, _, thread in found}) == 2


def test_a_backend_with_workers_is_used_without_n_jobs() -> None:
    with joblib.parallel_config(backend="threading"):
        found = shared(where, [(k,) for k in range(8)], FOREST, None)
    assert len({thread for _, _, thread in found}) == min(8, joblib.cpu_count())


def test_the_number_of_jobs_that_joblib_is_configured_with_is_the_default() -> None:
    with joblib.parallel_config(n_jobs=1), executor_for(FOREST, None, seconds_per_call=100.0) as executor:
        assert type(executor) is FitExecutor
    with joblib.parallel_config(n_jobs=1), executor_for(FOREST, 2) as executor:
        assert type(executor) is ProcessExecutor


def test_an_error_reaches_its_own_future_in_a_backend_of_the_user() -> None:
    with joblib.parallel_config(backend="threading", n_jobs=2), executor_for(FOREST) as executor:
        sound, failing = executor.submit(fit_or_fail, 4), executor.submit(fit_or_fail, 5)
        assert sound.result() == 4
        with pytest.raises(EstimatorError, match="the sixth fit failed"):
            failing.result()


def threads() -> dict[str, int]:
    return {pool["user_api"]: pool["num_threads"] for pool in threadpoolctl.threadpool_info()}


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_blas_and_openmp_compute_with_one_thread_while_fits_run(n_jobs: int) -> None:
    before = threads()
    with executor_for(FOREST, n_jobs) as executor:
        assert set(executor.run(threads).values()) == {1}
        assert {count for found in executor.map(lambda _: threads(), range(4)) for count in found.values()} == {1}
    assert threads() == before


def test_the_filters_of_warnings_are_those_of_before() -> None:
    before = list(warnings.filters)

    def change(k: int) -> None:
        # As a library does that saves and restores the filters in several threads at once.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            time.sleep(0.001 * (k % 5))

    for _ in range(3):
        shared(change, [(k,) for k in range(40)], SVC(), n_jobs=4)
        assert warnings.filters == before


def test_boosting_libraries_get_one_thread_unless_the_user_has_chosen() -> None:
    lightgbm = pytest.importorskip("lightgbm")
    seen: list[Any] = []

    class Watched(lightgbm.LGBMClassifier):  # type: ignore[misc]
        __module__ = "lightgbm.sklearn"

        def fit(self, X: Any, y: Any) -> Any:
            seen.append(self.n_jobs)
            return self

    X, y = np.zeros((4, 1)), np.array([0, 1, 0, 1])
    assert task_fit(Watched(), X, y, None).n_jobs is None
    assert task_fit(Watched(n_jobs=3), X, y, None).n_jobs == 3
    assert task_fit(make_pipeline(StandardScaler(), Watched()), X, y, None)[-1].n_jobs is None
    assert seen == [1, 3, 1]


def test_without_processes_all_calls_run_here(monkeypatch: pytest.MonkeyPatch) -> None:
    def none_left(**_: object) -> None:
        raise OSError("no semaphores")

    monkeypatch.setattr("livermore.ml.parallel._executor.ProcessPoolExecutor", none_left)
    found = shared(where, [(k,) for k in range(4)], FOREST, n_jobs=2)
    assert {pid for _, pid, _ in found} == {os.getpid()}


def elsewhere(path: str) -> int:
    """Write down in which other process this runs."""
    if os.getpid() != HERE:
        Path(path, str(os.getpid())).touch()
    threading.Event().wait(0.05)
    return os.getpid()


def helpers_at(folder: Path, at_least: int = 1) -> set[int]:
    """Wait until other processes have written down that they are at work."""
    end = time.monotonic() + 20
    while len(found := {int(path.name) for path in folder.iterdir()}) < at_least:
        assert time.monotonic() < end, "no other process has started"
        time.sleep(0.01)
    return found


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def slow(path: str) -> None:
    """Work that would take long, wherever it runs."""
    elsewhere(path)
    if os.getpid() != HERE:
        time.sleep(600)


def test_processes_begin_while_this_one_is_still_fitting(tmp_path: Path) -> None:
    with executor_for(FOREST, None) as executor:
        batch = submit(executor, elsewhere, [(str(tmp_path),)] * 100)
        assert os.getpid() not in executor.run(helpers_at, tmp_path)
        found, helpers = set(results(batch)), helpers_at(tmp_path)
        assert found <= helpers | {os.getpid()}
    assert not any(map(is_running, helpers))


def test_processes_are_started_only_if_the_work_is_long(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[int] = []
    monkeypatch.setattr("livermore.ml.parallel._executor.ProcessPoolExecutor", lambda **_: started.append(1))
    with executor_for(FOREST, None) as executor:
        batch = submit(executor, where, [(k,) for k in range(4)])
        executor.run(time.sleep, 0.05)  # five times this is soon done
        results(batch)
    assert not started


@pytest.mark.parametrize("error", [EstimatorError, KeyboardInterrupt])
def test_processes_end_when_the_fit_fails_here(tmp_path: Path, error: type[BaseException]) -> None:
    def fit() -> None:
        helpers_at(tmp_path)
        raise error

    def train() -> None:
        with executor_for(FOREST, 2) as executor:
            submit(executor, slow, [(str(tmp_path),)] * 4)
            executor.run(fit)

    with pytest.raises(error):
        train()
    assert not any(map(is_running, helpers_at(tmp_path)))


def test_what_a_process_has_started_ends_with_it(tmp_path: Path) -> None:
    with executor_for(FOREST, 2) as executor:
        submit(executor, with_a_child, [(str(tmp_path),)])
        pids = helpers_at(tmp_path, at_least=2)
    end = time.monotonic() + 10
    while any(map(_is_alive, pids)):
        assert time.monotonic() < end
        time.sleep(0.01)


def with_a_child(path: str) -> None:
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    Path(path, str(child.pid)).touch()
    slow(path)


def _is_alive(pid: int) -> bool:
    """Tell whether a process runs, and not only waits to be buried."""
    status = Path(f"/proc/{pid}/stat")
    return is_running(pid) and not (status.exists() and status.read_text().split(") ")[1].startswith("Z"))


def fail_elsewhere(path: str) -> None:
    elsewhere(path)
    if os.getpid() != HERE:
        raise EstimatorError("it failed in the other process")
    time.sleep(0.05)


def test_an_error_of_another_process_arrives_and_says_where_it_was_raised(tmp_path: Path) -> None:
    with pytest.raises(EstimatorError, match="it failed in the other process") as caught:
        shared(fail_elsewhere, [(str(tmp_path),)] * 1000, FOREST, n_jobs=2)
    assert "in fail_elsewhere" in "".join(caught.value.__notes__)


def end_elsewhere(path: str) -> int:
    elsewhere(path)
    if os.getpid() != HERE:
        os._exit(9)
    return 7


def test_calls_of_a_process_that_dies_run_here(tmp_path: Path) -> None:
    with executor_for(FOREST, 2) as executor:
        batch = submit(executor, end_elsewhere, [(str(tmp_path),)] * 20)
        helpers_at(tmp_path)
        assert results(batch) == [7] * 20


class UnpicklableError(Exception):
    def __reduce__(self) -> Any:
        raise TypeError("not to be sent")


def raise_or_return(answer: Any, path: str) -> Any:
    elsewhere(path)
    if isinstance(answer, Exception) and os.getpid() != HERE:
        raise UnpicklableError
    return threading.Lock() if answer == "lock" and os.getpid() != HERE else answer


@pytest.mark.parametrize("answer", ["lock", ValueError("answer")], ids=repr)
def test_what_cannot_be_pickled_runs_here(answer: Any, tmp_path: Path) -> None:
    with executor_for(FOREST, 2) as executor:
        batch = submit(executor, raise_or_return, [(answer, str(tmp_path))] * 3)
        helpers_at(tmp_path)
        assert results(batch) == [answer] * 3


def test_a_function_that_cannot_be_pickled_runs_here() -> None:
    lock = threading.Lock()
    function = functools.partial(lambda lock, k: (lock.locked(), k), lock)
    assert shared(function, [(k,) for k in range(3)], FOREST, n_jobs=2) == [(False, 0), (False, 1), (False, 2)]


def surroundings(path: str) -> tuple[int, bool, int]:
    elsewhere(path)
    return os.getpid(), sklearn.get_config()["assume_finite"], len(warnings.filters)


def test_processes_are_configured_as_this_one(tmp_path: Path) -> None:
    with sklearn.config_context(assume_finite=True), warnings.catch_warnings(), executor_for(FOREST, 2) as executor:
        warnings.filterwarnings("ignore", message="of this test alone")
        batch = submit(executor, surroundings, [(str(tmp_path),)] * 3)
        helpers_at(tmp_path)
        found = results(batch)
        assert len({pid for pid, _, _ in found}) == 2
        assert {(finite, n) for _, finite, n in found} == {(True, len(warnings.filters))}


def test_results_of_later_calls_can_be_waited_for_first(tmp_path: Path) -> None:
    with executor_for(FOREST, 2) as executor:
        later = submit(executor, where, [(k,) for k in range(20)])
        sooner = submit(executor, where, [(k,) for k in range(20, 60)])
        assert [k for k, _, _ in results(sooner)] == list(range(20, 60))
        assert [k for k, _, _ in results(later)] == list(range(20))


def test_an_error_is_raised_where_its_own_results_are_asked_for() -> None:
    with executor_for(FOREST, 2) as executor:
        failing = submit(executor, fit_or_fail, [(5,)])
        sound = submit(executor, where, [(k,) for k in range(30)])
        assert len(results(sound)) == 30
        with pytest.raises(EstimatorError, match="the sixth fit failed"):
            results(failing)


SCRIPT = """
    import os, sys, time
    from sklearn.ensemble import RandomForestClassifier
    from livermore.ml.parallel import executor_for

    class Own(RandomForestClassifier):
        pass

    def call(estimator, k):
        time.sleep(0.05)
        print("printed by a fit")
        sys.stdin.read()
        return os.getpid(), type(estimator).__name__, estimator

    if "__file__" in globals() and not os.path.exists(sys.argv[1]):
        open(sys.argv[1], "w").close()
        with executor_for(Own(), 2) as executor:
            found = list(executor.map(call, [Own()] * 60, range(60)))
        assert len({pid for pid, _, _ in found}) == 2
        assert {type(estimator) for _, _, estimator in found} == {Own}
        print("done")
    else:
        print("the script was run again")
"""


def test_classes_of_a_script_go_there_and_back(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(textwrap.dedent(SCRIPT))
    run = subprocess.run(
        [sys.executable, str(script), str(tmp_path / "was here")],
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=120,
    )
    assert run.stdout.endswith("done\n"), run.stderr
    assert "again" not in run.stdout + run.stderr
    assert "printed by a fit" in run.stdout


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_progress_counts_every_call_once(n_jobs: int) -> None:
    seen: list[tuple[int, int]] = []
    with executor_for(SVC(), n_jobs) as executor:
        executor.report_to(lambda done, submitted: seen.append((done, submitted)))
        futures = [executor.submit(abs, -i) for i in range(7)]
        assert [future.result() for future in futures] == list(range(7))
    assert [done for done, _ in seen] == list(range(1, 8))
    assert all(done <= submitted <= 7 for done, submitted in seen)


def test_a_backend_gets_data_that_calls_share_as_one_object_of_its_size(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[tuple[Any, ...]] = []

    def kept(fn: Any, *args: Any) -> Any:
        sent.append(args)
        return run_there(fn, *args)

    run_there = _executor._attempt_with_one_thread
    monkeypatch.setattr(_executor, "_attempt_with_one_thread", kept)
    X = np.random.default_rng(0).normal(size=(2_000, 4))
    train, test = (X, X[:, 0] > 0, None), (X, X[:, 0] > 0, None)
    options: dict[str, Any] = {"train": train, "test": test, "baseline": np.ones(2_000)}

    def found(**more: Any) -> Any:
        return feature_impact(TASKS["binary"], LogisticRegression(), list("abcd"), **options, **more)

    with joblib.parallel_config(backend="threading", n_jobs=2):
        there = found()
    assert there == found(n_jobs=1)
    large = [[part for part in of if isinstance(part, SharedArgument)] for of in sent]
    assert len(large) == 4
    assert len({id(part) for of in large for part in of}) == len(large[0]) == 2
    assert all(sys.getsizeof(part) >= X.nbytes for part in large[0])


@pytest.mark.parametrize("n_jobs", [0, "2", "all", 2.5, float("nan"), [2]])
def test_a_number_of_workers_that_is_none_is_refused(n_jobs: Any) -> None:
    with pytest.raises(ConfigError, match="n_jobs must be a number of workers"), executor_for(SVC(), n_jobs):
        pass


def test_no_workers_in_the_configuration_of_joblib_are_refused() -> None:
    with (
        joblib.parallel_config(n_jobs=0),
        pytest.raises(ConfigError, match="n_jobs must be a number of workers"),
        executor_for(SVC()),
    ):
        pass


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs processes that are adopted when their parent is killed")
def test_a_worker_whose_parent_was_killed_in_the_middle_of_a_message_ends() -> None:
    """It waited for the rest of the message for ever, and the shared arrays stayed in memory."""
    code = """
        import os, signal, subprocess, sys
        child = "import os, sys, time; from livermore.ml.parallel._executor import end_with_parent;"
        child += "end_with_parent(os.getppid()); print(os.getpid(), flush=True); time.sleep(600)"
        worker = subprocess.Popen([sys.executable, "-c", child], stdout=subprocess.PIPE)
        print(int(worker.stdout.readline()), flush=True)
        os.kill(os.getpid(), signal.SIGKILL)
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(code)], stdout=subprocess.PIPE, check=False)
    worker = int(done.stdout)
    end = time.monotonic() + 60
    while is_running(worker) and time.monotonic() < end:
        time.sleep(0.05)
    assert not is_running(worker)
