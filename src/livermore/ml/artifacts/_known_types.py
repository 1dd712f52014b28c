"""Unpickling nothing but what models of well-known libraries are made of.

For folders that Jesse wrote, which have no manifest to check. A pickle names the classes that it builds and the
functions that it calls; here all other names are refused before anything is called. It is a second fence, not a
sandbox.
"""

import bz2
import functools
import gzip
import inspect
import io
import lzma
import pickle
import zlib
from collections.abc import Callable
from typing import Any

NAMES = frozenset(
    {
        *(
            f"builtins.{name}"
            for name in ("bool", "bytearray", "bytes", "complex", "dict", "float", "frozenset", "int")
        ),
        *(f"builtins.{name}" for name in ("list", "object", "range", "set", "slice", "str", "tuple")),
        *(f"collections.{name}" for name in ("Counter", "OrderedDict", "defaultdict", "deque")),
        *(f"datetime.{name}" for name in ("date", "datetime", "timedelta", "timezone")),
        "_codecs.encode",
        "copyreg._reconstructor",
        "copy_reg._reconstructor",
        "joblib.numpy_pickle.NumpyArrayWrapper",
        *(f"numpy.{name}" for name in ("dtype", "ndarray")),
        *(f"numpy.{core}.multiarray.{name}" for core in ("core", "_core") for name in ("_reconstruct", "scalar")),
        *(f"numpy.{core}.numeric._frombuffer" for core in ("core", "_core")),
        "numpy.ma.MaskedArray",
        *(f"numpy.ma.core.{name}" for name in ("MaskedArray", "_mareconstruct")),
        *(f"numpy.random.bit_generator.{name}" for name in ("SeedSequence", "__pyx_unpickle_SeedSequence")),
        *(f"sklearn.neighbors._{tree}_tree.newObj" for tree in ("ball", "kd")),
    }
)
# Libraries whose classes are built without doing anything else, and the parts of them of which that cannot be said.
LIBRARIES = ("sklearn", "lightgbm", "xgboost", "scipy.sparse")
NOT_THESE = ("sklearn.datasets", "sklearn.externals", "sklearn.utils._testing", "lightgbm.dask", "xgboost.dask")
# Modules of functions that have no effects.
FUNCTIONS = ("numpy.random._pickle", "sklearn.metrics")

DECOMPRESSORS: dict[bytes, Callable[[bytes], bytes]] = {
    b"x": zlib.decompress,
    b"\x1f\x8b": gzip.decompress,
    b"BZ": bz2.decompress,
    b"\xfd7zXZ": lzma.decompress,
    b"]\x00": lzma.decompress,
}


class UnknownTypeError(pickle.UnpicklingError):
    """A pickle names something that is no part of a model of a well-known library."""


def load_known(content: bytes) -> Any:
    """Unpickle what joblib or pickle wrote, made of well-known parts only.

    Raises
    ------
    UnknownTypeError
        If it names anything else; nothing of that has run.
    """
    for magic, decompress in DECOMPRESSORS.items():
        if content.startswith(magic):
            content = decompress(content)
            break
    return _unpickler(content).load()


def _unpickler(content: bytes) -> Any:
    kind = _unpickler_class()
    options = {"ensure_native_byte_order": True, "mmap_mode": None}
    known = inspect.signature(kind.__init__).parameters
    return kind("", io.BytesIO(content), **{name: value for name, value in options.items() if name in known})


@functools.cache
def _unpickler_class() -> Any:
    """Make the class; only here, because joblib is slow to import."""
    from joblib import numpy_pickle

    class KnownTypesUnpickler(numpy_pickle.NumpyUnpickler):  # type: ignore[misc]  # joblib has no types
        dispatch = numpy_pickle.NumpyUnpickler.dispatch.copy()

        def find_class(self, module: str, name: str) -> Any:
            return _checked(module, name, super().find_class(module, name))

        def load_build(self) -> None:
            holder, state = self.stack[-2], self.stack[-1]
            if isinstance(holder, numpy_pickle.NumpyArrayWrapper) and not _is_plain_array(state):
                self.stack.pop()
                self.stack[-1] = _load_objects(self.file_handle, state)
            else:
                super().load_build()

        dispatch[pickle.BUILD[0]] = load_build

    return KnownTypesUnpickler


class _Nested(pickle._Unpickler):  # the one that reads no further than it needs
    """Reads the pickle behind an array of objects, under the same rules as the one around it."""

    def find_class(self, module: str, name: str) -> Any:
        return _checked(module, name, super().find_class(module, name))


def _load_objects(file: Any, state: Any) -> Any:
    """Read an array of objects, such as the trees of gradient boosting.

    Not by joblib, whose older releases open the pickle behind such an array without asking `find_class`.
    """
    import numpy as np

    if not isinstance(state, dict) or state.get("subclass") is not np.ndarray:
        raise UnknownTypeError("it holds an array of an unknown kind")
    array = _Nested(file).load()
    if not isinstance(array, np.ndarray):
        raise UnknownTypeError("it holds something else where an array must be")
    return array.reshape(state["shape"], order=state["order"])


def _checked(module: str, name: str, found: Any) -> Any:
    if _is_known(module, name, found):
        return found
    raise UnknownTypeError(f"it names {module}.{name}")


def _is_plain_array(state: Any) -> bool:
    return isinstance(state, dict) and not getattr(state.get("dtype"), "hasobject", True)


def _is_known(module: str, name: str, found: Any) -> bool:
    """Return whether what a pickle names is a part of a model; `found` is what the name stands for."""
    if f"{module}.{name}" in NAMES:
        return True
    if module == "_loss" and _is_loss(name, found):
        return True
    home = f"{getattr(found, '__module__', '')}."
    if isinstance(found, type):
        return (_in(home, LIBRARIES) and not _in(home, NOT_THESE)) or _is_number_type(found)
    return _in(home, FUNCTIONS) or (name.startswith("__pyx_unpickle") and _in(f"{module}.", LIBRARIES))


def _is_loss(name: str, found: Any) -> bool:
    """Return whether it is a loss of scikit-learn's, whose compiled module calls itself ``_loss`` before 1.9."""
    from sklearn._loss import _loss

    return isinstance(found, type) and found.__module__ == "_loss" and found is getattr(_loss, name, None)


def _in(home: str, packages: tuple[str, ...]) -> bool:
    return home.startswith(tuple(f"{package}." for package in packages))


def _is_number_type(found: type) -> bool:
    import numpy as np

    return issubclass(found, np.generic | np.random.RandomState | np.random.Generator | np.random.BitGenerator)
