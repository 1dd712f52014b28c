"""Compiled loops over rows and lanes; see `livermore.indicators._kernels.batch` for what a lane is.

As an attribute of this package, a kernel file is loaded when it is first used: most runs need few of them.
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
