"""`train_model`: train an estimator on samples, and report what it is worth."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from livermore.errors import DatasetError
from livermore.frames import is_frame
from livermore.ml.dataset import Dataset

if TYPE_CHECKING:
    from livermore.ml.result import TrainingResult

__all__ = ["as_dataset", "train_model"]


def train_model(
    data: Sequence[Mapping[str, Any]] | Mapping[str, Any] | Dataset,
    estimator: Any,
    task: str = "binary",
    test_ratio: float = 0.2,
    save_to: str | Path | None = None,
    verbose: bool = True,
    name: str | None = None,
    *,
    importance: bool = True,
    impact: bool = True,
    purge: bool = True,
    evidence: bool = True,
    judge_features: bool = True,
    forward: bool = True,
    volatility_features: Sequence[str] = (),
    embargo: int = 0,
    calibrate: str | None = None,
    unique_weights: bool = False,
    weight_metrics: bool = False,
    cost: float = 0.0,
    n_jobs: int | None = None,
    safe: bool = False,
    user_ledger: bool = True,
    dtype: str = "float64",
) -> "TrainingResult":
    """Train an estimator on gathered samples, and report what it is worth on samples that it has not seen.

    Parameters
    ----------
    data : list of dict, Dataset, frame, or what `gather_ml_data` returned
        The samples. A frame of pandas, Polars or Arrow needs a column ``label``; see `Dataset.from_frame`, which also
        takes labels of other names.
    estimator : estimator
        Any of scikit-learn's kind. A copy of it is fitted, on scaled features. For "binary" and "multiclass" it needs
        `predict_proba`. One that selects features by name (`ColumnTransformer`) is given a data frame, with pandas.
    task : {"binary", "multiclass", "regression"}
        The meaning of the labels: above zero or not; whole numbers that are classes; numbers whose size matters.
    test_ratio : float
        Share of the samples, the latest, on which the model is tested.
    save_to : path-like, optional
        The strategy's folder: ``model.pkl``, ``scaler.pkl`` and ``feature_importance.pkl`` as Jesse reads them, and a
        manifest that is checked when the strategy loads them.
    verbose : bool
        Whether to print the report.
    name : str, optional
        What the model is called in the report; by default the name of the folder in `save_to`.
    importance : bool
        Whether to compute the four-method table (proxies).
    impact : bool
        Whether to refit the estimator without each feature.
    purge : bool
        Whether to leave out training samples whose labels became known only in the test period, and to run searches and
        calibrators inside the estimator on purged folds.
    evidence : bool
        Whether to add what says how far the figures can be trusted: `verdict`, `intervals`, `feature_verdicts`,
        `threshold_table`, `diagnostics`. It costs five more fits of the estimator on folds of the earlier samples,
        and the refits of `forward`.
    judge_features : bool
        Whether that includes the verdicts on features. They take six fits, and six for each of at most eight clusters
        of features, if the model is shown to predict, and none if not.
    forward : bool
        Whether the verdict rests on six refits forward in time, each on what was known when the block that it predicts
        began (nine where the ledger knows that nothing was chosen on these days). They judge the later half of the
        samples, and choices look at the earlier half alone. Without, the verdict rests on the test set and the final
        model, which takes no refit and finds less.
    volatility_features : sequence of str
        Features that measure volatility: the report says whether the model predicts more than they do.
    embargo : int
        Seconds after each test block of the inner folds in which no training sample may start; as long as the
        features look back is honest.
    calibrate : {"sigmoid", "isotonic"}, optional
        Calibrate the probabilities on purged folds of the training part.
    unique_weights : bool
        Whether to weight training samples by the average uniqueness of their labels. Of several symbols, see
        `livermore.ml.labels.pooled_uniqueness`.
    weight_metrics : bool
        Whether metrics, their intervals and `feature_impact` weight the test samples in the same way, times their
        recorded weights. Counts, calibration, thresholds and the verdict are never weighted.
    cost : float
        Cost of acting on a signal beyond what its payoff includes, as a fraction.
    n_jobs : int, optional
        Number of worker processes or threads, as in joblib. None is what `joblib.parallel_config` sets, else all cores,
        which are used only if the fits take long enough. Results do not depend on it.
    safe : bool
        Whether to save without pickle (extra ``skops``): such a folder loads anywhere without being trusted, and Jesse
        cannot read it.
    user_ledger : bool
        Whether to count this evaluation, and others on the same days, in the user's ledger as well as in that of the
        folder; see ``docs/ledger.md``. ``LIVERMORE_LEDGER=off`` switches it off everywhere.
    dtype : {"float64", "float32"}
        With "float32" scaled features are rounded to 32 bits, which halves the memory of a fit. The rounding is the
        first step of the saved model, so that every prediction is made as in training.

    Returns
    -------
    TrainingResult
        A dict with `model`, `scaler`, `feature_names`, `metrics`, `feature_importance`, `feature_impact`,
        `train_test_info`, for "binary" `calibration` and `class_weights`; with `evidence` the keys named there; and
        `best_params` if a search inside the estimator has chosen hyperparameters.

    Raises
    ------
    TrainingError
        If the task is unknown, or nothing can be learned: too few samples, a single class.
    EstimatorError
        If the estimator does not fit the task, or its fit fails.
    DatasetError, FeatureError
        If the samples cannot be used; sample and feature are named.
    ModelError
        If the model cannot be saved to the folder, which is found out before it is trained.

    Warns
    -----
    LivermoreWarning
        If the samples do not say when their labels became known, so that nothing can be purged.

    Examples
    --------
    >>> import numpy as np
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
    >>> result = train_model(samples, LogisticRegression(), verbose=False)
    >>> result["metrics"]["roc_auc"] > 0.7, result["feature_impact"][0]["feature"]
    (True, 'momentum')
    """
    from livermore.ml.tasks import task_named
    from livermore.ml.training import TrainingOptions, train

    chosen = task_named(task)
    folder = None if save_to is None else Path(save_to)
    title = name if name is not None else folder.resolve().name if folder is not None else ""
    options = TrainingOptions(
        test_ratio=test_ratio,
        importance=importance,
        impact=impact,
        purge=purge,
        assess=evidence,
        judge_features=judge_features,
        forward=forward,
        volatility_features=_names(volatility_features),
        embargo=embargo,
        calibrate=calibrate,
        unique_weights=unique_weights,
        weight_metrics=weight_metrics,
        cost=cost,
        n_jobs=n_jobs,
        title=title,
        verbose=verbose,
        save_to=folder,
        safe=safe,
        user_ledger=user_ledger,
        dtype=dtype,
    )
    return train(as_dataset(data), estimator, chosen, options)


def _names(given: Any) -> Any:
    """Return several values as a tuple, and what is none of that as it is, which is refused later.

    A text is no list of names, although each of its letters might be one.
    """
    return tuple(given) if isinstance(given, Iterable) and not isinstance(given, str | bytes) else given


def as_dataset(data: Any) -> Dataset:
    """Turn whatever holds samples into a data set."""
    if isinstance(data, Dataset):
        return data
    if isinstance(data, Mapping) and "data_points" in data:
        return Dataset.from_samples(data["data_points"])
    if isinstance(data, tuple) and len(data) == 2:
        raise DatasetError(
            "data must be samples, a data set or a frame, not a pair of features and labels. Use "
            "Dataset.from_frame(features, label, time=…, label_time=…)."
        )
    if isinstance(data, str | Path):
        raise DatasetError(f"data must be samples, not a path: train_model(load_ml_data_csv({str(data)!r}), …).")
    if is_frame(data):
        return Dataset.from_frame(data)
    return Dataset.from_samples(data)
