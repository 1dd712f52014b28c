"""Splitters for scikit-learn that purge by real label intervals, and the check that a split does not leak."""

from livermore.ml.validation._audit import Fold, SplitAudit
from livermore.ml.validation._base import BasePurgedSplitter
from livermore.ml.validation._combinatorial import CombinatorialPurgedKFold
from livermore.ml.validation._leakage import LeakageError, assert_no_leakage, leaking_rows
from livermore.ml.validation._nested import with_purged_cv
from livermore.ml.validation._out_of_fold import (
    FittedFold,
    OutOfFold,
    can_learn,
    fit_fold,
    fitted_folds,
    out_of_fold,
    teaching_splits,
)
from livermore.ml.validation._purged_kfold import PurgedKFold
from livermore.ml.validation._purged_split import PurgedSplit
from livermore.ml.validation._samples import LabelledSamples
from livermore.ml.validation._scaling import ScaledFeatures
from livermore.ml.validation._walk_forward import WalkForward

__all__ = [
    "BasePurgedSplitter",
    "CombinatorialPurgedKFold",
    "FittedFold",
    "Fold",
    "LabelledSamples",
    "LeakageError",
    "OutOfFold",
    "PurgedKFold",
    "PurgedSplit",
    "ScaledFeatures",
    "SplitAudit",
    "WalkForward",
    "assert_no_leakage",
    "can_learn",
    "fit_fold",
    "fitted_folds",
    "leaking_rows",
    "out_of_fold",
    "teaching_splits",
    "with_purged_cv",
]
