"""Blocks in time, each predicted by a model that was trained on what was known before it began."""

import numpy as np

from livermore.errors import TrainingError
from livermore.ml.labels import LabelWindows
from livermore.ml.validation import LabelledSamples
from livermore.typing import Integers

__all__ = ["forward_blocks", "label_length"]


def forward_blocks(
    samples: LabelledSamples, n_blocks: int = 12, judged: float = 0.5
) -> list[tuple[Integers, Integers]]:
    """Cut the latest samples into blocks in time, each with the samples whose labels were known when it began.

    Parameters
    ----------
    samples : LabelledSamples
        All samples, in any order.
    n_blocks : int
        Number of blocks, of nearly equal numbers of samples.
    judged : float
        Share of the samples, the latest, that the blocks cover.

    Returns
    -------
    list of (training rows, rows of the block)
        In order of time. Samples of one time are in one block, so that there are fewer blocks where times are few. A
        block before whose begin no label was known has no training rows.

    Raises
    ------
    TrainingError
        If `judged` is no share between 0 and 1, or there are no blocks.

    Examples
    --------
    >>> samples = LabelledSamples(np.eye(8), np.arange(8), np.arange(8), np.arange(8) + 2)
    >>> [(train.tolist(), block.tolist()) for train, block in forward_blocks(samples, 2)]
    [([0, 1, 2], [4, 5]), ([0, 1, 2, 3, 4], [6, 7])]
    """
    if not 0 < judged <= 1:
        raise TrainingError(f"judged must be a share above 0 and up to 1; it is {judged!r}.")
    if n_blocks < 1:
        raise TrainingError(f"n_blocks must be 1 or more; it is {n_blocks!r}.")
    windows = samples.windows
    order = np.argsort(windows.start, kind="stable").astype(np.int64)
    times = windows.start[order]
    first = int(order.size * (1 - judged))
    cuts = first + np.arange(n_blocks) * (order.size - first) // n_blocks
    # A cut among equal times moves to the first of them.
    begins = np.unique(np.searchsorted(times, times[cuts[cuts < order.size]], side="left"))
    blocks = []
    for begin, end in zip(begins, [*begins[1:], order.size], strict=True):
        earlier = order[:begin]
        blocks.append((earlier[windows.end[earlier] <= times[begin]], order[begin:end]))
    return blocks


def label_length(windows: LabelWindows) -> float:
    """Return the mean number of decision times that a label spans, at least 1.

    Parameters
    ----------
    windows : LabelWindows
        The label intervals, in any order. One that is known before the next decision spans one.

    Examples
    --------
    >>> label_length(LabelWindows.of([0, 0, 1, 2], [2, 2, 2, 3]))
    1.5
    """
    times = np.unique(windows.start)
    spans = np.searchsorted(times, windows.end) - np.searchsorted(times, windows.start)
    return float(spans.mean()) if spans.size else 1.0
