"""Executors for model fits, after `concurrent.futures`. All give the same results; they differ in where calls run.

The calling thread always works, too: while it waits for a result it runs queued calls itself. So nothing is lost while
worker processes start, and a training that turns out to be short never starts any.
"""

import functools
import os
import threading
import time
import traceback
import warnings
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from typing import Any, ParamSpec, TypeVar

from joblib.externals.loky import ProcessPoolExecutor
from sklearn import config_context, get_config
from sklearn.utils.parallel import Parallel, delayed

from livermore.ml.parallel._nested import beside_others
from livermore.ml.parallel._shared_arguments import SharedArguments, unwrapped
from livermore.ml.parallel._sharing import SharedArrays
from livermore.ml.parallel._thread_limits import one_thread

__all__ = ["FitExecutor", "FitFuture", "JoblibExecutor", "ProcessExecutor", "ThreadExecutor"]

Result = TypeVar("Result")
Arguments = ParamSpec("Arguments")
# What a call returned, or the exception that it raised.
Outcome = tuple[Any, Exception | None]

# A worker thread is started once this many seconds of work are queued, a worker process once this many. A process takes
# about a second to start, nearly all of it to import scikit-learn; with less work than that it would come too late.
THREAD_BREAK_EVEN = 0.1
PROCESS_BREAK_EVEN = 1.0
# Seconds between two looks at how long the running call has taken.
POLL_INTERVAL = 0.02
# An idle process ends after this many seconds.
IDLE_TIMEOUT = 30.0
# Seconds between two looks at whether the parent of a worker process still runs.
PARENT_INTERVAL = 2.0
# Each process computes with one thread, since there are as many processes as cores. The libraries read these variables
# when they are loaded; the last one is what joblib, and through it LightGBM, takes for the number of cores.
ONE_THREAD_EACH = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "BLIS_NUM_THREADS", "LOKY_MAX_CPU_COUNT"), "1"
)


class FitFuture(Future[Result]):
    """The result of a submitted call. A thread that asks for it runs queued calls until it is available.

    Parameters
    ----------
    executor : FitExecutor
        To which it was submitted.
    call : functools.partial
        The function with its arguments.

    Examples
    --------
    >>> with FitExecutor() as executor:
    ...     future = executor.submit(divmod, 7, 2)
    ...     future.result(), future.done()
    ((3, 1), True)
    """

    def __init__(self, executor: "FitExecutor", call: functools.partial[Result]) -> None:
        super().__init__()
        self.executor = executor
        self.call = call
        # Workers compute and warn under the settings of the thread that submits.
        self.settings = get_config(), list(warnings.filters)

    def result(self, timeout: float | None = None) -> Result:
        """Return what the call returned, or raise what it raised; `timeout` counts only while others run the call."""
        self.executor.run_until_done(self)
        return super().result(timeout)

    def claim(self) -> bool:
        """Mark the call as running; return False if it was cancelled."""
        # A call that its worker could not do is queued again, and is running already.
        return self.running() or self.set_running_or_notify_cancel()

    def resolve(self, outcome: Outcome) -> None:
        """Set the result, or the exception."""
        value, error = outcome
        if error is None:
            self.set_result(value)
        else:
            self.set_exception(error)


