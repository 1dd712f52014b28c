"""The evidence of a training: what is submitted before the fit, what is chosen, and the verdict at the end."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from livermore.errors import TrainingError
from livermore.ml.assessment import Assessment, Choices, assess_predictions, choose_on_training_part, findings_of
from livermore.ml.dataset import Dataset, markets_of
from livermore.ml.evidence import (
    Findings,
    ForwardEvidence,
    ForwardFits,
    Ledger,
    calibration_buckets,
    diagnose_features,
    judge_forward,
    ledger_for,
    opening_of,
    predict_forward,
    recipe_of,
    sample_hashes,
    verdict,
    volatility_of,
    withdrawal,
)
from livermore.ml.forward import ForwardPlan
from livermore.ml.importance import FeatureJudgement, judge_features, unjudged_features
from livermore.ml.options import TrainingOptions
from livermore.ml.parallel import FitExecutor
from livermore.ml.split import SplitPart, TrainTestSplit
from livermore.ml.tasks import Prediction, Task
from livermore.ml.validation import FittedFold, LabelledSamples
from livermore.typing import Floats, Integers

__all__ = ["ForwardJudging", "Judging", "NoJudging", "judging_for"]


class NoJudging:
    """No evidence is asked for.

    Examples
    --------
    >>> from livermore.ml.parallel import FitExecutor
    >>> with FitExecutor() as executor:
    ...     NoJudging().submit(executor), NoJudging().choose(executor).threshold
    (None, None)
    """

    def submit(self, executor: FitExecutor) -> None:
        """Submit nothing."""

    def choose(self, executor: FitExecutor) -> Choices:
        """Choose nothing."""
        return Choices()

    def assess(
        self,
        model: Any,
        prediction: Prediction,
        weight: Floats | None,
        choices: Choices,
        forward: ForwardFits | None,
        executor: FitExecutor,
    ) -> None:
        """Assess nothing."""


@dataclass(frozen=True, eq=False)
class Judging:
    """Evidence from the test part alone: choices on the training part, and no refits.

    Parameters
    ----------
    task : Task
        The meaning of the labels.
    estimator : estimator
        Unfitted.
    split : TrainTestSplit
        Training part and test part.
    samples : LabelledSamples
        All samples, those that were purged included.
    options : TrainingOptions
        The options of the training.
    ledger : Ledger
        Where the evaluation is recorded.
    recipe : str
        What the ledger knows the training by.
    """

    task: Task
    estimator: Any
    split: TrainTestSplit
    samples: LabelledSamples
    options: TrainingOptions
    ledger: Ledger
    recipe: str

    @property
    def choice_rows(self) -> Integers:
        """Rows that choices may look at."""
        return self.split.rows[0]

    @property
    def chosen_before(self) -> int:
        """Time from which on no sample has a part in a choice."""
        return int(self.samples.decided[self.split.rows[1]].min())

    def submit(self, executor: FitExecutor) -> ForwardFits | None:
        """Submit the refits, if there are any."""
        return None

    def choose(self, executor: FitExecutor) -> Choices:
        """Make all choices, on the earlier samples."""
        return choose_on_training_part(
            self.task,
            self.estimator,
            self.samples.take(self.choice_rows),
            embargo=self.options.embargo,
            executor=executor,
        )

    def assess(
        self,
        model: Any,
        prediction: Prediction,
        weight: Floats | None,
        choices: Choices,
        forward: ForwardFits | None,
        executor: FitExecutor,
    ) -> Assessment:
        """Assess the final model on the test part, record that, and give the verdict.

        Parameters
        ----------
        model : estimator
            Fitted on the training part.
        prediction : Prediction
            What it predicts for the test part.
        weight : ndarray of shape (n_test,) or None
            Weights of the test part in metrics and their intervals.
        choices : Choices
            From `choose`.
        forward : ForwardFits or None
            From `submit`.
        executor : FitExecutor
            It runs the fits that verdicts on features need.

        Returns
        -------
        Assessment
        """
        task, train, test = self.task, self.split.train, self.split.test
        samples = test.samples(weight, self.options.cost)
        found = assess_predictions(task, samples, prediction, threshold=choices.threshold)
        evidence, measured = self._evidence(model, forward)
        findings = findings_of(
            task,
            self.samples,
            evidence,
            found,
            choices=choices,
            chosen_before=self.chosen_before,
            volatility=measured,
        )
        names = train.data.feature_names
        given = verdict(self._recorded(findings, evidence, prediction, samples))
        return Assessment(
            verdict=given,
            found=found,
            calibration=(
                calibration_buckets(test.y, prediction.positive, samples.windows) if task.has_thresholds else None
            ),
            diagnostics=diagnose_features(train.data.X, train.y, train.data.time, test.data.X, names, test.data.time),
            choices=choices,
            features=self._features(given["predicts"] == "yes", executor),
            notes=(*choices.notes, *evidence.notes),
        )

    def _features(self, skilled: bool, executor: FitExecutor) -> FeatureJudgement | None:
        """Judge the features on the earlier samples, if that is asked for and the model is shown to predict."""
        if not self.options.judge_features:
            return None
        names = self.split.train.data.feature_names
        try:
            return judge_features(
                self.task,
                self.estimator,
                self.samples.take(self.choice_rows),
                names,
                skilled=skilled,
                embargo=self.options.embargo,
                executor=executor,
            )
        except TrainingError as error:
            # Some estimators fail on the small parts of these folds, and the verdict on the model is known by now.
            return unjudged_features(names, f"The features could not be judged: {error}")

    def _evidence(self, model: Any, forward: ForwardFits | None) -> tuple[ForwardEvidence, str]:
        """Judge what was predicted forward in time, and say what volatility was measured by."""
        notes: tuple[str, ...] = ()
        if forward is None:
            fold = FittedFold(model, self.split.scaler, self.split.rows[1])
            fits = [predict_forward(self.task, fold, self.samples, *self.split.rows)]
        else:
            fits, notes = forward.results()
        columns = _columns(self.split.train.data.feature_names, self.options.volatility_features)
        volatility, measured = volatility_of(self.samples, self.task.is_classifier, columns)
        return judge_forward(self.samples, fits, () if volatility is None else (volatility,), notes), measured

    def _recorded(
        self, findings: Findings, evidence: ForwardEvidence, prediction: Prediction, test: LabelledSamples
    ) -> Findings:
        """Record the evaluation in the ledger, and correct the findings for all that it knows."""
        findings = replace(findings, ledger_note=self.ledger.note)
        if not self.ledger.is_kept:
            return findings
        judged = self.ledger.add(
            opening_of(
                self.estimator,
                self.task.name,
                self.split.train.data,
                self.split.test.data,
                prediction,
                test.windows,
                recipe=self.recipe,
                scores=evidence.scores,
                p_alone=findings.forward.p,
            )
        )
        withdrawn = tuple(withdrawal(look, p_now) for look, p_now in judged.withdrawn)
        if judged.unreadable:
            uncounted = (
                f"Lines of the ledger that cannot be read: {judged.unreadable}. Each was an evaluation or a choice, "
                "for which nothing is corrected."
            )
            findings = replace(findings, ledger_note=" ".join(filter(None, (findings.ledger_note, uncounted))))
        return replace(findings, trials=judged.trials, recorded=True, p_corrected=judged.p_value, withdrawn=withdrawn)


@dataclass(frozen=True, eq=False)
class ForwardJudging(Judging):
    """Evidence from refits forward in time: choices on the first half, the verdict on what comes later.

    Parameters
    ----------
    plan : ForwardPlan
        Which samples are for what.
    """

    plan: ForwardPlan

    @property
    def choice_rows(self) -> Integers:
        """Rows that choices may look at."""
        return np.intersect1d(self.plan.choice_rows, self.split.rows[0])

    @property
    def chosen_before(self) -> int:
        """Time from which on no sample has a part in a choice."""
        return self.plan.chosen_before

    def submit(self, executor: FitExecutor) -> ForwardFits:
        """Submit the refits."""
        return self.plan.submit(executor, self.task, self.estimator, self.options.embargo)


def judging_for(
    task: Task, estimator: Any, data: Dataset, split: TrainTestSplit, options: TrainingOptions, *, weighted: bool
) -> Judging | NoJudging:
    """Return what finds out what a training is worth.

    Parameters
    ----------
    task : Task
        The meaning of the labels.
    estimator : estimator
        Unfitted.
    data : Dataset
        All samples.
    split : TrainTestSplit
        Their parts.
    options : TrainingOptions
        The options of the training.
    weighted : bool
        Whether samples are weighted in fits.

    Returns
    -------
    Judging, ForwardJudging or NoJudging

    Raises
    ------
    TrainingError
        If a feature that is to measure volatility does not exist.
    FileError
        If the ledger of the model's folder cannot be written to.
    """
    _columns(data.feature_names, options.volatility_features)
    if not options.assess:
        return NoJudging()
    whole = SplitPart(data, task.encode(data.labels), data.X)
    weight = None
    if weighted:
        weight = whole.uniqueness_weights() if options.unique_weights else data.weight
    samples = whole.samples(weight, options.cost)
    ledger = ledger_for(options.save_to, user=options.user_ledger)
    ledger.check()
    recipe = recipe_of(
        estimator,
        task.name,
        data,
        calibrate=options.calibrate,
        unique_weights=options.unique_weights,
        purge=options.purge,
        embargo=options.embargo,
    )
    shared = (task, estimator, split, samples, options, ledger, recipe)
    if not options.forward:
        return Judging(*shared)
    windows = samples.windows
    start, end = int(windows.start.min()), int(windows.end.max())
    unseen = ledger.nothing_chosen(markets_of(data), start, end, recipe, sample_hashes(data))
    return ForwardJudging(*shared, ForwardPlan.of(samples, options.test_ratio, unseen=unseen))


def _columns(names: tuple[str, ...], chosen: tuple[str, ...]) -> list[int]:
    """Return the columns of some features."""
    unknown = [name for name in chosen if name not in names]
    if unknown:
        raise TrainingError(
            f"volatility_features names {', '.join(map(repr, unknown))}, and the samples have no such feature; they "
            f"have {', '.join(map(repr, names))}."
        )
    return [names.index(name) for name in chosen]
