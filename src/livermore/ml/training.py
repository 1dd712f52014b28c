"""The training of a model, from a data set to a result. The order of the steps is defined here and nowhere else."""

import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from sklearn.calibration import CalibratedClassifierCV

from livermore.console import print_text
from livermore.errors import LivermoreWarning, TrainingError
from livermore.ml import sizes
from livermore.ml.artifacts import check_writable, save_model
from livermore.ml.dataset import Dataset
from livermore.ml.forward import ForwardPlan
from livermore.ml.importance import Refits, consensus_table
from livermore.ml.judgement import judging_for
from livermore.ml.metrics import mean
from livermore.ml.options import TrainingOptions
from livermore.ml.parallel import FitExecutor, FitFuture, executor_for
from livermore.ml.result import DataSummary, PartSamples, SplitSamples, TrainingResult, sizes_and_dates
from livermore.ml.split import SplitPart, TrainTestSplit, check_missing
from livermore.ml.tasks import (
    DTYPES,
    Prediction,
    Proxies,
    Task,
    chosen_parameters,
    fit,
    in_single_precision,
    input_dtype,
    weight_parameter,
    with_feature_names,
)
from livermore.ml.validation import LabelledSamples, with_purged_cv
from livermore.progress import ProgressBar
from livermore.typing import Floats

__all__ = ["TrainingOptions", "train", "training_part"]

CALIBRATIONS = ("sigmoid", "isotonic")


def train(data: Dataset, estimator: Any, task: Task, options: TrainingOptions) -> TrainingResult:
    """Split, scale, rank features, fit, evaluate, report and save.

    Parameters
    ----------
    data : Dataset
        All samples.
    estimator : estimator
        Unfitted; a copy of it is fitted.
    task : Task
        The meaning of the labels.
    options : TrainingOptions
        The options of the training.

    Returns
    -------
    TrainingResult

    Raises
    ------
    EstimatorError
        If the estimator does not suit the task, or its fit fails.
    TrainingError
        If nothing can be learned: too few samples, an empty part, a single class.
    FeatureError
        If values are missing and the estimator cannot handle missing values.
    ModelError
        If the model cannot be saved; that the folder can be written to is checked before the training.

    Examples
    --------
    >>> from livermore.ml.dataset import Dataset
    >>> from livermore.testing import example_samples
    >>> data = Dataset.from_samples(example_samples())
    >>> from sklearn.linear_model import LogisticRegression
    >>> from livermore.ml.tasks import Binary
    >>> options = TrainingOptions(importance=False, impact=False, assess=False)
    >>> train(data, LogisticRegression(), Binary(), options)["feature_names"]
    ['change']
    """
    task.check_estimator(estimator)
    check_missing(data, estimator)
    split = TrainTestSplit.chronological(data, task, options.test_ratio, purge=options.purge)
    notes = list(split.notes)
    if options.save_to is not None:
        check_writable(options.save_to)
    steps = _Steps()
    estimator = _rounding(with_feature_names(_calibrated(estimator, task, options), data.feature_names), options, notes)
    dtype = input_dtype(estimator)
    weight = _training_weight(split.train, estimator, options)
    judging = judging_for(task, estimator, data, split, options, weighted=weight is not None)
    purged = _purged_inside(estimator, split.train.samples(weight), options, notes)
    with (
        ProgressBar("Training", "fits", enabled=options.verbose) as bar,
        executor_for(purged, options.n_jobs) as executor,
    ):
        executor.report_to(bar)
        # Workers may start these at once. Their metrics on the test part are read after the full model's.
        refits = _submit_refits(executor, split, task, purged, weight, options)
        table = _submit_table(executor, split, task, options, notes)
        forward = judging.submit(executor)
        with steps.measured("choices"):
            choices = judging.choose(executor)
        with steps.measured("fit"):
            model = executor.run(_fit, purged, split.train, weight)
            best_params = _best_params(model, notes)
        with steps.measured("assessment"):
            # The test part is predicted here for the first time, after all choices have been made.
            prediction = task.predict(model, split.test.scaled(dtype).all())
            test_weight = _test_weight(split.test, options, notes)
            assessment = judging.assess(model, prediction, test_weight, choices, forward, executor)
        with steps.measured("impact"):
            baseline = task.headline.per_sample(split.test.y, prediction.values)
            impact = None if refits is None else refits.impact(baseline, test_weight)
        with steps.measured("importance"):
            importance = None if table is None else table.result()
    notes += [] if assessment is None else assessment.notes
    notes += _approximations(len(split.train.y), options)
    metrics = task.metrics(split.test.y, prediction, test_weight)
    tables = task.tables(split.train.y, split.test.y, prediction)
    if assessment is not None:
        metrics = {**metrics, **{name: v for name, v in assessment.found.metrics.items() if name not in metrics}}
        if assessment.calibration is not None:
            tables["calibration"] = assessment.calibration
    result = TrainingResult(
        model=model,
        scaler=split.scaler,
        feature_names=list(data.feature_names),
        metrics=metrics,
        feature_importance=importance,
        feature_impact=impact,
        train_test_info=sizes_and_dates(split.train.data, split.test.data),
        task=task.name,
        headline={
            "name": task.headline.name,
            "title": task.headline.title,
            "greater_is_better": task.headline.greater_is_better,
            "value": mean(baseline, test_weight),
        },
        importance_titles={"f": task.proxies.f_title, "score": task.proxies.score_title},
        data=DataSummary.of(data, task, split),
        best_params=best_params,
        missing_values="allow" if split.train.data.missing() else "refuse",
        tables=tables,
        evidence={} if assessment is None else assessment.keys_for_result(),
        thresholds=task.thresholds(split.test.y, prediction),
        seconds=steps.seconds,
        notes=tuple(notes),
        title=options.title,
        samples=_samples(split, prediction),
    )
    if options.save_to is not None:
        save_model(result, options.save_to, safe=options.safe)
    if options.verbose:
        from livermore.ml.report import render_training

        print_text(render_training(result, saved_to=options.save_to))
    return result


