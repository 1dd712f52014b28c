"""Python's garbage collection, put off while a candle waits for its orders, or a journal is run again."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["collection_paused"]


@contextmanager
def collection_paused() -> Iterator[None]:
    """Let no garbage collection begin by itself in this block.

    A full one looks at all objects that there are, each trade of a month: tens of milliseconds, at a time that nobody
    chooses. It belongs to the process; what is put off is done soon after the block.

    Examples
    --------
    >>> with collection_paused():
    ...     gc.isenabled()
    False
    >>> gc.isenabled()
    True
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
