"""The ranking of candidate models, on the training part alone."""

from collections.abc import Mapping, Sequence
from typing import Any

from livermore.ml.evidence import holm, long_run_test, per_sample_loss, skill_test
from livermore.ml.tasks import Task, with_feature_names
from livermore.ml.validation import LabelledSamples, PurgedKFold, out_of_fold

__all__ = ["rank_models"]

N_FOLDS = 5


def rank_models(
    task: Task,
    estimators: Mapping[str, Any],
    train: LabelledSamples,
    *,
    embargo: int = 0,
    n_jobs: int | None = None,
    feature_names: Sequence[str] = (),
) -> list[dict[str, Any]]:
    """Rank estimators by their out-of-fold loss on the training part.

    Parameters
    ----------
    task : Task
        The meaning of the labels.
    estimators : mapping of str to estimator
        Unfitted, by name.
    train : LabelledSamples
        The training part.
    embargo : int
        As for `PurgedKFold`.
    n_jobs : int, optional
        Number of workers, as in joblib; None is all cores if the fits take long enough.
    feature_names : sequence of str
        Names of the columns, for estimators that select features by name.

    Returns
    -------
    list of dict
        Best first: `name`, `rank`, `loss` (Brier score, or squared error), `statistic` (area under the ROC curve, or
        rank correlation), `p_value` of its skill, `p_adjusted` for the number of models (Holm), `behind` (loss above
        the best's), `behind_error` (standard error of that) and `tied` (not significantly worse than the best).

    Notes
    -----
    All models are fitted on the same folds. Choosing the best one does not inflate the metrics of the test part, which
    none was fitted on; it does inflate the out-of-fold metrics, hence the correction here.
    """
    splitter = PurgedKFold(train.time, train.label_time, n_splits=N_FOLDS, embargo=embargo)
    predicted = {
        name: out_of_fold(task, with_feature_names(model, feature_names), train, splitter, n_jobs)
        for name, model in estimators.items()
    }
    losses = {name: per_sample_loss(oof.y, oof.prediction) for name, oof in predicted.items()}
    order = sorted(losses, key=lambda name: float(losses[name].mean()))
    tests = [skill_test(predicted[name].y, predicted[name].prediction) for name in order]
    adjusted = holm([test.p_value for test in tests])
    best = order[0]
    rows = []
    for place, (name, test, p_adjusted) in enumerate(zip(order, tests, adjusted, strict=True)):
        gap, error, p_gap = long_run_test(losses[name] - losses[best], predicted[name].windows)
        rows.append(
            {
                "name": name,
                "rank": place + 1,
                "loss": float(losses[name].mean()),
                "statistic": test.statistic,
                "p_value": test.p_value,
                "p_adjusted": float(p_adjusted),
                "behind": gap,
                "behind_error": error,
                "tied": p_gap > 0.05,
            }
        )
    return rows
