"""Single feature importance: the loss of the estimator with one feature alone."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from livermore.ml.evidence import per_sample_loss
from livermore.ml.importance._evaluation import FeatureScore, constant_prediction, forward_folds, loss_scale, scored
from livermore.ml.parallel import FitExecutor, executor_for
from livermore.ml.tasks import Task, with_feature_names, without_features
from livermore.ml.validation import BasePurgedSplitter, LabelledSamples, fitted_folds

__all__ = ["single_feature_importance"]


def single_feature_importance(
    task: Task,
    estimator: Any,
    samples: LabelledSamples,
    feature_names: Sequence[str],
    *,
    splitter: BasePurgedSplitter | None = None,
    n_jobs: int | None = None,
    executor: FitExecutor | None = None,
) -> list[FeatureScore]:
    """Score features by how much better than a constant the estimator predicts from each of them alone.

    Parameters
    ----------
    task, estimator, samples, feature_names, splitter, n_jobs, executor
        As for `permutation_importance`.

    Returns
    -------
    list of FeatureScore
        Best first. Negative if a constant predicts better.

    Notes
    -----
    López de Prado, *Advances in Financial Machine Learning* (2018), section 8.4.1. No substitution effects, and no
    interactions between features. The constant is the mean of the training rows, or the shares of their classes.

    Examples
    --------
    >>> from sklearn.linear_model import LogisticRegression
    >>> from livermore.ml.tasks import task_named
    >>> X, time = np.random.default_rng(0).standard_normal((300, 2)), 60 * np.arange(300)
    >>> samples = LabelledSamples(X, (X[:, 0] > 0).astype(int), time, time + 300)
    >>> single_feature_importance(task_named("binary"), LogisticRegression(), samples, ["signal", "noise"])[0].features
    ('signal',)
    """
    chosen = splitter or forward_folds(samples)
    named = with_feature_names(estimator, feature_names)
    training_rows = {int(test[0]): train for train, test in chosen.split(samples.X)}
    differences, rows = [], np.empty(0, dtype=np.int64)
    with executor_for(estimator, n_jobs, executor) as running:
        for k in range(len(feature_names)):
            alone = samples.columns([k])
            reduced = without_features(named, *(name for name in feature_names if name != feature_names[k]))
            folds = fitted_folds(task, reduced, alone, chosen, executor=running)
            rows = np.concatenate([fold.test for fold in folds])
            parts = []
            for fold in folds:
                y = samples.y[fold.test]
                constant = constant_prediction(task, samples.y[training_rows[int(fold.test[0])]], y.size)
                known = per_sample_loss(y, fold.predict(task, alone.X[fold.test]))
                parts.append(per_sample_loss(y, constant) - known)
            differences.append(np.concatenate(parts))
    return scored([(name,) for name in feature_names], differences, rows, samples.windows, loss_scale(task, samples.y))