class FitExecutor(Executor):
    """Runs all calls in the calling thread, when their results are asked for.

    Parameters
    ----------
    seconds_per_call : float
        Estimated duration of one call; updated by each call that is run here. It decides whether workers are worth
        starting.

    Examples
    --------
    >>> with FitExecutor() as executor:
    ...     list(executor.map(divmod, [7, 8], [2, 3]))
    [(3, 1), (2, 2)]
    """

    def __init__(self, seconds_per_call: float = 0.0) -> None:
        self.seconds_per_call = seconds_per_call
        self._queue: deque[FitFuture[Any]] = deque()
        self._changed = threading.Condition()
        self._started_at: float | None = None
        self._n_submitted = self._n_done = 0
        self._progress: Callable[[int, int], None] = lambda done, submitted: None

    def report_to(self, progress: Callable[[int, int], None]) -> None:
        """Call `progress` with (calls done, calls submitted so far) whenever a call is done, one call at a time."""
        self._progress = progress

    def submit(
        self, fn: Callable[Arguments, Result], /, *args: Arguments.args, **kwargs: Arguments.kwargs
    ) -> FitFuture[Result]:
        """Queue a call; workers may start it at once."""
        future = FitFuture(self, functools.partial(fn, *args, **kwargs))
        with self._changed:
            self._queue.append(future)
            self._n_submitted += 1
            self._changed.notify_all()
        return future

    def run(self, fn: Callable[Arguments, Result], *args: Arguments.args, **kwargs: Arguments.kwargs) -> Result:
        """Run a call at once in the calling thread, while workers do what is queued."""
        with self._timed(), beside_others(self._others(0)):
            return fn(*args, **kwargs)

    def run_until_done(self, wanted: FitFuture[Any]) -> None:
        """Run queued calls in the calling thread until one of them is done: that one first, if nobody runs it yet."""
        while (future := self._take(wanted)) is not None:
            with self._timed(), beside_others(self._others(1)):
                outcome = attempt(future.call)
            self._resolve(future, outcome)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Cancel what is queued and end all workers, whatever the arguments."""
        with self._changed:
            for future in self._queue:
                future.cancel()
            self._queue.clear()

    def _others(self, own: int) -> bool:
        """Return whether other calls run beside one in the calling thread, which is itself `own` of those submitted."""
        return False

    def _take(self, wanted: FitFuture[Any]) -> FitFuture[Any] | None:
        """Take a call for the calling thread; None once the wanted one is done."""
        with self._changed:
            while not wanted.done():
                if wanted in self._queue:
                    self._queue.remove(wanted)
                    if wanted.claim():
                        return wanted
                elif (future := self._first()) is not None:
                    return future
                else:
                    # With a timeout, since on Windows a wait without one cannot be interrupted by Ctrl-C.
                    self._changed.wait(1.0)
        return None

    def _first(self) -> FitFuture[Any] | None:
        """Take the first queued call that was not cancelled."""
        while self._queue:
            future = self._queue.popleft()
            if future.claim():
                return future
        return None

    def _resolve(self, future: FitFuture[Any], outcome: Outcome) -> None:
        """Set the outcome of a call, and wake all who wait for it."""
        with self._changed:
            future.resolve(outcome)
            # Its arguments are as large as the samples, and results are kept for longer.
            future.call = functools.partial(_done)
            self._n_done += 1
            self._changed.notify_all()
            self._progress(self._n_done, self._n_submitted)

    @contextmanager
    def _timed(self) -> Iterator[None]:
        """Measure how long a call takes, and let the time so far be read meanwhile."""
        start = self._started_at = time.perf_counter()
        try:
            yield
        finally:
            self.seconds_per_call, self._started_at = time.perf_counter() - start, None


class JoblibExecutor(FitExecutor):
    """Sends calls to the joblib backend that the user has chosen, such as Dask's, Ray's or threads.

    All that is queued is sent together when the first result is asked for. Data that several calls have in common are
    arguments of their own, so that a backend that knows them again (Dask's) sends them once.

    Parameters
    ----------
    n_jobs : int
        Number of workers, as in joblib.
    """

    def __init__(self, n_jobs: int) -> None:
        super().__init__()
        self.n_jobs = n_jobs

    def run_until_done(self, wanted: FitFuture[Any]) -> None:
        """Send all queued calls."""
        if wanted.done():
            return
        queued = [future for future in self._queue if future.claim()]
        self._queue.clear()
        shared = SharedArguments()
        outcomes = Parallel(n_jobs=self.n_jobs)(
            delayed(_attempt_with_one_thread)(
                functools.partial(call.func, **call.keywords), *map(shared.wrapped, call.args)
            )
            for call in (future.call for future in queued)
        )
        for future, outcome in zip(queued, outcomes, strict=True):
            self._resolve(future, outcome)


class WorkerExecutor(FitExecutor):
    """Runs calls in the calling thread, and in workers once the queued work is worth starting them.

    Parameters
    ----------
    n_workers : int
        Number of calls that may run at once, the calling thread's included.
    seconds_per_call : float
        As for `FitExecutor`.
    break_even : float
        Seconds of queued work from which on workers are started; 0 starts them at once.
    """

    def __init__(self, n_workers: int, seconds_per_call: float, break_even: float) -> None:
        super().__init__(seconds_per_call)
        self.n_workers = n_workers
        self.break_even = break_even
        self._closed = False
        self._threads: list[threading.Thread] = []

    def submit(
        self, fn: Callable[Arguments, Result], /, *args: Arguments.args, **kwargs: Arguments.kwargs
    ) -> FitFuture[Result]:
        """Queue a call; workers may start it at once."""
        future = super().submit(fn, *args, **kwargs)
        if not self._threads:
            self._start_thread(self._start_workers_when_worthwhile)
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Cancel what is queued and end all workers, whatever the arguments."""
        super().shutdown()
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        self._end_calls()
        for thread in self._threads:
            thread.join()

    def _others(self, own: int) -> bool:
        # Whether or not workers have started: a long call would find them beside it before it is done.
        return self._n_submitted - self._n_done > own

    def _open(self, n: int) -> bool:
        """Get ready for n workers; return False if there can be none."""
        return True

    def _end_calls(self) -> None:
        """End calls that are running in workers, where that is possible."""

    def _execute(self, future: FitFuture[Any]) -> Outcome | None:
        """Run a call in a worker; return None if the worker could not do it."""
        with beside_others(True):
            return attempt(future.call)

    def _start_workers_when_worthwhile(self) -> None:
        """Watch the queue, and start the workers once there is enough to do."""
        with self._changed:
            while not self._closed and not self._is_worthwhile():
                self._changed.wait(POLL_INTERVAL)
            n = min(self.n_workers - 1, len(self._queue))
            if not self._closed and self._open(n):
                for _ in range(n):
                    self._start_thread(self._work)

    def _is_worthwhile(self) -> bool:
        """Whether the queued work will take long, judged by the last call and by the one that is running."""
        started_at = self._started_at
        so_far = 0.0 if started_at is None else time.perf_counter() - started_at
        n_queued = sum(not future.cancelled() for future in self._queue)
        return n_queued > 0 and max(self.seconds_per_call, so_far) * n_queued >= self.break_even

    def _work(self) -> None:
        """Have calls executed by a worker until the executor is shut down, or the worker fails."""
        while (future := self._take_for_worker()) is not None:
            outcome = self._execute(future)
            if outcome is None:
                with self._changed:
                    if not self._closed:
                        self._queue.appendleft(future)
                    self._changed.notify_all()
                return
            self._resolve(future, outcome)

    def _take_for_worker(self) -> FitFuture[Any] | None:
        """Take a call for a worker as soon as there is one; None once the executor is shut down."""
        with self._changed:
            while not self._closed:
                if (future := self._first()) is not None:
                    return future
                self._changed.wait()
        return None

    def _start_thread(self, target: Callable[[], None]) -> None:
        """Start a thread that ends when the executor is shut down."""
        thread = threading.Thread(target=target, daemon=True)
        self._threads.append(thread)
        thread.start()


class ThreadExecutor(WorkerExecutor):
    """Workers are threads: for fits that release the global interpreter lock nearly all the time."""

    def __init__(self, n_workers: int, seconds_per_call: float = 0.0, break_even: float = THREAD_BREAK_EVEN) -> None:
        super().__init__(n_workers, seconds_per_call, break_even)


class ProcessExecutor(WorkerExecutor):
    """Workers are processes.

    A call that cannot be sent to a process, or whose process is ended from outside, is run in the calling thread.
    """

    def __init__(self, n_workers: int, seconds_per_call: float = 0.0, break_even: float = PROCESS_BREAK_EVEN) -> None:
        super().__init__(n_workers, seconds_per_call, break_even)
        self._pool: ProcessPoolExecutor | None = None
        self._shared = SharedArrays()

    def _open(self, n: int) -> bool:
        try:
            self._pool = ProcessPoolExecutor(
                max_workers=n,
                timeout=IDLE_TIMEOUT,
                env=ONE_THREAD_EACH,
                job_reducers=self._shared.reducers(),
                initializer=end_with_parent,
                initargs=(os.getpid(),),
            )
        except (OSError, ImportError):  # a system without semaphores, or with none left
            return False
        return True

    def _end_calls(self) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=True, kill_workers=True)
        self._shared.close()

    def _execute(self, future: FitFuture[Any]) -> Outcome | None:
        if self._pool is None:
            return None
        try:
            outcome: Outcome = self._pool.submit(_attempt_with_settings, *future.settings, future.call).result()
        except Exception:  # the process was ended, or the call or its result cannot be pickled
            return None
        return outcome


