"""Arrays that calls in other processes share: each is written to a file once, which all workers map into memory.

A call is sent to its worker as bytes, with all its arguments. The features of a training are arguments of each of its
fits, some forty of them: without sharing a million samples of 18 features are sent forty times, 144 MB each time, and
every worker holds a copy.
"""

import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from joblib.externals.loky.backend import resource_tracker

__all__ = ["SharedArrays", "mapped"]

#: Arrays of at least so many bytes are shared; smaller ones are sent.
FEWEST_BYTES = 1_000_000
# A folder in memory, where the system has one.
IN_MEMORY = Path("/dev/shm")
# Part of the free memory of that folder that shared arrays may take.
MOST_OF_MEMORY = 0.5


class SharedArrays:
    """Turns large arrays into references to files, for the pickling of calls.

    An array that was written once is known by its memory; it is kept alive, so that no other array can take its place.

    Examples
    --------
    >>> shared, large = SharedArrays(), np.zeros((1000, 1000))
    >>> function, (path, *_) = shared.reduce(large)
    >>> shared.reduce(large)[1][0] == path, shared.reduce(large[:500])[1][0] == path, function.__name__
    (True, False, 'mapped')
    >>> np.array_equal(mapped(path), large), shared.close()
    (True, None)
    """

    def __init__(self) -> None:
        self._folder: Path | None = None
        self._written: dict[tuple[Any, ...], tuple[str, npt.NDArray[Any]]] = {}

    def __reduce__(self) -> tuple[Any, ...]:
        # Workers are told how to send arrays as well. They send results, which are small, and need none of these files.
        return SharedArrays, ()

    def reducers(self) -> dict[type, Any]:
        """Return what a pool of processes takes as `job_reducers`."""
        return {np.ndarray: self.reduce}

    def reduce(self, array: npt.NDArray[Any]) -> str | tuple[Any, ...]:
        """Return how to rebuild an array elsewhere: from a file, if it is large and holds numbers."""
        if array.nbytes < FEWEST_BYTES or array.dtype.hasobject:
            return array.__reduce__()
        interface = array.__array_interface__
        key = (interface["data"][0], array.shape, array.strides, array.dtype.str)
        if key not in self._written:
            self._written[key] = (self._write(array), array)
        return mapped, (self._written[key][0],)

    def close(self) -> None:
        """Delete all files. Workers that have mapped one must have ended."""
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
            resource_tracker.unregister(str(self._folder), "folder")
        self._folder = None
        self._written.clear()

    def _write(self, array: npt.NDArray[Any]) -> str:
        """Write an array to a file of its own."""
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix="livermore-", dir=_folder_for(array.nbytes)))
            # A process of its own deletes the folder if this one is killed.
            resource_tracker.register(str(self._folder), "folder")
        path = self._folder / f"{len(self._written)}.npy"
        np.save(path, array, allow_pickle=False)
        return str(path)


def mapped(path: str) -> npt.NDArray[Any]:
    """Return an array that another process wrote. What is changed in it is changed here alone."""
    found: npt.NDArray[Any] = np.load(path, mmap_mode="c", allow_pickle=False)
    return found.view(np.ndarray)


def _folder_for(n_bytes: int) -> Path | None:
    """Return the folder for temporary files: joblib's setting, a folder in memory with room, or the system's."""
    chosen = os.environ.get("JOBLIB_TEMP_FOLDER")
    if chosen:
        return Path(chosen)
    try:
        free = shutil.disk_usage(IN_MEMORY).free
    except OSError:
        return None
    has_room = 4 * n_bytes < MOST_OF_MEMORY * free and os.access(IN_MEMORY, os.W_OK)
    return IN_MEMORY if has_room else None
