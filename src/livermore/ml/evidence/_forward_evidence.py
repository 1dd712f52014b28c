"""Forward evidence: scores of predictions made forward in time, against a constant, past labels and other baselines."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from scipy.signal import lfilter
from scipy.special import logit

from livermore.ml.evidence._forward_baselines import Baseline, LastLabel, PastLabels, Ridge
from livermore.ml.evidence._forward_blocks import forward_blocks, label_length
from livermore.ml.evidence._forward_fits import ForwardFit, ForwardFits
from livermore.ml.evidence._forward_scores import ForwardScores, cosine_test, summed_by
from livermore.ml.parallel import FitExecutor, executor_for
from livermore.ml.tasks import Prediction, Task
from livermore.ml.validation import LabelledSamples
from livermore.typing import Array, Floats, Integers

__all__ = ["BaselineResult", "ForwardEvidence", "forward_evidence", "judge_forward"]

# Predictions count up to this many standard deviations from their centre.
CLIP = 2.5
# Half-life of the running mean of earlier predictions, as a share of the times before a block.
HALF_LIFE = 0.1
# The same where past labels predict: a slow mean leaves in the predictions what follows a base rate that wanders.
LOCAL_HALF_LIFE = 0.01
# Past labels are taken to predict if their own p-value is at most this.
WANDERING = 0.05
# Log-odds are taken of probabilities no nearer to 0 and 1 than this.
NEAREST = 1e-3


@dataclass(frozen=True)
class BaselineResult:
    """How a baseline did on the judged samples, and whether the model beats it.

    Parameters
    ----------
    name, title : str
        Its key, and what reports call it.
    skill : float
        Share of the squared error of a constant that it removes; negative if it is worse.
    p_value : float
        One-sided, of its own skill against a constant; 1 for the constant.
    p_beyond : float
        One-sided, of the model's skill beyond it. Of volatility: beyond it, the constant and past labels.

    Examples
    --------
    >>> volatility = BaselineResult("volatility", "volatility alone", skill=0.012, p_value=0.03, p_beyond=0.4)
    >>> f"beyond {volatility.title}, p is {volatility.p_beyond:.2f}"
    'beyond volatility alone, p is 0.40'
    """

    name: str
    title: str
    skill: float
    p_value: float
    p_beyond: float


@dataclass(frozen=True, eq=False)
class ForwardEvidence:
    """Predictions that were made forward in time, and what they are worth.

    Parameters
    ----------
    scores : ForwardScores
        Summed over the symbols of each time.
    rows : ndarray of shape (m,), int64
        The predicted rows, in order of time.
    prediction : Prediction
        Their predictions.
    n_train : tuple of int
        Samples that each block's model was fitted on.
    baselines : tuple of BaselineResult
        The constant first.
    notes : tuple of str
        On blocks that could not be predicted.
    row_scores : ndarray of shape (m, 2)
        The scores of each row, not summed.

    Examples
    --------
    >>> scores = ForwardScores(60 * np.arange(2), np.array([[1.0, 0.5], [2.0, 0.0]]))
    >>> prediction = Prediction(np.array([1, 0]), np.array([[0.2, 0.8], [0.7, 0.3]]), np.array([0, 1]))
    >>> found = ForwardEvidence(scores, np.array([300, 301]), prediction, n_train=(300,), baselines=())
    >>> found.rows.size, found.prediction.positive.tolist(), found.notes
    (2, [0.8, 0.3], ())
    """

    scores: ForwardScores
    rows: Integers
    prediction: Prediction | None
    n_train: tuple[int, ...]
    baselines: tuple[BaselineResult, ...]
    notes: tuple[str, ...] = ()
    row_scores: Floats = field(default_factory=lambda: np.empty((0, 2)))


def forward_evidence(
    task: Task,
    estimator: Any,
    samples: LabelledSamples,
    *,
    n_blocks: int = 12,
    judged: float = 0.5,
    embargo: int = 0,
    baselines: Sequence[Baseline] = (),
    n_jobs: int | None = None,
    executor: FitExecutor | None = None,
) -> ForwardEvidence:
    """Refit an estimator forward in time, and score what it predicts.

    Parameters
    ----------
    task : Task
        The meaning of the labels.
    estimator : estimator
        Unfitted; a copy is fitted for each block. Searches inside it run on purged folds of the training rows.
    samples : LabelledSamples
        All samples.
    n_blocks : int
        Number of blocks, and of fits.
    judged : float
        Share of the samples, the latest, that are predicted.
    embargo : int
        Seconds after each test block of the folds inside the estimator in which no training sample may start.
    baselines : sequence of Baseline
        Further ones than the constant, past labels and the last label.
    n_jobs : int, optional
        Number of workers, as in joblib; None is all cores if the fits take long enough.
    executor : FitExecutor, optional
        A running executor, instead of `n_jobs`.

    Returns
    -------
    ForwardEvidence

    Examples
    --------
    >>> from sklearn.linear_model import LogisticRegression
    >>> from livermore.ml.evidence import forward_test
    >>> from livermore.ml.tasks import task_named
    >>> random, time = np.random.default_rng(0), 60 * np.arange(600)
    >>> X = random.standard_normal((600, 2))
    >>> y = (X[:, 0] + random.standard_normal(600) > 0).astype(int)
    >>> samples = LabelledSamples(X, y, time, time + 300)
    >>> found = forward_evidence(task_named("binary"), LogisticRegression(), samples)
    >>> found.rows.size, len(found.n_train), forward_test(found.scores).p < 0.001
    (300, 12, True)
    """
    blocks = forward_blocks(samples, n_blocks, judged)
    with executor_for(estimator, n_jobs, executor) as running:
        fits, notes = ForwardFits.submit(running, task, estimator, samples, blocks, embargo=embargo).results()
    return judge_forward(samples, fits, baselines, notes)


def judge_forward(
    samples: LabelledSamples,
    fits: Sequence[ForwardFit],
    baselines: Sequence[Baseline] = (),
    notes: tuple[str, ...] = (),
) -> ForwardEvidence:
    """Score the predictions of models that were fitted forward in time.

    Parameters
    ----------
    samples : LabelledSamples
        All samples.
    fits : sequence of ForwardFit
        In order of time.
    baselines : sequence of Baseline
        Further ones than the constant, past labels and the last label.
    notes : tuple of str
        Passed on.

    Returns
    -------
    ForwardEvidence

    Notes
    -----
    For a model that was fitted on n samples, with label y, prediction s (log-odds of a class, or a number)::

        u1 = sqrt(n) (y - mean of training y) clip((s - mean of training s) / sd of training s)
        u2 = sqrt(n) (y - ridge on averages of known labels) clip((s - running mean of earlier s) / sd of training s)

    Numbers are replaced by their ranks in the training part; classes are summed. The first is the score of Clark and
    West, J. Econometrics 2007, sections 2 and 3; running means in place of means protect against predictors with a
    long memory, as in Kostakis, Magdalinos and Stamatogiannis, Review of Financial Studies 2015. See
    ``docs/evidence.md``.

    The running mean has a half-life of a tenth of the samples before the block, and of a hundredth if the ridge
    regression alone beats the mean (p <= 5 %). Then the base rate wanders, and so does what the regression, which is
    always late, leaves of the labels; predictions that wander as well would agree with it by chance. A fast mean keeps
    only what is new in them.
    """
    every: tuple[Baseline, ...] = (PastLabels(), LastLabel(), *baselines)
    parts = [_Part.of(samples, fit, every, HALF_LIFE) for fit in fits]
    if not parts:
        none = np.empty(0, dtype=np.int64)
        return ForwardEvidence(ForwardScores(none, np.empty((0, 2))), none, None, (), (), notes)
    rows = np.concatenate([fit.block for fit in fits])
    time, length = samples.decided[rows], label_length(samples.windows.take(rows))

    def tested(scores: Iterable[Floats]) -> float:
        return cosine_test(summed_by(time, np.concatenate(list(scores)))[1], length).p

    if tested(part.own[:, 0] for part in parts) <= WANDERING:
        parts = [_Part.of(samples, fit, every, LOCAL_HALF_LIFE) for fit in fits]
    p_constant, p_past_labels = (tested(part.u[:, guard] for part in parts) for guard in range(2))
    constant_error = sum(float(part.errors[0]) for part in parts)
    results = [BaselineResult("constant", "a constant", 0.0, 1.0, p_constant)]
    for k, baseline in enumerate(every):
        error = sum(float(part.errors[k + 1]) for part in parts)
        beyond = tested(part.u[:, k + 1] for part in parts)
        results.append(
            BaselineResult(
                baseline.name,
                baseline.title,
                1 - error / constant_error if constant_error > 0 else 0.0,
                tested(part.own[:, k] for part in parts),
                max(beyond, p_constant, p_past_labels) if baseline.explains_predictions else beyond,
            )
        )
    return ForwardEvidence(
        ForwardScores.summed(time, np.concatenate([part.u[:, :2] for part in parts]), length),
        rows,
        Prediction.join([fit.prediction for fit in fits]),
        tuple(fit.train.size for fit in fits),
        tuple(results),
        notes,
        np.concatenate([part.u[:, :2] for part in parts]),
    )


class _Column(NamedTuple):
    """One thing that is predicted: a class, or the rank of a number."""

    outcome: Floats  # of all samples
    block: Floats  # predictions of the block
    earlier: Floats  # predictions of earlier rows


class _Part(NamedTuple):
    """The scores of one block, all columns summed."""

    u: Floats  # (rows, 1 + baselines): the model against the constant and each baseline
    own: Floats  # (rows, baselines): each baseline against the constant
    errors: Floats  # (1 + baselines,): sums of squared errors

    @classmethod
    def of(cls, samples: LabelledSamples, fit: ForwardFit, baselines: Sequence[Baseline], half_life: float) -> "_Part":
        """Score a block, with running means of this half-life."""
        scored = [_scored(samples, fit, column, baselines, half_life) for column in _columns(samples.y, fit)]
        return cls(*(np.sum(list(parts), axis=0) for parts in zip(*scored, strict=True)))


def _columns(y: Array, fit: ForwardFit) -> list[_Column]:
    """Return what a fit predicts: each class, or the rank in the training part."""
    if not fit.prediction.has_probabilities:
        ordered = np.sort(y[fit.train])
        below = np.searchsorted(ordered, y, side="left") + np.searchsorted(ordered, y, side="right")
        return [_Column(below / (2 * ordered.size), fit.prediction.values, fit.earlier_prediction.values)]
    classes = fit.prediction.classes
    # Two classes are one question.
    asked = range(1, 2) if classes.size == 2 else range(classes.size)
    return [
        _Column(
            (y == classes[k]).astype(np.float64),
            _log_odds(fit.prediction.probabilities[:, k]),
            _log_odds(fit.earlier_prediction.probabilities[:, k]),
        )
        for k in asked
    ]


def _log_odds(probability: Floats) -> Floats:
    """Return finite log-odds."""
    return np.asarray(logit(np.clip(probability, NEAREST, 1 - NEAREST)))


def _scored(
    samples: LabelledSamples, fit: ForwardFit, column: _Column, baselines: Sequence[Baseline], half_life: float
) -> tuple[Floats, Floats, Floats]:
    """Score the block's predictions of one column against the constant and against each baseline."""
    train, block, weight = fit.train, fit.block, np.sqrt(fit.train.size)
    y, length = column.outcome[block], label_length(samples.windows.take(train))
    mean = float(column.outcome[train].mean())
    trained = np.flatnonzero(np.isin(fit.earlier, train))
    centre, spread = float(column.earlier[trained].mean()), float(column.earlier[trained].std())
    # Of equal predictions the mean is not exact, and its rounding error is no spread.
    spread = spread if spread > 1e-9 * abs(centre) else 0.0
    means = _running_means(samples.decided, fit, column, half_life)
    moving, moving_before = column.block - means.block, (column.earlier - means.earlier)[trained]
    u, own, errors = [(y - mean) * _clipped(column.block - centre, spread)], [], [float(((y - mean) ** 2).sum())]
    for baseline in baselines:
        inside = baseline.predictors(samples, column.outcome, train, length)
        ahead = baseline.predictors(samples, column.outcome, block, length)
        ridge = Ridge.fitted(inside, column.outcome[train], length, baseline.curved)
        predicted = ridge.predict(ahead)
        unexplained = moving
        if baseline.explains_predictions:
            before = baseline.predictors(samples, column.outcome, fit.earlier[trained], length)
            unexplained = moving - Ridge.fitted(before, moving_before, length, baseline.curved).predict(ahead)
        u.append((y - predicted) * _clipped(unexplained, spread))
        own.append((y - mean) * _clipped(predicted - mean, float(ridge.predict(inside).std())))
        errors.append(float(((y - predicted) ** 2).sum()))
    return weight * np.column_stack(u), weight * np.column_stack(own), np.array(errors)


