"""The tasks by name."""

from difflib import get_close_matches
from types import MappingProxyType

from livermore.errors import TrainingError
from livermore.ml.tasks._binary import Binary
from livermore.ml.tasks._multiclass import Multiclass
from livermore.ml.tasks._regression import Regression
from livermore.ml.tasks._task import Task

_every: tuple[Task, ...] = (Binary(), Multiclass(), Regression())
TASKS = MappingProxyType({task.name: task for task in _every})


def task_named(name: str) -> Task:
    """Return the task of this name.

    Examples
    --------
    >>> task_named("binray")
    Traceback (most recent call last):
    livermore.errors.TrainingError: task must be 'binary', 'multiclass' or 'regression', not 'binray'. Did you mean ...
    """
    try:
        return TASKS[name]
    except (KeyError, TypeError):
        close = get_close_matches(str(name), TASKS, n=1)
        hint = f" Did you mean {close[0]!r}?" if close else ""
        *others, last = map(repr, TASKS)
        raise TrainingError(f"task must be {', '.join(others)} or {last}, not {name!r}.{hint}") from None
