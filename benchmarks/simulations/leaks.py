"""What leaks between folds with and without purging: figures that need no training of a model's evidence."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from sklearn.model_selection import KFold, cross_val_score
from sklearn.neighbors import KNeighborsClassifier

from livermore.ml.validation import CombinatorialPurgedKFold, PurgedKFold, WalkForward, leaking_rows
from livermore.testing import random_label_sets
from simulations.samples import BAR

__all__ = ["flattered", "leaking_share", "pooled_leaks"]


def flattered(random: np.random.Generator) -> dict[str, float | bool | None]:
    """Score noise with long labels and slow features by its area under the ROC curve on three kinds of folds."""
    n = 800
    outcome = np.convolve(random.standard_normal(n + 49), np.ones(50), "valid") > 0
    X = np.cumsum(random.standard_normal((n, 5)), axis=0)
    time = BAR * np.arange(n, dtype=np.int64)
    folds: dict[str, Any] = {
        "shuffled": KFold(5, shuffle=True, random_state=0),
        "chronological": KFold(5),
        "purged": PurgedKFold(time, time + 50 * BAR, 5, embargo=20 * BAR),
    }
    model = KNeighborsClassifier(5)
    return {
        name: float(np.nanmean(cross_val_score(model, X, outcome, cv=cv, scoring="roc_auc")))
        for name, cv in folds.items()
    }


def pooled_leaks(random: np.random.Generator) -> dict[str, float | bool | None]:
    """Return the share of training rows that leak where ten symbols are pooled, on plain and on purged folds."""
    bars = np.repeat(np.arange(96, dtype=np.int64) * 3600, 10)
    known = bars + 3600 * 12
    return {
        "plain": leaking_share(KFold(4).split(bars), bars, known),
        "purged": leaking_share(PurgedKFold(bars, known, 4).split(bars), bars, known),
    }


def leaking_share(splits: Iterator[Any], time: Any, label_time: Any) -> float:
    """Return the share of the training rows that leak, over all folds."""
    leaks = total = 0
    for train, test in splits:
        leaks += leaking_rows(train, test, time, label_time).size
        total += train.size
    return leaks / total


def random_labels(random: np.random.Generator) -> dict[str, float | bool | None]:
    """Count training rows that leak in all splitters, over twenty random sets of label intervals."""
    leaks = folds = 0
    for time, known, embargo in random_label_sets(20, seed=int(random.integers(2**31))):
        for splitter in (
            PurgedKFold(time, known, 4, embargo=embargo),
            WalkForward(time, known, 3, embargo=embargo),
            CombinatorialPurgedKFold(time, known, 5, 2, embargo=embargo),
        ):
            for train, test in splitter.split():
                leaks += leaking_rows(train, test, time, known, embargo).size
                folds += 1
    return {"leaking rows": float(leaks), "folds": float(folds)}
