"""Checks of recorded labels that several tasks share."""

from collections.abc import Sequence

import numpy as np

from livermore.errors import DatasetError

__all__ = ["refuse_bools"]


def refuse_bools(labels: Sequence[bool | int | float], task: str) -> None:
    """Raise DatasetError if a label is a bool: True and False are outcomes of the binary task alone."""
    found = next((k for k, label in enumerate(labels) if isinstance(label, bool | np.bool_)), None)
    if found is not None:
        raise DatasetError(
            f"the label of sample {found} is {labels[found]!r}, a bool, and task={task!r} takes numbers. Use "
            "task='binary', or record the label as a number."
        )
