"""Permutation and drop-column importance, with the user's own estimator, on walk-forward folds."""

import copy
import functools
from collections.abc import Sequence
from typing import Any

import numpy as np

from livermore.ml.evidence import per_sample_loss
from livermore.ml.importance._evaluation import FeatureScore, forward_folds, loss_scale, scored
from livermore.ml.parallel import FitExecutor, executor_for
from livermore.ml.tasks import Prediction, Task, with_feature_names, without_features
from livermore.ml.validation import (
    BasePurgedSplitter,
    FittedFold,
    LabelledSamples,
    fit_fold,
    fitted_folds,
    teaching_splits,
)
from livermore.typing import Floats, Integers

__all__ = ["drop_column_importance", "fold_losses", "permutation_importance", "skipped_copy"]


def permutation_importance(
    task: Task,
    estimator: Any,
    samples: LabelledSamples,
    feature_names: Sequence[str],
    *,
    splitter: BasePurgedSplitter | None = None,
    groups: Sequence[Sequence[int]] | None = None,
    n_repeats: int = 5,
    random_state: int = 0,
    n_jobs: int | None = None,
    executor: FitExecutor | None = None,
) -> list[FeatureScore]:
    """Score features by how much worse the model predicts when their values are shuffled (mean decrease accuracy).

    Parameters
    ----------
    task : Task
        What the labels mean.
    estimator : estimator
        Unfitted; one copy is fitted per fold.
    samples : LabelledSamples
        The training part.
    feature_names : sequence of str
        Names of the columns of X.
    splitter : BasePurgedSplitter, optional
        By default walk-forward folds; `forward_folds` gives the reason.
    groups : sequence of sequences of int, optional
        Columns that are shuffled together, such as clusters of correlated features; by default each alone.
    n_repeats : int
        Number of times that each is shuffled; the losses are averaged.
    random_state : int
        Seed of the shuffling.
    n_jobs : int, optional
        Number of workers, as in joblib; None is all cores if the fits take long enough. The result does not depend on
        it.
    executor : FitExecutor, optional
        A running executor, instead of `n_jobs`.

    Returns
    -------
    list of FeatureScore
        Best first.

    Notes
    -----
    López de Prado, *Advances in Financial Machine Learning* (2018), section 8.3.2; clustered: *Machine Learning for
    Asset Managers* (2020), section 6.5.2. While one of two correlated features is shuffled, the model still has the
    other, so both get too low an importance: shuffle them as one group.

    Examples
    --------
    >>> from sklearn.linear_model import LogisticRegression
    >>> from livermore.ml.tasks import task_named
    >>> X, time = np.random.default_rng(0).standard_normal((300, 2)), 60 * np.arange(300)
    >>> samples = LabelledSamples(X, (X[:, 0] > 0).astype(int), time, time + 300)
    >>> scores = permutation_importance(task_named("binary"), LogisticRegression(), samples, ["signal", "noise"])
    >>> scores[0].features, scores[0].p_value < 0.01
    (('signal',), True)
    """
    columns = [[k] for k in range(len(feature_names))] if groups is None else [list(group) for group in groups]
    chosen = splitter or forward_folds(samples)
    estimator = with_feature_names(estimator, feature_names)
    splits = teaching_splits(task, samples, chosen)
    random = np.random.default_rng(random_state)
    generators = [skipped_copy(random, len(test), n_repeats * len(columns)) for _, test in splits]
    losses_of = functools.partial(fold_losses, task, estimator, samples, int(chosen.embargo), columns, n_repeats)
    with executor_for(estimator, n_jobs, executor) as running:
        parts = [grown for _, grown in running.map(losses_of, *zip(*splits, strict=True), generators)]
    differences = [np.concatenate([part[k] for part in parts]) for k in range(len(columns))]
    names = [tuple(feature_names[k] for k in group) for group in columns]
    rows = np.concatenate([test for _, test in splits])
    return scored(names, differences, rows, samples.windows, loss_scale(task, samples.y))


