"""Labelled samples: from the dicts that a strategy records to arrays, and to files and back.

What reads and writes files is imported when it is first used.
"""

from typing import TYPE_CHECKING

from livermore.lazy import lazy_exports
from livermore.ml.dataset._dataset import Dataset, Sample

if TYPE_CHECKING:
    from livermore.ml.dataset._files import parquet_beside, read_samples, write_samples

__all__ = ["Dataset", "Sample", "parquet_beside", "read_samples", "write_samples"]

__getattr__ = lazy_exports(
    __name__,
    {
        "parquet_beside": "livermore.ml.dataset._files",
        "read_samples": "livermore.ml.dataset._files",
        "write_samples": "livermore.ml.dataset._files",
    },
)
