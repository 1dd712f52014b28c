"""Which crew it is to be."""

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

from livermore.ml.parallel._executor import Crew, Elsewhere, Threads
from livermore.ml.parallel._process_pool import Processes

__all__ = ["Jobs", "crew_for", "releases_the_lock"]

# How many may work at once, as joblib takes it; or a crew that is there already.
Jobs = int | Crew | None

MACHINES = (SVC, NuSVC, SVR, NuSVR)
PREPARATIONS = (StandardScaler, MinMaxScaler, RobustScaler, SimpleImputer)


def crew_for(estimator: Any, n_jobs: Jobs, pace: float = 0.0) -> AbstractContextManager[Crew]:
    """Gather a crew that fits an estimator, to be used in a `with` statement.

    Parameters
    ----------
    estimator : estimator
        What is fitted: it decides between threads and processes.
    n_jobs : int, Crew or None
        As joblib takes it; None is all cores where the calls take long enough. A crew is taken as it is, and not
        closed.
    pace : float
        How long one call takes, in seconds, if that is known.

    Returns
    -------
    context manager
        It gives the crew, and closes it at the end, when nothing is left to do or something has failed.
    """
    return nullcontext(n_jobs) if isinstance(n_jobs, Crew) else _opened(_gathered(estimator, n_jobs, pace))


@contextmanager
def _opened(crew: Crew) -> Iterator[Crew]:
    """Close a crew at the end."""
    try:
        yield crew
    finally:
        crew.close()


def _gathered(estimator: Any, n_jobs: int | None, pace: float) -> Crew:
    """Gather a crew."""
    if not isinstance(get_active_backend()[0], LokyBackend):
        return Elsewhere(n_jobs)
    n = int(effective_n_jobs(-1 if n_jobs is None else n_jobs))
    if n < 2:
        return Crew()
    kind = Threads if releases_the_lock(estimator) else Processes
    return kind(n, pace) if n_jobs is None else kind(n, pace, worth=0.0)


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
