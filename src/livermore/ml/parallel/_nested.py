"""How many threads a call may start: parallel work is decided on once, at the outermost place where it fans out.

Calls that run side by side have one thread each. A call that runs alone has what its executor has. Whoever wants to
start threads inside a call asks here.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

__all__ = ["beside_others", "runs_beside_others", "threads_inside"]

_SIDE_BY_SIDE: ContextVar[bool] = ContextVar("side_by_side", default=False)


def threads_inside(wanted: int | None) -> int:
    """Return how many threads a call may start, as a joblib `n_jobs`: what is wanted, or one beside other calls.

    Parameters
    ----------
    wanted : int or None
        As for joblib; None is all cores.

    Examples
    --------
    >>> threads_inside(None), threads_inside(4)
    (-1, 4)
    >>> with beside_others(True):
    ...     threads_inside(None), threads_inside(4)
    (1, 1)
    """
    if runs_beside_others():
        return 1
    return -1 if wanted is None else wanted


def runs_beside_others() -> bool:
    """Return whether this code is part of a call that runs beside others.

    Examples
    --------
    >>> runs_beside_others()
    False
    """
    return _SIDE_BY_SIDE.get()


@contextmanager
def beside_others(side_by_side: bool) -> Iterator[None]:
    """Say whether what runs in a `with` statement runs beside other calls; inside such a call everything does."""
    token = _SIDE_BY_SIDE.set(side_by_side or _SIDE_BY_SIDE.get())
    try:
        yield
    finally:
        _SIDE_BY_SIDE.reset(token)