def _clipped(distance: Floats, spread: float) -> Floats:
    """Return distances in units of a spread, clipped; zeros if there is no spread."""
    if not spread > 0:
        return np.zeros_like(distance)
    return np.clip(distance / spread, -CLIP, CLIP)


class _Means(NamedTuple):
    """Exponential means of the predictions before each row."""

    earlier: Floats
    block: Floats


def _running_means(time: Integers, fit: ForwardFit, column: _Column, half_life: float) -> _Means:
    """Return for each row the exponential mean of all predictions before it; the first ones are their own mean."""
    earlier, block = time[fit.earlier], time[fit.block]
    every = np.unique(time[time <= block[-1]])
    sums, counts = np.zeros(every.size), np.zeros(every.size)
    for times, predicted in ((earlier, column.earlier), (block, column.block)):
        place = np.searchsorted(every, times)
        sums += np.bincount(place, predicted, every.size)
        counts += np.bincount(place, minlength=every.size)
    n_before = int(np.searchsorted(every, block[0]))
    decay = 0.5 ** (1 / max(half_life * n_before, 1.0))
    average = lfilter([1.0], [1.0, -decay], sums) / lfilter([1.0], [1.0, -decay], counts)
    before = np.concatenate([average[:1], average[:-1]])
    return _Means(before[np.searchsorted(every, earlier)], before[np.searchsorted(every, block)])
