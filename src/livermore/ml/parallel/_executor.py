"""Crews: whoever does the calls of a batch. They differ in who that is, never in what comes out."""

import functools
import time
import warnings
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Generic, TypeVar

from sklearn.utils.parallel import Parallel, delayed

from livermore.ml.solvers import one_blas_thread

__all__ = ["Arguments", "Batch", "Crew", "Elsewhere", "Outcome", "Shared", "Threads", "attempt"]

Result = TypeVar("Result")
Arguments = tuple[Any, ...]
# What a call returned, or what it raised.
Outcome = tuple[Any, Exception | None]

# Below so many seconds of work, threads take longer to start than they save.
WORTH_THREADS = 0.1


class Batch(Generic[Result]):
    """Calls of one function that need nothing of one another.

    Parameters
    ----------
    crew : Crew
        Who does them.
    function : callable
        Importable by name, or made of what is (`functools.partial`), for the sake of processes.
    calls : sequence of tuple
        Its arguments, call by call.
    """

    def __init__(self, crew: "Crew", function: Callable[..., Result], calls: Sequence[Arguments]) -> None:
        self.crew = crew
        self.function = function
        # What another process is to call with a call's arguments.
        self.abroad: Callable[[Arguments], Outcome] = functools.partial(attempt, function)
        self.n = len(calls)
        self.waiting = deque(enumerate(calls))
        self.found: dict[int, Result] = {}
        self.error: Exception | None = None

    def results(self) -> list[Result]:
        """Return what the calls returned, in their order, once all are done; raise what the first to fail raised."""
        with one_blas_thread():
            self.crew.finish(self)
        if self.error is not None:
            raise self.error
        return [self.found[k] for k in range(self.n)]

    @property
    def is_over(self) -> bool:
        """Whether nothing of it is left to wait for."""
        return self.error is not None or len(self.found) == self.n

    def settle(self, k: int, outcome: Outcome) -> None:
        """Write down how a call ended; after a failure, what the others would find is of no use."""
        value, error = outcome
        if error is None:
            self.found[k] = value
        else:
            self.error = self.error or error
            self.waiting.clear()


def attempt(function: Callable[..., Any], arguments: Arguments) -> Outcome:
    """Call a function, whatever comes of it."""
    try:
        return function(*arguments), None
    except Exception as error:
        return None, error


class Crew:
    """The thread that asks, alone.

    Matrix products are kept to one thread whoever multiplies, so that results do not depend on the crew.

    Parameters
    ----------
    pace : float
        How long one call takes, in seconds, as far as is known: that decides whether help is worth it.
    """

    def __init__(self, pace: float = 0.0) -> None:
        self.pace = pace

    def begin(self, function: Callable[..., Result], calls: Sequence[Arguments]) -> Batch[Result]:
        """Take on calls. Others may begin at once; this thread does its part when it asks for the results."""
        return Batch(self, function, calls)

    def do(self, function: Callable[..., Result], *arguments: Any) -> Result:
        """Do something here that takes about as long as a call, while others may be at work."""
        with self.timed():
            return function(*arguments)

    def finish(self, batch: Batch[Any]) -> None:
        """Do what is waiting, and wait for what others are doing."""
        while batch.waiting:
            self.do_next(batch)

    def do_next(self, batch: Batch[Any]) -> None:
        """Do the first call that is waiting."""
        k, arguments = batch.waiting.popleft()
        with self.timed():
            outcome = attempt(batch.function, arguments)
        batch.settle(k, outcome)

    @contextmanager
    def timed(self) -> Iterator[None]:
        """Learn how long a call takes."""
        start = time.perf_counter()
        try:
            yield
        finally:
            self.pace = time.perf_counter() - start

    def close(self) -> None:
        """End what is still being done."""


class Elsewhere(Crew):
    """Machines or threads that the user has chosen with joblib, such as Dask's or Ray's.

    Parameters
    ----------
    n_jobs : int or None
        As joblib takes it.
    """

    def __init__(self, n_jobs: int | None) -> None:
        super().__init__()
        self.n_jobs = n_jobs

    def finish(self, batch: Batch[Any]) -> None:
        """Hand all calls over."""
        found = Parallel(n_jobs=self.n_jobs)(delayed(batch.function)(*arguments) for _, arguments in batch.waiting)
        batch.waiting.clear()
        batch.found.update(enumerate(found))


class Shared(Crew):
    """The thread that asks, and others where that is worth it.

    Parameters
    ----------
    n : int
        How many may work at once, this one included.
    pace : float
        As for `Crew`.
    worth : float
        From how many seconds of work on others take part.
    """

    def __init__(self, n: int, pace: float, worth: float) -> None:
        super().__init__(pace)
        self.n = n
        self.worth = worth


class Threads(Shared):
    """The thread that asks, and others of its process."""

    def __init__(self, n: int, pace: float, worth: float = WORTH_THREADS) -> None:
        super().__init__(n, pace, worth)

    def finish(self, batch: Batch[Any]) -> None:
        """Do calls here until it is known what one takes, and share the rest if that is worth it."""
        while batch.waiting:
            if len(batch.waiting) > 1 and self.pace * len(batch.waiting) >= self.worth:
                self._share(batch)
            else:
                self.do_next(batch)

    def _share(self, batch: Batch[Any]) -> None:
        """Do all that is waiting in threads."""
        # Threads that change the filters of warnings and put them back in another order would leave them changed.
        with warnings.catch_warnings():
            found = Parallel(n_jobs=self.n, prefer="threads")(
                delayed(batch.function)(*arguments) for _, arguments in batch.waiting
            )
        batch.found.update(zip((k for k, _ in batch.waiting), found, strict=True))
        batch.waiting.clear()
