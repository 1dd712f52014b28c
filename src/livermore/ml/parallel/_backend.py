"""The choice of an executor: which one suits an estimator, the machine, and what the user has configured in joblib."""

import warnings
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

from joblib import effective_n_jobs
from joblib.parallel import LokyBackend, get_active_backend
from sklearn.calibration import CalibratedClassifierCV
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import MinMaxScaler, RobustScaler, StandardScaler
from sklearn.svm import SVC, SVR, NuSVC, NuSVR

from livermore.ml.options import checked_n_jobs
from livermore.ml.parallel._executor import FitExecutor, JoblibExecutor, ProcessExecutor, ThreadExecutor
from livermore.ml.parallel._thread_limits import one_thread

__all__ = ["THREAD_PARAMETERS", "executor_for", "releases_the_lock", "threads_of"]

SUPPORT_VECTOR_MACHINES = (SVC, NuSVC, SVR, NuSVR)
# Parameters of estimators that say how many threads or processes they start.
THREAD_PARAMETERS = ("n_jobs", "nthread", "thread_count")
PREPROCESSORS = (StandardScaler, MinMaxScaler, RobustScaler, SimpleImputer)


def executor_for(
    estimator: Any, n_jobs: int | None = None, executor: FitExecutor | None = None, *, seconds_per_call: float = 0.0
) -> AbstractContextManager[FitExecutor]:
    """Return an executor that suits the fits of an estimator, to be used in a `with` statement.

    Parameters
    ----------
    estimator : estimator
        What is fitted: it decides between threads and processes.
    n_jobs : int, optional
        Number of workers, as in joblib. None is what `joblib.parallel_config` sets, else one for each core, or, if the
        estimator's own parameters ask for k threads, one for each k cores. They are started only if the calls take
        long enough, and no more than there are calls.
    executor : FitExecutor, optional
        A running executor, which is returned and left open.
    seconds_per_call : float
        Duration of one call, if it is known.

    Returns
    -------
    context manager
        It gives the executor, and shuts it down at the end. As long as it is open, BLAS and OpenMP compute with one
        thread, so that fits side by side do not compete for cores, and results do not depend on the number of cores.

    Notes
    -----
    A backend that is chosen by `joblib.parallel_config` (threading, Dask, Ray) is used, whatever the estimator.

    Examples
    --------
    >>> with executor_for(SVC(), n_jobs=2) as executor:
    ...     first = executor.submit(divmod, 7, 2)
    ...     list(executor.map(abs, [-1, -2])), first.result()
    ([1, 2], (3, 1))
    """
    return nullcontext(executor) if executor is not None else _opened(estimator, n_jobs, seconds_per_call)


@contextmanager
def _opened(estimator: Any, n_jobs: int | None, seconds_per_call: float) -> Iterator[FitExecutor]:
    """Open an executor, and shut it down at the end."""
    # The filters of warnings are global: several threads that save and restore them may leave them changed. Restored
    # here once more, when all threads have ended.
    with warnings.catch_warnings(), one_thread(), _chosen(estimator, n_jobs, seconds_per_call) as executor:
        yield executor


def _chosen(estimator: Any, n_jobs: int | None, seconds_per_call: float) -> FitExecutor:
    """Choose an executor."""
    backend, configured = get_active_backend()
    wanted = checked_n_jobs(n_jobs if n_jobs is not None else configured)
    n_workers = -1 if wanted is None else wanted
    if not isinstance(backend, LokyBackend):
        return JoblibExecutor(n_workers)
    n = int(effective_n_jobs(n_workers))
    if wanted is None:
        n //= threads_of(estimator)
    if n < 2:
        return FitExecutor(seconds_per_call)
    kind = ThreadExecutor if releases_the_lock(estimator) else ProcessExecutor
    return kind(n, seconds_per_call) if wanted is None else kind(n, seconds_per_call, break_even=0.0)


def threads_of(estimator: Any) -> int:
    """Return how many threads or processes an estimator's fit starts because its user chose a number, at least 1.

    "All cores" is no number: what runs beside other fits then gets one thread, see `livermore.ml.tasks.fit`.

    Examples
    --------
    >>> from sklearn.ensemble import RandomForestClassifier
    >>> [threads_of(RandomForestClassifier(n_jobs=n)) for n in (None, 1, 4, -1)]
    [1, 1, 4, 1]
    """
    parameters = estimator.get_params(deep=True) if hasattr(estimator, "get_params") else {}
    chosen = [value for name, value in parameters.items() if name.rpartition("__")[2] in THREAD_PARAMETERS]
    return max([1, *(value for value in chosen if isinstance(value, int))])


def releases_the_lock(estimator: Any) -> bool:
    """Return whether an estimator's fit is nearly all compiled code that releases the global interpreter lock.

    Notes
    -----
    True of libsvm's support vector machines (1.7 times as fast in two threads), and of calibration and pipelines around
    them. Trees, forests and boosting release the lock so often and for so short a time that two threads gain a half,
    two processes nearly all. Support vector machines with probability estimates draw from one generator of random
    numbers that all threads of a process share, so these, kernels written in Python, and subclasses get processes.

    Examples
    --------
    >>> from sklearn.ensemble import RandomForestClassifier
    >>> from sklearn.svm import SVC
    >>> releases_the_lock(SVC()), releases_the_lock(RandomForestClassifier())
    (True, False)
    """
    if type(estimator) is CalibratedClassifierCV:
        return releases_the_lock(estimator.estimator)
    if type(estimator) is Pipeline:
        *before, (_, last) = estimator.steps
        return all(type(step) in PREPROCESSORS for _, step in before) and releases_the_lock(last)
    return (
        type(estimator) in SUPPORT_VECTOR_MACHINES
        and isinstance(estimator.kernel, str)
        and getattr(estimator, "probability", False) in (False, "deprecated")
    )
