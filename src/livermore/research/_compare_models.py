"""`compare_models`: choose a model on the training set, so that only the winner is evaluated on the test set."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from livermore.console import print_text
from livermore.errors import TrainingError

if TYPE_CHECKING:
    from livermore.ml.dataset import Dataset
    from livermore.ml.result import TrainingResult

__all__ = ["compare_models"]


def compare_models(
    data: "Sequence[Mapping[str, Any]] | Mapping[str, Any] | Dataset",
    estimators: Mapping[str, Any],
    task: str = "binary",
    test_ratio: float = 0.2,
    save_to: str | Path | None = None,
    verbose: bool = True,
    name: str | None = None,
    *,
    embargo: int = 0,
    n_jobs: int | None = None,
    **options: Any,
) -> "TrainingResult":
    """Choose the best of several estimators on the training set, and train and test that one.

    Parameters
    ----------
    data : list of dict, Dataset, or what `gather_ml_data` returned
        The samples.
    estimators : mapping of str to estimator
        Candidates by name; searches such as `GridSearchCV` may be among them.
    task, test_ratio, save_to, verbose, name
        As for `train_model`.
    embargo : int
        Seconds after each test block of the inner folds in which no training sample may start.
    n_jobs : int, optional
        As joblib takes it.
    **options
        Further keywords of `train_model`.

    Returns
    -------
    TrainingResult
        Of the winner, as `train_model` returns it, plus ``ranking``: a list of dict, best first, with `name`, `score`
        and `loss` of predictions forward in time, `p_value` of these scores and `p_adjusted` for the number of models,
        `behind` the best with its standard error, and `tied`: whether it is in the model confidence set, so that it
        cannot be told from the best (extra ``arch``; None without it). And ``overfitting``: the probability that the
        candidate that is best in one half of the time is below the median in the other (one half is chance).

    Raises
    ------
    TrainingError
        If there is no candidate, or one cannot be trained; the message names it.

    Notes
    -----
    Comparing ten models on the test set and reporting the best one's figures makes noise look like an edge. Here the
    choice is made on the earlier samples, by refits forward in time (`livermore.ml.ranking.rank_models`). The winner's
    evidence from later samples needs no correction for the candidates, which were never evaluated on them, only for
    other evaluations, which the ledger counts. The ledger records that a choice was made on these days.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.dummy import DummyClassifier
    >>> from sklearn.linear_model import LogisticRegression
    >>> rng = np.random.default_rng(0)
    >>> samples = [
    ...     {
    ...         "time": 900 * i,
    ...         "features": {"momentum": x, "noise": rng.standard_normal()},
    ...         "label": {"name": "win", "value": bool(x + rng.standard_normal() > 0)},
    ...         "label_time": 900 * (i + 4),
    ...     }
    ...     for i, x in enumerate(rng.standard_normal(500))
    ... ]
    >>> candidates = {"guess": DummyClassifier(), "logistic": LogisticRegression()}
    >>> result = compare_models(samples, candidates, verbose=False, importance=False)
    >>> [row["name"] for row in result["ranking"]], result["verdict"]["predicts"]
    (['logistic', 'guess'], 'yes')
    """
    from livermore.ml.artifacts import check_writable
    from livermore.ml.dataset import markets_of
    from livermore.ml.evidence import Choice, ledger_for
    from livermore.ml.ranking import rank_models
    from livermore.ml.report import render_training
    from livermore.ml.tasks import task_named
    from livermore.ml.training import training_part
    from livermore.research._train_model import as_dataset, train_model

    if not hasattr(estimators, "items") or not estimators:
        raise TrainingError("There is nothing to compare: pass {name: estimator, …} with at least one candidate.")
    dataset, chosen = as_dataset(data), task_named(task)
    for label, estimator in estimators.items():
        try:
            chosen.check_estimator(estimator)
        except TrainingError as error:
            raise type(error)(f"candidate {label!r}: {error}") from error
    folder = None if save_to is None else Path(save_to)
    if folder is not None:
        check_writable(folder)
    ledger = ledger_for(folder, user=options.get("user_ledger", True))
    ledger.check()
    earlier = training_part(dataset, chosen, test_ratio)
    ranking = rank_models(
        chosen, estimators, earlier, embargo=embargo, n_jobs=n_jobs, feature_names=dataset.feature_names
    )
    ledger.record_choice(Choice.of(earlier.windows, markets_of(dataset), "models"))
    winner = ranking.rows[0]["name"]
    result = train_model(
        dataset,
        estimators[winner],
        task,
        test_ratio,
        save_to,
        False,
        name if name is not None else winner,
        embargo=embargo,
        n_jobs=n_jobs,
        **options,
    )
    result = replace(result, evidence=result.evidence | {"ranking": ranking.rows, "overfitting": ranking.overfitting})
    if verbose:
        print_text(render_training(result, saved_to=save_to))
    return result
