"""Tasks on the workers that joblib gives: processes of this machine, or a cluster whose backend is registered."""

from collections.abc import Iterator, Sequence

from joblib import Parallel, delayed
from joblib.externals.loky.process_executor import TerminatedWorkerError
from joblib.parallel import get_active_backend

from livermore.errors import LivermoreError
from livermore.ml.options import checked_n_jobs
from livermore.scale._task import GatherTask
from livermore.scale._worker import Outcome, run_task

__all__ = ["WorkersLostError", "outcomes"]

#: How often the tasks that are not done yet are started again after a worker was killed.
ATTEMPTS = 3


class WorkersLostError(LivermoreError):
    """Worker processes are killed again and again, for want of memory above all."""


def outcomes(tasks: Sequence[GatherTask], n_jobs: int | None) -> Iterator[Outcome]:
    """Run tasks in parallel, and yield what came of each as soon as it is known.

    Parameters
    ----------
    tasks : sequence of GatherTask
        What to do.
    n_jobs : int or None
        Number of workers, as in joblib. None is what `joblib.parallel_config` sets, else all cores.

    Raises
    ------
    WorkersLostError
        If workers are killed three times in a row without one task being finished in between.
    """
    waiting = list(tasks)
    attempts = 0
    while waiting:
        done: set[tuple[str, int]] = set()
        try:
            for outcome in _results(waiting, n_jobs):
                done.add(outcome.task.name)
                yield outcome
        except TerminatedWorkerError as error:
            attempts = 0 if done else attempts + 1
            if attempts == ATTEMPTS:
                raise WorkersLostError(
                    f"worker processes were killed {ATTEMPTS} times in a row, {len(waiting)} tasks are left. If memory "
                    f"ran out, use fewer workers (n_jobs) or more parts. What is done is kept. ({error})"
                ) from error
        else:
            return
        waiting = [task for task in waiting if task.name not in done]


def _results(tasks: Sequence[GatherTask], n_jobs: int | None) -> Iterator[Outcome]:
    backend, configured = get_active_backend()
    wanted = checked_n_jobs(n_jobs if n_jobs is not None else configured)
    # More workers than tasks are of no use, and joblib refuses numbers of which it cannot take twice as many.
    n_workers = -1 if wanted is None else min(wanted, len(tasks))
    # Not all backends hand over results one by one; the others give them all at the end.
    order = "generator_unordered" if backend.supports_return_generator else "list"
    parallel = Parallel(n_jobs=n_workers, return_as=order, batch_size=1, pre_dispatch="2*n_jobs")
    yield from parallel(delayed(run_task)(task) for task in tasks)
