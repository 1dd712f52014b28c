"""A crew of this process and others, which join in once what is left to do makes it worth starting them."""

import functools
import threading
import time
import traceback
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

from joblib.externals.loky import ProcessPoolExecutor
from sklearn import config_context, get_config

from livermore.ml.parallel._executor import Arguments, Batch, Outcome, Shared, attempt

__all__ = ["Processes"]

Result = TypeVar("Result")
Taken = tuple[Batch[Any], int, Arguments]

# A process takes about a second to start, nearly all of it for scikit-learn. Below so many seconds of work it would
# have little left to do.
WORTH_PROCESSES = 1.0
# How often a call that is being done is looked at for how long it has taken.
GLANCE = 0.02
# After so many seconds without a call a process ends: nobody else ends it if its parent was killed.
IDLE = 30.0
# Their libraries read these as they are loaded.
ONE_THREAD_EACH = dict.fromkeys(("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "BLIS_NUM_THREADS"), "1")


class Processes(Shared):
    """The thread that asks, and processes that take what it has not taken yet.

    What a process cannot do (because a call cannot be sent to it, or it was ended from outside) is done here.
    """

    def __init__(self, n: int, pace: float, worth: float = WORTH_PROCESSES) -> None:
        super().__init__(n, pace, worth)
        self._changed = threading.Condition()
        self._batches: list[Batch[Any]] = []
        self._started: float | None = None
        self._closed = False
        self._threads: list[threading.Thread] = []
        self._pool: ProcessPoolExecutor | None = None

    def begin(self, function: Callable[..., Result], calls: Sequence[Arguments]) -> Batch[Result]:
        """Take on calls; whoever helps already begins with them."""
        batch = Batch(self, function, calls)
        batch.abroad = functools.partial(_attempt_as_here, get_config(), list(warnings.filters), function)
        with self._changed:
            self._batches.append(batch)
            self._changed.notify_all()
            if not self._threads:
                self._start(self._watch)
        return batch

    def finish(self, batch: Batch[Any]) -> None:
        """Do what is waiting, this batch first, and others while it is being finished elsewhere."""
        while (taken := self._take_here(batch)) is not None:
            theirs, k, arguments = taken
            with self.timed():
                outcome = attempt(theirs.function, arguments)
            with self._changed:
                theirs.settle(k, outcome)

    @contextmanager
    def timed(self) -> Iterator[None]:
        """Learn how long a call takes, and let it be seen how long it has taken so far."""
        self._started = time.perf_counter()
        try:
            with super().timed():
                yield
        finally:
            self._started = None

    def close(self) -> None:
        """End the processes, whatever they are doing."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        if self._pool is not None:
            self._pool.shutdown(wait=True, kill_workers=True)
        for thread in self._threads:
            thread.join()

    def _start(self, work: Callable[[], None]) -> None:
        """Start a thread that ends when the crew is closed."""
        thread = threading.Thread(target=work, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _watch(self) -> None:
        """Wait until help is worth it, and let it come."""
        with self._changed:
            while not self._closed and not self._is_worth_it():
                self._changed.wait(GLANCE)
            if not self._closed:
                n = min(self.n - 1, self._n_waiting())
                try:
                    self._pool = ProcessPoolExecutor(max_workers=n, timeout=IDLE, env=ONE_THREAD_EACH)
                except (OSError, ImportError):  # a system without semaphores, or none left: all is done here
                    return
                for _ in range(n):
                    self._start(functools.partial(self._feed, self._pool))

    def _is_worth_it(self) -> bool:
        """Tell whether what is waiting will take long, going by the last call and by the one that is being done."""
        started = self._started
        so_far = 0.0 if started is None else time.perf_counter() - started
        waiting = self._n_waiting()
        return waiting > 0 and max(self.pace, so_far) * waiting >= self.worth

    def _n_waiting(self) -> int:
        """Count the calls that nobody has taken."""
        return sum(len(batch.waiting) for batch in self._batches)

    def _feed(self, pool: ProcessPoolExecutor) -> None:
        """Have a process do calls until the crew is closed, or there is one that it could not do."""
        while (taken := self._take_for_helper()) is not None:
            if not self._pass_on(pool, *taken):
                return

    def _pass_on(self, pool: ProcessPoolExecutor, batch: Batch[Any], k: int, arguments: Arguments) -> bool:
        """Have a call done by a process, and write down how it ended; put it back if the process could not do it."""
        try:
            outcome = pool.submit(batch.abroad, arguments).result()
        except Exception:  # it was ended from outside, or the call or its answer could not be sent
            outcome = None
        with self._changed:
            if outcome is not None:
                batch.settle(k, outcome)
            elif not batch.is_over:
                batch.waiting.appendleft((k, arguments))
            self._changed.notify_all()
        return outcome is not None

    def _take_here(self, mine: Batch[Any]) -> Taken | None:
        """Take a call for this thread, its own batch's first; None once that is over."""
        with self._changed:
            while not mine.is_over:
                if (taken := self._first([mine, *self._batches])) is not None:
                    return taken
                # Now and then, so that Ctrl-C is noticed on Windows.
                self._changed.wait(1.0)
        return None

    def _take_for_helper(self) -> Taken | None:
        """Take a call for a process, as soon as there is one; None once the crew is closed."""
        with self._changed:
            while not self._closed:
                if (taken := self._first(self._batches)) is not None:
                    return taken
                self._changed.wait()
        return None

    @staticmethod
    def _first(batches: Sequence[Batch[Any]]) -> Taken | None:
        """Take the first call that is waiting."""
        for batch in batches:
            if batch.waiting:
                return batch, *batch.waiting.popleft()
        return None


def _attempt_as_here(
    config: dict[str, Any], filters: list[Any], function: Callable[..., Any], arguments: Arguments
) -> Outcome:
    """Call a function under scikit-learn's configuration and the filters of warnings of the process that asks."""
    with config_context(**config), warnings.catch_warnings():
        warnings.filters[:] = filters  # type: ignore[index]
        value, error = attempt(function, arguments)
    if error is not None:  # which loses its traceback on the way
        error.add_note(f"In another process:\n{''.join(traceback.format_exception(error))}")
    return value, error