def training_part(data: Dataset, task: Task, test_ratio: float) -> LabelledSamples:
    """Return the samples that choices may look at before `train`: those that its verdict does not rest on.

    Parameters
    ----------
    data : Dataset
        All samples.
    task : Task
        The meaning of the labels.
    test_ratio : float
        Share of the samples, the latest, that form the test part.

    Returns
    -------
    LabelledSamples
        The earlier half, or what precedes the test part if that is less, without samples whose labels became known
        later.

    Examples
    --------
    >>> from livermore.ml.dataset import Dataset
    >>> from livermore.testing import example_samples
    >>> data = Dataset.from_samples(example_samples())
    >>> from livermore.ml.tasks import Binary
    >>> len(training_part(data, Binary(), test_ratio=0.2).y) < len(data)
    True
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", LivermoreWarning)
        split = TrainTestSplit.chronological(data, task, test_ratio, purge=TrainingOptions.purge)
    whole = SplitPart(data, task.encode(data.labels), data.X).samples(data.weight)
    rows = np.intersect1d(ForwardPlan.of(whole, test_ratio).choice_rows, split.rows[0])
    return whole.take(rows)


class _Steps:
    """Measures the duration of each step, in seconds."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def measured(self, step: str) -> Iterator[None]:
        """Measure a step in a `with` statement."""
        start = time.perf_counter()
        yield
        self.seconds[step] = time.perf_counter() - start


def _calibrated(estimator: Any, task: Task, options: TrainingOptions) -> Any:
    """Wrap the estimator so that its probabilities are calibrated, if that is asked for."""
    if options.calibrate is None:
        return estimator
    if options.calibrate not in CALIBRATIONS:
        raise TrainingError(f"calibrate must be None, 'sigmoid' or 'isotonic', not {options.calibrate!r}.")
    if not task.is_classifier:
        raise TrainingError(f"calibrate is for probabilities, and task={task.name!r} predicts none.")
    return CalibratedClassifierCV(estimator, method=options.calibrate, cv=5, ensemble=False)


def _rounding(estimator: Any, options: TrainingOptions, notes: list[str]) -> Any:
    """Have the model round its features to 32 bits, if that is asked for, and note it."""
    if options.dtype not in DTYPES:
        raise TrainingError(f"dtype must be 'float64' or 'float32', not {options.dtype!r}.")
    if options.dtype == "float64":
        return estimator
    notes.append(
        "The model rounds scaled features to 32 bits, in training and in every prediction; what is measured without a "
        "model (importance table, diagnostics, baselines) has 64 bits."
    )
    return in_single_precision(estimator)


def _fit(estimator: Any, train: SplitPart, weight: Floats | None) -> Any:
    """Fit the model on the training part."""
    return fit(estimator, train.scaled(input_dtype(estimator)).all(), train.y, weight)


