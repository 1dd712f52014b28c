"""What a split did to its training rows: one object, made once, which `split` and the report both read."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from livermore.ml.labels import LabelWindows

__all__ = ["Fold", "SplitAudit", "separate"]

Rows = npt.NDArray[np.int64]


@dataclass(frozen=True)
class SplitAudit:
    """How many rows one fold's training side lost, and to what.

    Parameters
    ----------
    fold : int
        Number of the fold, from 0.
    n_candidates : int
        Rows that the scheme itself would train on.
    n_purged : int
        Of those, rows whose label interval overlaps that of a test row.
    n_embargoed : int
        Of those, rows that only the embargo removed.
    n_train, n_test : int
        Rows left to train on, and rows to test on.
    test_start, test_end : int
        From the first test sample to the moment that the last test label is known, in seconds; half-open.
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
    """One fold: rows to train on, rows to test on, and what became of the others.

    Parameters
    ----------
    train, test : ndarray of int64
        Row numbers, in increasing order of time.
    audit : SplitAudit
        Counts and times of the fold.
    """

    train: Rows
    test: Rows
    audit: SplitAudit


def separate(windows: LabelWindows, candidates: Rows, test: Rows, embargo: int, number: int) -> Fold:
    """Purge and embargo the candidates against the test rows.

    The single place where training rows are removed; every splitter ends here.
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
