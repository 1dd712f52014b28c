"""Compiled loops over the rows of many series side by side; `livermore.indicators._kernels.batch` explains the shapes.

A kernel file is loaded when it is first used as an attribute of this package: most runs need few of them.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from livermore.indicators._kernels import (
        averages,
        elementwise,
        filters,
        rolling,
        statistics,
        trend,
        volumes,
        windows,
    )

__all__ = ["averages", "elementwise", "filters", "rolling", "statistics", "trend", "volumes", "windows"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return importlib.import_module(f"{__name__}.{name}")
