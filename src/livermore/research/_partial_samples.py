"""What a gathering that ended early has left beside the file of its samples."""

import warnings
from collections.abc import Sequence
from pathlib import Path

from livermore.errors import DatasetError, LivermoreWarning
from livermore.ml.dataset import Sample
from livermore.research._load_ml_data_csv import load_ml_data_csv

__all__ = ["partial_path", "remove_superseded"]


def partial_path(path: Path) -> Path:
    """Return where the samples of a run that ends early are kept: ``X_data.partial.csv`` beside ``X_data.csv``."""
    from livermore.ml.dataset import parquet_beside  # loads pyarrow

    return path.with_name(f"{parquet_beside(path).stem}.partial.csv")


def remove_superseded(path: Path, samples: Sequence[Sample]) -> None:
    """Remove what an earlier run left beside `path`, if it is the beginning of `samples`, which are now complete.

    Warns
    -----
    LivermoreWarning
        If it holds anything else: it is then kept.
    """
    from livermore.ml.dataset import parquet_beside

    partial = partial_path(path)
    if not partial.exists():
        return
    try:
        left = load_ml_data_csv(partial)
    except (DatasetError, OSError):
        left = None
    if left is not None and left == list(samples[: len(left)]):
        partial.unlink()
        parquet_beside(partial).unlink(missing_ok=True)
        return
    warnings.warn(
        f"{partial} is of an earlier run that ended early, and differs from the beginning of {path}. It is kept: "
        "delete it, or give it another name, if it is not to be taken for a part of this run",
        LivermoreWarning,
        stacklevel=4,
    )
