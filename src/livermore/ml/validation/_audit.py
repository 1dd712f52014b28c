"""Purging of the training rows of a fold, with the numbers of rows that were removed."""

from dataclasses import dataclass

from livermore.ml.labels import LabelWindows
from livermore.typing import Integers

__all__ = ["Fold", "SplitAudit", "separate"]


@dataclass(frozen=True)
class SplitAudit:
    """Numbers of training rows of one fold that were removed, and why.

    Parameters
    ----------
    fold : int
        Number of the fold, from 0.
    n_candidates : int
        Training rows before anything is removed.
    n_purged : int
        Of those, rows whose label interval overlaps that of a test row.
    n_embargoed : int
        Of those, rows that were removed by the embargo alone.
    n_train, n_test : int
        Training rows that are left, and test rows.
    test_start, test_end : int
        From the first test sample to the time at which the last test label is known, in seconds; half-open.

    Examples
    --------
    >>> from livermore.ml.validation import PurgedSplit
    >>> (audit,) = PurgedSplit(time=range(0, 10), label_time=range(3, 13), test_size=0.3).audit()
    >>> audit.n_candidates - audit.n_purged - audit.n_embargoed == audit.n_train
    True
    >>> audit.test_start, audit.test_end
    (7, 12)
    """

    fold: int
    n_candidates: int
    n_purged: int
    n_embargoed: int
    n_train: int
    n_test: int
    test_start: int
    test_end: int


@dataclass(frozen=True, eq=False)
class Fold:
    """One fold: training rows, test rows, and the numbers of removed rows.

    Parameters
    ----------
    train, test : ndarray of int64
        Row numbers, in increasing order of time.
    audit : SplitAudit
        Counts and times of the fold.

    Examples
    --------
    >>> from livermore.ml.validation import PurgedSplit
    >>> (fold,) = PurgedSplit(time=range(0, 10), label_time=range(3, 13), test_size=0.3).folds()
    >>> fold.train.tolist(), fold.test.tolist(), fold.audit.n_purged
    ([0, 1, 2, 3, 4], [7, 8, 9], 2)
    """

    train: Integers
    test: Integers
    audit: SplitAudit


def separate(windows: LabelWindows, candidates: Integers, test: Integers, embargo: int, number: int) -> Fold:
    """Purge and embargo the candidates against the test rows.

    All splitters remove training rows by this function.
    """
    tested, offered = windows.take(test), windows.take(candidates)
    overlapping = offered.overlaps(tested)
    too_near = offered.overlaps(tested, embargo=embargo)
    train = candidates[~too_near]
    audit = SplitAudit(
        fold=number,
        n_candidates=candidates.size,
        n_purged=int(overlapping.sum()),
        n_embargoed=int((too_near & ~overlapping).sum()),
        n_train=train.size,
        n_test=test.size,
        test_start=int(tested.start.min()),
        test_end=int(tested.end.max()),
    )
    return Fold(train=train, test=test, audit=audit)
