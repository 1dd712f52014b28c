"""Splitters for scikit-learn that purge by real label intervals, and the check that a split does not leak."""

from livermore.ml.validation._audit import Fold, SplitAudit
from livermore.ml.validation._base import BasePurgedSplitter
from livermore.ml.validation._combinatorial import CombinatorialPurgedKFold
from livermore.ml.validation._leakage import LeakageError, assert_no_leakage, leaking_rows
from livermore.ml.validation._nested import with_purged_cv
from livermore.ml.validation._purged_kfold import PurgedKFold
from livermore.ml.validation._purged_split import PurgedSplit
from livermore.ml.validation._walk_forward import WalkForward

__all__ = [
    "BasePurgedSplitter",
    "CombinatorialPurgedKFold",
    "Fold",
    "LeakageError",
    "PurgedKFold",
    "PurgedSplit",
    "SplitAudit",
    "WalkForward",
    "assert_no_leakage",
    "leaking_rows",
    "with_purged_cv",
]
