"""Data that several calls have in common, as arguments that a cluster can send to its workers once."""

from typing import Any

__all__ = ["SharedArgument", "SharedArguments", "unwrapped"]

# Smaller arguments are sent with each call: to send them apart takes a question and an answer.
WORTH_SENDING_ONCE = 10_000
# Samples are arrays in objects, and at times in a short tuple of such.
DEPTH = 3
MOST_IN_TUPLE = 8


class SharedArgument:
    """An argument that says how large its data are.

    Dask's backend of joblib sends what is large apart from the calls, and once. The size that Python gives of an object
    leaves out its arrays.

    Parameters
    ----------
    value : object
        The argument.
    n_bytes : int
        Size of its arrays.
    """

    def __init__(self, value: Any, n_bytes: int) -> None:
        self.value = value
        self.n_bytes = n_bytes

    def __sizeof__(self) -> int:
        return self.n_bytes


class SharedArguments:
    """Wraps the large arguments of calls that are sent together, each object once.

    Examples
    --------
    >>> import numpy as np
    >>> data, wrap = (np.zeros(2_000), np.zeros(2_000)), SharedArguments()
    >>> wrap.wrapped(data) is wrap.wrapped(data), wrap.wrapped(data).n_bytes, wrap.wrapped(3)
    (True, 32000, 3)
    """

    def __init__(self) -> None:
        self._known: dict[int, SharedArgument] = {}

    def wrapped(self, value: Any) -> Any:
        """Return a large argument wrapped, and others as they are; arrays are known to all backends."""
        known = self._known.get(id(value))
        if known is not None:
            return known
        if hasattr(value, "nbytes") or (n_bytes := _n_bytes(value, DEPTH)) < WORTH_SENDING_ONCE:
            return value
        # It holds the value, so that no other can have its id.
        self._known[id(value)] = made = SharedArgument(value, n_bytes)
        return made


def unwrapped(value: Any) -> Any:
    """Return an argument as it was before `SharedArguments.wrapped`."""
    return value.value if isinstance(value, SharedArgument) else value


def _n_bytes(value: Any, depth: int) -> int:
    """Return the size of the arrays in an object: itself, its attributes, and those of short tuples."""
    own = getattr(value, "nbytes", None)
    if isinstance(own, int):
        return own
    inside = _parts(value) if depth else ()
    return sum(_n_bytes(part, depth - 1) for part in inside)


def _parts(value: Any) -> tuple[Any, ...]:
    if isinstance(value, tuple):
        return value if len(value) <= MOST_IN_TUPLE else ()
    attributes = getattr(value, "__dict__", None)
    return tuple(attributes.values()) if isinstance(attributes, dict) else ()
