"""What of a training set is for choices, and what is predicted forward in time for the verdict."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from livermore.ml.evidence import ForwardFits, forward_blocks
from livermore.ml.parallel import FitExecutor
from livermore.ml.tasks import Task
from livermore.ml.validation import LabelledSamples
from livermore.typing import Integers

__all__ = ["ForwardPlan"]

# All samples are cut into so many blocks; those of the judged share are predicted.
BLOCKS = 12
# Share of the samples, the earliest, that choices may look at.
CHOICE_SHARE = 0.5
# Share of the samples, the latest, that are judged where nothing was ever chosen by them.
UNSEEN_SHARE = 0.75


@dataclass(frozen=True, eq=False)
class ForwardPlan:
    """Which samples choices may look at, and which are predicted forward in time.

    Parameters
    ----------
    samples : LabelledSamples
        All samples.
    choice_rows : ndarray of int64
        Rows that choices may look at: their labels were known before `chosen_before`.
    chosen_before : int
        Time in UTC seconds from which on no sample has a part in a choice.
    blocks : sequence of (training rows, rows of the block)
        What each refit is trained on, and what it predicts.

    Examples
    --------
    >>> time = 60 * np.arange(1200)
    >>> samples = LabelledSamples(np.zeros((1200, 1)), np.arange(1200) % 2, time, time + 600)
    >>> plan, unseen = ForwardPlan.of(samples, 0.2), ForwardPlan.of(samples, 0.2, unseen=True)
    >>> plan.choice_rows.size, plan.chosen_before == 60 * 600, len(plan.blocks), len(unseen.blocks)
    (591, True, 6, 9)
    """

    samples: LabelledSamples
    choice_rows: Integers
    chosen_before: int
    blocks: Sequence[tuple[Integers, Integers]]

    @classmethod
    def of(cls, samples: LabelledSamples, test_ratio: float, *, unseen: bool = False) -> "ForwardPlan":
        """Make the plan of a training.

        Parameters
        ----------
        samples : LabelledSamples
            All samples, in any order.
        test_ratio : float
            Share of the samples, the latest, that form the test part; no choice may look at it.
        unseen : bool
            Whether nothing was ever chosen by any of these samples, so that more of them can be judged.

        Returns
        -------
        ForwardPlan
        """
        later = 1 - min(CHOICE_SHARE, 1 - test_ratio)
        judged = max(later, UNSEEN_SHARE) if unseen else later
        choice_rows, after = forward_blocks(samples, 1, later)[0]
        blocks = forward_blocks(samples, max(round(BLOCKS * judged), 1), judged)
        return cls(samples, np.sort(choice_rows), int(samples.decided[after].min()), blocks)

    def submit(self, executor: FitExecutor, task: Task, estimator: Any, embargo: int = 0) -> ForwardFits:
        """Submit the refits to an executor; parameters as for `ForwardFits.submit`."""
        return ForwardFits.submit(executor, task, estimator, self.samples, self.blocks, embargo=embargo)
