"""Models that are fitted forward in time: one for each block, on what was known before the block began."""

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from livermore.errors import TrainingError
from livermore.ml.parallel import FitExecutor, FitFuture
from livermore.ml.tasks import Prediction, Task
from livermore.ml.validation import FittedFold, LabelledSamples, can_learn, fit_fold
from livermore.typing import Integers

__all__ = ["ForwardFit", "ForwardFits", "predict_forward"]

# A model whose earlier predictions are looked up for their mean and spread predicts this many of them at most.
MAX_EARLIER = 2_000
MIN_TRAINING_ROWS = 10


@dataclass(frozen=True, eq=False)
class ForwardFit:
    """What one model predicts for its block, and for samples before it.

    Parameters
    ----------
    train : ndarray of int64
        Rows that it was fitted on.
    block : ndarray of int64
        Rows of its block, in order of time.
    prediction : Prediction
        For the block.
    earlier : ndarray of int64
        Rows before the block, in order of time: all, or 2,000 that are evenly spaced.
    earlier_prediction : Prediction
        For those.

    Examples
    --------
    >>> predicted, before = np.array([0.1, 0.2]), np.array([0.3, 0.4])
    >>> block, earlier = (Prediction(values, np.empty((2, 0)), np.empty(0)) for values in (predicted, before))
    >>> fit = ForwardFit(np.arange(8), np.array([8, 9]), block, np.array([2, 6]), earlier)
    >>> dict(zip(fit.block.tolist(), fit.prediction.values.tolist(), strict=True))
    {8: 0.1, 9: 0.2}
    """

    train: Integers
    block: Integers
    prediction: Prediction
    earlier: Integers
    earlier_prediction: Prediction


@dataclass(frozen=True, eq=False)
class ForwardFits:
    """Fits of the models of all blocks, which workers may run while other things are done.

    Parameters
    ----------
    blocks : sequence of (training rows, rows of the block)
        In order of time.
    futures : sequence of FitFuture
        For each block its `ForwardFit`, or why there is none.

    Examples
    --------
    >>> from sklearn.linear_model import LogisticRegression
    >>> from livermore.ml.evidence import forward_blocks
    >>> from livermore.ml.tasks import task_named
    >>> x, time = np.random.default_rng(0).standard_normal(100), 60 * np.arange(100)
    >>> samples = LabelledSamples(x[:, None], (x > 0).astype(int), time, time + 60)
    >>> with FitExecutor() as executor:
    ...     fits = ForwardFits.submit(
    ...         executor, task_named("binary"), LogisticRegression(), samples, forward_blocks(samples, 2)
    ...     )
    ...     found, notes = fits.results()
    >>> [fit.block.size for fit in found], notes
    ([25, 25], ())
    """

    blocks: Sequence[tuple[Integers, Integers]]
    futures: Sequence[FitFuture[ForwardFit | str]]

    @classmethod
    def submit(
        cls,
        executor: FitExecutor,
        task: Task,
        estimator: Any,
        samples: LabelledSamples,
        blocks: Sequence[tuple[Integers, Integers]],
        *,
        embargo: int = 0,
    ) -> "ForwardFits":
        """Submit the fits to an executor.

        Parameters
        ----------
        executor : FitExecutor
            It runs the fits.
        task : Task
            The meaning of the labels.
        estimator : estimator
            Unfitted. Searches and calibrators inside it run on purged folds of each block's training rows.
        samples : LabelledSamples
            All samples; their weights are those of the fits.
        blocks : sequence of (training rows, rows of the block)
            From `forward_blocks`.
        embargo : int
            Seconds after each test block of the folds inside the estimator in which no training sample may start.

        Returns
        -------
        ForwardFits
        """
        fit_one = functools.partial(_fit_block, task, estimator, samples, embargo)
        return cls(blocks, [executor.submit(fit_one, train, block) for train, block in blocks])

    def results(self) -> tuple[list[ForwardFit], tuple[str, ...]]:
        """Wait for the fits, and return those that there are, and a note on blocks without one."""
        outcomes = [future.result() for future in self.futures]
        fits = [outcome for outcome in outcomes if isinstance(outcome, ForwardFit)]
        reasons = [outcome for outcome in outcomes if isinstance(outcome, str)]
        if not reasons:
            return fits, ()
        return fits, (
            f"Of {len(outcomes)} blocks that a refit was to predict forward in time, {len(reasons)} were left out: "
            f"{'; '.join(dict.fromkeys(reasons))}.",
        )


def predict_forward(
    task: Task, fold: FittedFold, samples: LabelledSamples, train: Integers, block: Integers
) -> ForwardFit:
    """Predict a block, and samples before it, with a model that was fitted on earlier samples.

    Parameters
    ----------
    task : Task
        The meaning of the labels.
    fold : FittedFold
        The model and its scaler.
    samples : LabelledSamples
        All samples.
    train, block : ndarray of int64
        Rows that the model was fitted on, and rows to predict.

    Returns
    -------
    ForwardFit
    """
    time = samples.decided
    block = block[np.argsort(time[block], kind="stable")]
    before = np.flatnonzero(time < time[block[0]])
    before = before[np.argsort(time[before], kind="stable")]
    if before.size > MAX_EARLIER:
        before = before[np.linspace(0, before.size - 1, MAX_EARLIER).round().astype(np.int64)]
    return ForwardFit(train, block, fold.predict(task, samples.X[block]), before, fold.predict(task, samples.X[before]))


def _fit_block(
    task: Task, estimator: Any, samples: LabelledSamples, embargo: int, train: Integers, block: Integers
) -> ForwardFit | str:
    """Fit the model of one block and predict with it; return the reason where that is not possible."""
    if train.size < MIN_TRAINING_ROWS:
        return f"fewer than {MIN_TRAINING_ROWS} samples were known before"
    if not can_learn(task, samples.y[train]):
        return "the samples before were all of one class"
    try:
        return predict_forward(task, fit_fold(estimator, samples, embargo, train, block), samples, train, block)
    except (TrainingError, ValueError, ArithmeticError) as error:
        # The fit on all training samples decides whether the estimator suits the data: a few samples may be too few.
        return f"the fit on {train.size} samples failed ({type(error).__name__}: {str(error).splitlines()[0]})"
