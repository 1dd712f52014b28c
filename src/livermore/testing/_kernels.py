"""Kernels as plain Python beside the compiled ones: how livermore runs them where there is no compiler."""

import importlib.util
import warnings
from pathlib import Path
from types import ModuleType

__all__ = ["uncompiled"]


def uncompiled(kernel: ModuleType) -> ModuleType:
    """Load a kernel's source once more, as a module of its own that is not compiled.

    Parameters
    ----------
    kernel : module
        One that is marked to be compiled; compiled or not.

    Returns
    -------
    module

    Examples
    --------
    >>> from livermore.candles import minutes
    >>> uncompiled(minutes).__file__.endswith("minutes.py")
    True
    """
    name = kernel.__name__.rpartition(".")[2]
    spec = importlib.util.spec_from_file_location(f"plain_{name}", Path(str(kernel.__file__)).with_name(f"{name}.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it says that it is slow
        spec.loader.exec_module(module)
    return module
