"""Progress bars for work that takes more than two seconds: in terminals and notebooks, and silent everywhere else."""

import os
import sys
import time
from types import TracebackType
from typing import TYPE_CHECKING, Protocol, Self

from livermore.notebook import NotebookBar, in_notebook

if TYPE_CHECKING:
    from rich.progress import Progress

__all__ = ["NO_PROGRESS", "ProgressBar"]

#: Set this environment variable to ``1`` to see no progress bars.
NO_PROGRESS = "LIVERMORE_NO_PROGRESS"

#: Seconds of work before a bar appears: most runs are over by then, and never import rich.
DELAY = 2.0


class _Bar(Protocol):
    """A bar that is on show."""

    def update(self, done: int, total: int) -> None:
        """Show that `done` of `total` are done."""
        ...

    def stop(self) -> None:
        """Remove it."""
        ...


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
        self._bar: _Bar | None = None
        self._is_wanted = enabled and os.environ.get(NO_PROGRESS) != "1" and _has_viewer()

    def __call__(self, done: int, total: int) -> None:
        """Show that `done` of `total` are done."""
        if not self._is_wanted:
            return
        if self._bar is None:
            if time.monotonic() < self._appears_at:
                return
            self._bar = (NotebookBar if in_notebook() else _TerminalBar)(self._title, self._unit)
        self._bar.update(done, total)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.stop()


class _TerminalBar:
    """A bar of rich on standard error, with rate and time left."""

    def __init__(self, title: str, unit: str) -> None:
        self.progress = _rich_progress(unit)
        self._task = self.progress.add_task(title, total=None)
        self.progress.start()

    def update(self, done: int, total: int) -> None:
        """Show that `done` of `total` are done."""
        self.progress.update(self._task, completed=done, total=total)

    def stop(self) -> None:
        """Remove the bar."""
        self.progress.stop()


def _rich_progress(unit: str) -> "Progress":
    """Return the bar of rich: title, bar, count, unit, rate, time left."""
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

    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn(unit),
        RateColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
    )


def _has_viewer() -> bool:
    """Tell whether somebody can see a bar: a terminal, or a notebook's kernel."""
    return in_notebook() or (sys.stderr is not None and sys.stderr.isatty())
