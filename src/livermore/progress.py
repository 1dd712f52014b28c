"""Progress bars for work that takes more than two seconds: in terminals and notebooks, and silent everywhere else."""

import os
import sys
import time
from types import TracebackType
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

__all__ = ["NO_PROGRESS", "ProgressBar"]

#: Set this environment variable to ``1`` to see no progress bars.
NO_PROGRESS = "LIVERMORE_NO_PROGRESS"

#: Seconds of work before a bar appears: most runs are over by then, and never import rich.
DELAY = 2.0


class ProgressBar:
    """A progress bar on standard error, as a context manager that is called with (done, total).

    The bar appears after two seconds, shows rate and time left, and is removed at the end. It appears only where
    standard error is a terminal, or in a notebook: a pipe or a log file stays free of it.

    Parameters
    ----------
    title : str
        What is being done, such as ``"Backtest"``.
    unit : str
        What is counted, in the plural, such as ``"minutes"``.
    enabled : bool
        False shows nothing, anywhere.

    Examples
    --------
    >>> with ProgressBar("Backtest", "minutes") as progress:
    ...     for minute in range(3):
    ...         progress(minute + 1, 3)
    """

    def __init__(self, title: str, unit: str = "steps", *, enabled: bool = True) -> None:
        self._title = title
        self._unit = unit
        self._appears_at = time.monotonic() + DELAY
        self._progress: Progress | None = None
        self._task: TaskID | None = None
        self._is_wanted = enabled and os.environ.get(NO_PROGRESS) != "1" and _has_viewer()

    def __call__(self, done: int, total: int) -> None:
        """Show that `done` of `total` are done."""
        if not self._is_wanted:
            return
        if self._progress is None:
            if time.monotonic() < self._appears_at:
                return
            self._start()
        assert self._progress is not None
        assert self._task is not None
        self._progress.update(self._task, completed=done, total=total)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._progress is not None:
            self._progress.stop()

    def _start(self) -> None:
        from rich.console import Console
        from rich.progress import (
            BarColumn,
            MofNCompleteColumn,
            Progress,
            ProgressColumn,
            Task,
            TextColumn,
            TimeRemainingColumn,
        )
        from rich.text import Text

        class RateColumn(ProgressColumn):
            """How many a second, over the last 30 seconds."""

            def render(self, task: Task) -> Text:
                return Text(f"{task.speed:,.{0 if task.speed >= 10 else 2}f}/s" if task.speed else "")

        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn(self._unit),
            RateColumn(),
            TimeRemainingColumn(),
            console=Console(stderr=True),
            transient=True,
        )
        self._task = self._progress.add_task(self._title, total=None)
        self._progress.start()


def _has_viewer() -> bool:
    """Tell whether somebody can see a bar: a terminal, or a notebook's kernel."""
    return "ipykernel" in sys.modules or (sys.stderr is not None and sys.stderr.isatty())
