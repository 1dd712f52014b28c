"""The ranking of candidate models, on samples that their verdict does not rest on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from livermore.errors import MissingExtraError, TrainingError
from livermore.ml.evidence import (
    BlockScores,
    ForwardFit,
    ForwardFits,
    ForwardScores,
    forward_blocks,
    judge_forward,
    long_run_test,
    max_t_p_values,
    model_confidence_set,
    number_of_blocks,
    per_sample_loss,
    probability_of_backtest_overfitting,
    skill_test,
)
from livermore.ml.parallel import executor_for
from livermore.ml.tasks import Prediction, Task, with_feature_names
from livermore.ml.validation import LabelledSamples
from livermore.typing import Array, Floats, Integers

__all__ = ["Ranking", "rank_models"]

# The samples are cut into twelve blocks, of which the models predict the later nine.
N_BLOCKS, JUDGED = 9, 0.75
MIN_TIMES = 20


@dataclass(frozen=True)
class Ranking:
    """Candidates in order, and how much of that order is chance.

    Attributes
    ----------
    rows : list of dict
        See `rank_models`.
    overfitting : float or None
        Probability that the candidate that is best in one half of the time is below the median in the other half; one
        half is chance. None for a single candidate.

    Examples
    --------
    >>> ranking = Ranking([{"model": "LogisticRegression"}, {"model": "RandomForestClassifier"}], overfitting=0.3)
    >>> ranking.rows[0]["model"], ranking.overfitting < 0.5
    ('LogisticRegression', True)
    """

    rows: list[dict[str, Any]]
    overfitting: float | None


def rank_models(
    task: Task,
    estimators: Mapping[str, Any],
    samples: LabelledSamples,
    *,
    embargo: int = 0,
    n_jobs: int | None = None,
    feature_names: Sequence[str] = (),
) -> Ranking:
    """Rank estimators by the scores of what they predict forward in time.

    Parameters
    ----------
    task : Task
        The meaning of the labels.
    estimators : mapping of str to estimator
        Unfitted, by name.
    samples : LabelledSamples
        Samples that the choice may look at.
    embargo : int
        As for `PurgedKFold`, for searches inside the estimators.
    n_jobs : int, optional
        Number of workers, as in joblib; None is all cores if the fits take long enough.
    feature_names : sequence of str
        Names of the columns, for estimators that select features by name.

    Returns
    -------
    Ranking
        Its rows, best first: `name`, `rank`, `score` (mean forward score against both guards: covariance of labels with
        predictions in standard deviations), `loss` (Brier score, or squared error), `statistic` (area under the ROC
        curve, or rank correlation), `p_value` of its scores, `p_adjusted` for all models (joint sign flips), `behind`
        (score below the best's), `behind_error` (standard error of that) and `tied`: whether it is in the model
        confidence set of 95 %, None where that cannot be computed since `arch` is not installed.

    Raises
    ------
    TrainingError
        If a candidate cannot be fitted to any block, or too few times are predicted by all of them.

    Notes
    -----
    All models are fitted on the same blocks, on what was known before each, and compared where all of them predict.
    Choosing the best does not inflate the evidence from later samples, on which none was judged; it does inflate the
    scores here, hence the correction.
    """
    blocks = forward_blocks(samples, N_BLOCKS, JUDGED)
    fits = {
        name: _fitted(task, name, with_feature_names(model, feature_names), samples, blocks, embargo, n_jobs)
        for name, model in estimators.items()
    }
    # How a block is scored depends on the blocks beside it, so all are judged by those that all of them predict.
    common = set.intersection(*(set(of_block) for of_block in fits.values()))
    shared = {name: [of_block[first] for first in sorted(common)] for name, of_block in fits.items()}
    # Scores weigh each block by the root of its training samples, which are the same for all candidates.
    unit = float(np.sqrt(np.mean([train.size for train, _ in blocks])))
    compared = [_Candidate.judged(name, samples, own, unit) for name, own in shared.items() if own]
    times = len(compared[0].scores) if common else 0
    if times < MIN_TIMES:
        raise TrainingError(
            f"only {times} times were predicted by all candidates, of {len(samples.y)} samples; {MIN_TIMES} are "
            "needed. Gather more samples."
        )
    ranked = sorted(compared, key=lambda candidate: -candidate.score)
    adjusted = max_t_p_values([candidate.blocks for candidate in ranked]).max(axis=1)
    tied = _tied(ranked)
    rows = [
        _row(place, candidate, ranked[0], float(p_adjusted), is_tied)
        for place, (candidate, p_adjusted, is_tied) in enumerate(zip(ranked, adjusted, tied, strict=True))
    ]
    return Ranking(rows, _overfitting(ranked))


def _fitted(
    task: Task,
    name: str,
    estimator: Any,
    samples: LabelledSamples,
    blocks: Sequence[tuple[Integers, Integers]],
    embargo: int,
    n_jobs: int | None,
) -> dict[int, ForwardFit]:
    """Fit a candidate forward in time; returns its fits by the first row of their blocks."""
    with executor_for(estimator, n_jobs) as running:
        fits, notes = ForwardFits.submit(running, task, estimator, samples, blocks, embargo=embargo).results()
    if not fits:
        raise TrainingError(f"candidate {name!r}: {' '.join(notes) or 'there are too few samples.'}")
    return {int(fit.block[0]): fit for fit in fits}


@dataclass(frozen=True, eq=False)
class _Candidate:
    """What a candidate predicts forward in time.

    Parameters
    ----------
    name : str
        Its name.
    scores : ForwardScores
        In units of the labels and of standard deviations of the predictions.
    y : ndarray of shape (m,)
        Labels of the predicted samples.
    prediction : Prediction
        Their predictions.
    """

    name: str
    scores: ForwardScores
    y: Array
    prediction: Prediction

    @classmethod
    def judged(cls, name: str, samples: LabelledSamples, fits: Sequence[ForwardFit], unit: float) -> "_Candidate":
        """Score what a candidate's fits predict; `unit` is what the forward scores are divided by."""
        found = judge_forward(samples, fits)
        scores = replace(found.scores, u=found.scores.u / unit)
        prediction = Prediction.join([fit.prediction for fit in fits])
        return cls(name, scores, samples.y[found.rows], prediction)

    @property
    def series(self) -> Floats:
        """The score at each time, the mean over both guards."""
        return np.asarray(self.scores.u.mean(axis=1))

    @property
    def score(self) -> float:
        """The mean score."""
        return float(self.series.mean())

    @property
    def blocks(self) -> BlockScores:
        """The scores summed over blocks of time."""
        edges, sums = self.scores.cells(number_of_blocks(len(self.scores), self.scores.label_length))
        return BlockScores(tuple(edges.tolist()), tuple(map(tuple, sums.tolist())))


def _tied(ranked: Sequence[_Candidate]) -> list[bool | None]:
    """Return which candidates are in the model confidence set; None for each if `arch` is not installed."""
    losses = -np.column_stack([candidate.series for candidate in ranked])
    try:
        found = model_confidence_set(losses, 2 * ranked[0].scores.label_length)
    except MissingExtraError:
        return [None] * len(ranked)
    return [bool(value) for value in found]


def _overfitting(ranked: Sequence[_Candidate]) -> float | None:
    """Return the probability of overfitting, of scores in place of returns."""
    if len(ranked) == 1:
        return None
    scores = np.column_stack([candidate.series for candidate in ranked])
    return probability_of_backtest_overfitting(scores).probability


def _row(place: int, candidate: _Candidate, best: _Candidate, p_adjusted: float, tied: bool | None) -> dict[str, Any]:
    """Return a row of the ranking."""
    gap, error, _ = long_run_test(best.series - candidate.series)
    return {
        "name": candidate.name,
        "rank": place + 1,
        "score": candidate.score,
        "loss": float(per_sample_loss(candidate.y, candidate.prediction).mean()),
        "statistic": skill_test(candidate.y, candidate.prediction).statistic,
        "p_value": float(max_t_p_values([candidate.blocks]).max()),
        "p_adjusted": p_adjusted,
        "behind": gap,
        "behind_error": error,
        "tied": tied,
    }