def drop_column_importance(
    task: Task,
    estimator: Any,
    samples: LabelledSamples,
    feature_names: Sequence[str],
    *,
    splitter: BasePurgedSplitter | None = None,
    n_jobs: int | None = None,
    executor: FitExecutor | None = None,
) -> list[FeatureScore]:
    """Score features by how much worse the model predicts when it is trained without them.

    Parameters
    ----------
    task, estimator, samples, feature_names, splitter, n_jobs, executor
        As for `permutation_importance`.

    Returns
    -------
    list of FeatureScore
        Best first. Empty if there is one feature only.

    Notes
    -----
    One fit per fold and feature. A noise feature increases the variance of the model slightly, so without it the loss
    is slightly lower: a small negative importance is expected for features without information.

    Examples
    --------
    >>> from sklearn.linear_model import LogisticRegression
    >>> from livermore.ml.tasks import task_named
    >>> X, time = np.random.default_rng(0).standard_normal((300, 2)), 60 * np.arange(300)
    >>> samples = LabelledSamples(X, (X[:, 0] > 0).astype(int), time, time + 300)
    >>> drop_column_importance(task_named("binary"), LogisticRegression(), samples, ["signal", "noise"])[0].features
    ('signal',)
    """
    if len(feature_names) < 2:
        return []
    chosen = splitter or forward_folds(samples)
    estimator = with_feature_names(estimator, feature_names)
    differences = []
    with executor_for(estimator, n_jobs, executor) as running:
        with_all = fitted_folds(task, estimator, samples, chosen, executor=running)
        base = _losses(task, with_all, samples)
        for k in range(len(feature_names)):
            others = samples.columns([j for j in range(len(feature_names)) if j != k])
            reduced = without_features(estimator, feature_names[k])
            without = fitted_folds(task, reduced, others, chosen, executor=running)
            differences.append(_losses(task, without, others) - base)
    rows = np.concatenate([fold.test for fold in with_all])
    names = [(name,) for name in feature_names]
    return scored(names, differences, rows, samples.windows, loss_scale(task, samples.y))


def skipped_copy(random: np.random.Generator, n: int, count: int) -> np.random.Generator:
    """Return a copy of a generator, and advance the original by `count` permutations of n."""
    copied = copy.deepcopy(random)
    for _ in range(count):
        random.permutation(n)
    return copied


def fold_losses(
    task: Task,
    estimator: Any,
    samples: LabelledSamples,
    embargo: int,
    columns: list[list[int]],
    n_repeats: int,
    train: Integers,
    test: Integers,
    random: np.random.Generator,
) -> tuple[Floats, list[Floats]]:
    """Fit one fold, and return each test sample's loss, and its increase for each shuffled group of columns."""
    fold = fit_fold(estimator, samples, embargo, train, test)
    unshuffled = per_sample_loss(samples.y[test], fold.predict(task, samples.X[test]))
    grown = [_shuffled_loss(task, fold, samples, group, n_repeats, random) - unshuffled for group in columns]
    return unshuffled, grown


def _shuffled_loss(
    task: Task,
    fold: FittedFold,
    samples: LabelledSamples,
    group: list[int],
    n_repeats: int,
    random: np.random.Generator,
) -> Floats:
    """Return the loss of each test sample when a group of columns is shuffled, averaged over the repeats."""
    X, y = samples.X[fold.test], samples.y[fold.test]
    shuffled = np.concatenate([X] * n_repeats)
    for i in range(n_repeats):
        part = slice(i * len(X), (i + 1) * len(X))
        shuffled[part, group] = X[random.permutation(len(X))][:, group]
    losses = per_sample_loss(np.tile(y, n_repeats), fold.predict(task, shuffled))
    return np.asarray(losses.reshape(n_repeats, len(X)).mean(axis=0))


def _losses(task: Task, folds: list[FittedFold], samples: LabelledSamples) -> Floats:
    """Return the loss of each test sample of all folds."""

    def of(fold: FittedFold) -> Floats:
        prediction: Prediction = fold.predict(task, samples.X[fold.test])
        return per_sample_loss(samples.y[fold.test], prediction)

    return np.concatenate([of(fold) for fold in folds])