def _training_weight(train: SplitPart, estimator: Any, options: TrainingOptions) -> Floats | None:
    """Return the weights of the training samples; warn if the estimator cannot use them."""
    weight = train.uniqueness_weights() if options.unique_weights else train.data.weight
    if weight is not None and weight_parameter(estimator) is None:
        warnings.warn(
            f"{type(estimator).__name__}.fit takes no sample_weight: the weights of the samples are left out.",
            LivermoreWarning,
            stacklevel=4,
        )
        return None
    return weight


def _purged_inside(estimator: Any, samples: LabelledSamples, options: TrainingOptions, notes: list[str]) -> Any:
    """Give searches and calibrators inside the estimator purged folds of the training part."""
    purged, replaced = with_purged_cv(estimator, samples.time, samples.label_time, options.embargo)
    if replaced and options.purge:
        notes.append(f"The cross-validation inside the estimator ({', '.join(replaced)}) runs on purged folds.")
    return purged if options.purge else estimator


def _submit_refits(
    executor: FitExecutor,
    split: TrainTestSplit,
    task: Task,
    estimator: Any,
    weight: Floats | None,
    options: TrainingOptions,
) -> Refits | None:
    """Submit the refits without each feature, if they are asked for."""
    if not options.impact:
        return None
    return Refits.submit(
        executor,
        task,
        estimator,
        split.train.data.feature_names,
        train=(split.train.scaled(input_dtype(estimator)), split.train.y, weight),
        test=(split.test.scaled(input_dtype(estimator)), split.test.y),
    )


def _submit_table(
    executor: FitExecutor, split: TrainTestSplit, task: Task, options: TrainingOptions, notes: list[str]
) -> FitFuture[dict[str, Any]] | None:
    """Submit the four-method table of the training part, if it is asked for, and note how its data are prepared."""
    if not options.importance:
        return None
    train = split.train
    if task.proxies.note:
        notes.append(task.proxies.note)
    if np.isnan(train.X).any():
        notes.append("In the importance table, and there only, missing values are replaced by medians.")
    return executor.submit(_table, train, task.proxies, options.n_jobs)


def _table(train: SplitPart, proxies: Proxies, n_jobs: int | None) -> dict[str, Any]:
    """Return the four-method table of the training part."""
    return consensus_table(train.scaled().all(), train.y, train.data.feature_names, proxies, n_jobs=n_jobs)


def _approximations(n_train: int, options: TrainingOptions) -> list[str]:
    """Return notes of what is computed on some of the samples because there are so many."""
    notes = []
    if options.importance and n_train > sizes.SCORED:
        elimination = f", the elimination on {sizes.ELIMINATED:,}" if n_train > sizes.ELIMINATED else ""
        notes.append(
            f"The cross-validated scores of the importance table are computed on {sizes.SCORED:,} training samples of "
            f"{n_train:,}{elimination}, chosen class by class and evenly over time: their computing time grows faster "
            "than the samples."
        )
    if options.assess and n_train > sizes.RANKED:
        notes.append(
            f"Rank correlations in the diagnostics of features are those of {sizes.RANKED:,} training samples, spread "
            "evenly over time (standard error 0.003)."
        )
    return notes


def _best_params(model: Any, notes: list[str]) -> dict[str, Any]:
    """Return the hyperparameters that searches inside the model have chosen, and note them."""
    chosen = chosen_parameters(model)
    if chosen:
        listed = ", ".join(f"{name}={value!r}" for name, value in sorted(chosen.items()))
        notes.append(f"The search inside the estimator chose {listed}.")
    return chosen


def _test_weight(test: SplitPart, options: TrainingOptions, notes: list[str]) -> Floats | None:
    """Return the weights of the test samples in metrics, and note that there are some."""
    if not options.weight_metrics:
        return None
    weight = test.uniqueness_weights()
    if not weight.sum() > 0:
        raise TrainingError(
            f"weight_metrics=True, and the recorded weights of all {len(weight)} test samples are 0: no metric can "
            "be computed. Record weights above 0, or leave weight_metrics out."
        )
    notes.append(
        "Metrics, their intervals and the impact of features weigh each test sample by how much of its label's time is "
        "its own, times its recorded weight. Counts, calibration, thresholds and the verdict do not."
    )
    return weight


def _samples(split: TrainTestSplit, prediction: Prediction) -> SplitSamples:
    """Return the data of the plots."""
    return SplitSamples(
        train=PartSamples(time=split.train.data.time, y=split.train.y),
        test=PartSamples(
            time=split.test.data.time,
            y=split.test.y,
            values=prediction.values,
            probabilities=prediction.probabilities,
            classes=prediction.classes,
        ),
    )
