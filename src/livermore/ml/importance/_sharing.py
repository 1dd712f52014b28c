"""How refits are shared among cores: by threads or by processes, whichever the estimator gains more from."""

import warnings
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from joblib import effective_n_jobs
from joblib.externals.loky import ProcessPoolExecutor
from joblib.parallel import LokyBackend, get_active_backend
from sklearn.calibration import CalibratedClassifierCV
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import MinMaxScaler, RobustScaler, StandardScaler
from sklearn.svm import SVC, SVR, NuSVC, NuSVR
from sklearn.utils.parallel import Parallel, delayed

from livermore.ml.solvers import one_blas_thread

Result = TypeVar("Result")

# Below so many seconds of work, starting processes (a second or more: each imports scikit-learn) or threads takes
# longer than it saves.
WORTH_PROCESSES = 3.0
WORTH_THREADS = 0.1

MACHINES = (SVC, NuSVC, SVR, NuSVR)
PREPARATIONS = (StandardScaler, MinMaxScaler, RobustScaler, SimpleImputer)
# Their libraries read these as they are loaded.
ONE_THREAD_EACH = dict.fromkeys(("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "BLIS_NUM_THREADS"), "1")


def share(
    function: Callable[..., Result],
    calls: Sequence[tuple[Any, ...]],
    estimator: Any,
    seconds: float,
    n_jobs: int | None,
) -> list[Result]:
    """Call a function that fits an estimator with each tuple of arguments, on several cores if that is quicker.

    Parameters
    ----------
    function : callable
        Importable by name, for the sake of processes.
    calls : sequence of tuple
        Its arguments, call by call.
    estimator : estimator
        What is fitted: it decides between threads and processes.
    seconds : float
        How long all calls take one after the other, about.
    n_jobs : int or None
        As joblib takes it; None is all cores if `seconds` make that worth it, else one.

    Returns
    -------
    list
        What the calls returned, in their order, which does not depend on how they were shared: matrix products are
        kept to one thread on every way, and an estimator's own generator of random numbers is copied for each fit.
    """
    threads = releases_the_lock(estimator)
    if n_jobs is None:
        n_jobs = -1 if seconds > (WORTH_THREADS if threads else WORTH_PROCESSES) else 1
    n = min(effective_n_jobs(n_jobs), len(calls))
    with one_blas_thread():
        if n < 2:
            return [function(*call) for call in calls]
        if not isinstance(get_active_backend()[0], LokyBackend):
            # The user has chosen where work goes, such as to Dask's or Ray's machines.
            chosen: list[Result] = Parallel(n_jobs=n_jobs)(delayed(function)(*call) for call in calls)
            return chosen
        return _by_threads(function, calls, n) if threads else _by_processes(function, calls, n)


def releases_the_lock(estimator: Any) -> bool:
    """Return whether an estimator's fit is nearly all compiled code that lets other threads run Python meanwhile.

    That is so of libsvm's machines (1.7 times as fast in two threads), and calibration and pipelines around them.
    Trees, forests and boosting let go of the lock too, but so often and so shortly that two threads gain a half where
    two processes gain nearly all. Machines that estimate probabilities draw from one generator of random numbers that
    all threads of a process share, so these, kernels written in Python, and derived classes get processes.
    """
    if type(estimator) is CalibratedClassifierCV:
        return releases_the_lock(estimator.estimator)
    if type(estimator) is Pipeline:
        *before, (_, last) = estimator.steps
        return all(type(step) in PREPARATIONS for _, step in before) and releases_the_lock(last)
    return (
        type(estimator) in MACHINES
        and isinstance(estimator.kernel, str)
        and getattr(estimator, "probability", False) in (False, "deprecated")
    )


def _by_threads(function: Callable[..., Result], calls: Sequence[tuple[Any, ...]], n: int) -> list[Result]:
    """Share calls among threads."""
    # Threads that change the filters of warnings and put them back in another order would leave them changed.
    with warnings.catch_warnings():
        found: list[Result] = Parallel(n_jobs=n, prefer="threads")(delayed(function)(*call) for call in calls)
    return found


def _by_processes(function: Callable[..., Result], calls: Sequence[tuple[Any, ...]], n: int) -> list[Result]:
    """Share calls among this process, which begins at once, and others, which join in when they have started."""
    waiting = deque(enumerate(calls))
    results: dict[int, Result] = {}

    def work(call_one: Callable[..., Result]) -> None:
        while waiting:
            try:
                k, call = waiting.popleft()
            except IndexError:  # another thread was quicker
                return
            try:
                results[k] = call_one(*call)
            except BaseException:
                waiting.clear()  # what the others would still find is of no use
                raise

    pool = ProcessPoolExecutor(max_workers=n - 1, env=ONE_THREAD_EACH)
    with ThreadPoolExecutor(n - 1) as feeders:
        try:
            fed = [feeders.submit(work, lambda *call: pool.submit(function, *call).result()) for _ in range(n - 1)]
            work(function)
            for feeder in fed:
                feeder.result()
        finally:
            waiting.clear()
            pool.shutdown(wait=True, kill_workers=True)
    return [results[k] for k in range(len(calls))]