def end_with_parent(parent: int) -> None:
    """Have this worker process end soon after its parent, which may have been killed in the middle of a message.

    The worker would wait for the other half for ever, with the shared arrays: it has the writing end of the pipe as
    well, so that reading it never finds its end.
    """
    if hasattr(os, "fork"):  # on Windows the number of the parent never changes
        threading.Thread(target=_watch, args=(parent,), daemon=True).start()


def _watch(parent: int) -> None:
    """End this process once its parent is another one."""
    while os.getppid() == parent:
        time.sleep(PARENT_INTERVAL)
    os._exit(1)


def _done() -> Any:
    """Stand in for a call whose result is known."""
    raise RuntimeError("this call is done")


def attempt(call: Callable[[], Any]) -> Outcome:
    """Run a call, and return what it raises instead of raising it."""
    try:
        return call(), None
    except Exception as error:
        return None, error


def _attempt_with_one_thread(fn: Callable[..., Any], *args: Any) -> Outcome:
    """Run a call with BLAS and OpenMP limited to one thread, as in the calling thread."""
    with one_thread(), beside_others(True):
        return attempt(functools.partial(fn, *map(unwrapped, args)))


def _attempt_with_settings(config: dict[str, Any], filters: list[Any], call: Callable[[], Any]) -> Outcome:
    """Run a call under scikit-learn's configuration and the warning filters of the submitting process."""
    with config_context(**config), warnings.catch_warnings():
        warnings.filters[:] = filters  # type: ignore[index]
        with beside_others(True):
            value, error = attempt(call)
    if error is not None:  # pickling loses its traceback
        error.add_note(f"In another process:\n{''.join(traceback.format_exception(error))}")
    return value, error
