"""Whether what a model learned transfers to symbols that it never saw: evaluation with symbols left out."""

from dataclasses import dataclass
from numbers import Integral
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import stats

from livermore.errors import TrainingError
from livermore.ml.dataset import Dataset
from livermore.ml.evidence import (
    LEVEL,
    ForwardEvidence,
    ForwardFit,
    ForwardScores,
    ForwardTest,
    cosine_error,
    forward_test,
    judge_forward,
    label_length,
    predict_forward,
    shrink,
)
from livermore.ml.labels import symbol_correlation
from livermore.ml.options import check_embargo
from livermore.ml.parallel import executor_for
from livermore.ml.pooling import Pooling, compare_pooling
from livermore.ml.split import SplitPart, TrainTestSplit, check_missing
from livermore.ml.tasks import Task, with_feature_names
from livermore.ml.validation import LabelledSamples, can_learn, fit_fold
from livermore.typing import Array, Integers

if TYPE_CHECKING:
    from livermore.ml.report import HtmlReport

__all__ = ["SymbolSkill", "Transfer", "evaluate_transfer"]

# Scores of symbols correlate by this much at most where symbols are compared.
MOST_COMMON = 0.99
# A symbol with fewer training samples has no model of its own.
FEWEST_ALONE = 20


@dataclass(frozen=True)
class SymbolSkill:
    """The skill of a model on a symbol that it was not trained on.

    Attributes
    ----------
    symbol : str
        The symbol.
    n : int
        Its test samples.
    measured : float
        Mean score over its root mean square on these samples alone; 0 is no skill, 1 the most. NaN where too few times
        were predicted, or all alike.
    skill : float
        The same, drawn towards the mean of all symbols (`livermore.ml.evidence.shrink`): what to expect of the symbol.
    low, high : float
        95 % interval of `skill`.

    Examples
    --------
    >>> skill = SymbolSkill("BTC-USDT", n=500, measured=0.12, skill=0.05, low=-0.01, high=0.11)
    >>> skill.low < 0 < skill.skill < skill.measured
    True
    """

    symbol: str
    n: int
    measured: float
    skill: float
    low: float
    high: float


@dataclass(frozen=True)
class Transfer:
    """Whether a model transfers to symbols that it never saw.

    Attributes
    ----------
    transfers : {"yes", "no", "cannot tell"}
        Yes if predictions of symbols that were left out are better than a constant and than past labels (p <= 5 %);
        no if the 95 % interval of their skill ends at 0 or below.
    unseen : ForwardTest
        Of the test samples, each predicted by a model that was trained on other symbols, earlier.
    seen : ForwardTest
        Of the same samples, predicted by a model that was trained on all symbols, earlier.
    symbols : tuple of SymbolSkill
        The most skilled first.
    spread : float
        Standard deviation of the skill between symbols, without noise; NaN where no symbol could be measured.
    pooling : Pooling
        The model of all symbols against one model for each, on the same samples.
    n_train, n_test, n_folds : int
        Samples before the test part whose labels were known when it began, samples in it, and models that were fitted
        with symbols left out.
    interval : tuple of int
        First and last time of the test part, in UTC seconds.
    estimator : str
        Name of the estimator's class.

    Examples
    --------
    >>> unseen = ForwardTest(0.3, 0.4, 0.4, (0.5, 0.2), 12, 0.01, -0.05, 0.07)
    >>> seen = ForwardTest(0.001, 0.01, 0.01, (3.7, 2.6), 12, 0.1, 0.04, 0.16)
    >>> pooling = Pooling("cannot tell", 0.25, 0.25, 0.0, -0.01, 0.01, 0.9, n=500, n_symbols=1, n_left_out=0)
    >>> btc = SymbolSkill("BTC-USDT", 500, 0.02, 0.01, -0.05, 0.07)
    >>> found = Transfer("cannot tell", unseen, seen, (btc,), 0.0, pooling, 1500, 500, 5, (0, 86_400), "Ridge")
    >>> found.transfers, found.seen.effect > found.unseen.effect
    ('cannot tell', True)
    """

    transfers: str
    unseen: ForwardTest
    seen: ForwardTest
    symbols: tuple[SymbolSkill, ...]
    spread: float
    pooling: Pooling
    n_train: int
    n_test: int
    n_folds: int
    interval: tuple[int, int]
    estimator: str

    def __str__(self) -> str:
        from livermore.ml.report import render_transfer

        return render_transfer(self)

    def to_html(self, path: str | Path | None = None) -> "HtmlReport":
        """Return the report as one HTML file that works offline, and write it if a path is given."""
        from livermore.ml.report import transfer_report_html

        return transfer_report_html(self, path)

    def _repr_html_(self) -> str:
        from livermore.ml.report import transfer_report_html

        return transfer_report_html(self, embed=True)


def evaluate_transfer(
    data: Dataset,
    estimator: Any,
    task: Task,
    test_ratio: float = 0.2,
    *,
    n_folds: int = 5,
    embargo: int = 0,
    n_jobs: int | None = None,
) -> Transfer:
    """Predict later samples of each symbol with a model that was trained on earlier samples of other symbols.

    Parameters
    ----------
    data : Dataset
        Samples of several symbols.
    estimator : estimator
        Unfitted.
    task : Task
        The meaning of the labels.
    test_ratio, n_folds, embargo, n_jobs
        As for `livermore.research.transfer`.

    Returns
    -------
    Transfer

    Raises
    ------
    TrainingError
        If the samples are not of several symbols, `n_folds` is below 2, or nothing can be learned without some of them.
    """
    check_embargo(embargo)
    folds = _folds(data, n_folds)
    task.check_estimator(estimator)
    check_missing(data, estimator)
    split = TrainTestSplit.chronological(data, task, test_ratio)
    samples = SplitPart(data, task.encode(data.labels), data.X).samples(data.weight)
    estimator = with_feature_names(estimator, data.feature_names)
    train, test = split.rows
    parts = [(train[folds[train] != k], test[folds[test] == k]) for k in np.unique(folds[test])]
    with executor_for(estimator, n_jobs) as executor:
        futures = [executor.submit(_fit, task, estimator, samples, embargo, *rows) for rows in [*parts, split.rows]]
        alone = [
            executor.submit(_fit_alone, task, estimator, samples, embargo, *rows)
            for rows in _rows_of_symbols(np.asarray(data.symbol), *split.rows)
        ]
        *left_out, seen = [future.result() for future in futures]
        each = [future.result() for future in alone]
    evidence = judge_forward(samples, left_out)
    unseen = forward_test(evidence.scores)
    symbols, spread = _per_symbol(samples, evidence, np.asarray(data.symbol), 0 if unseen.p1 >= unseen.p2 else 1)
    return Transfer(
        transfers="yes" if unseen.p <= LEVEL else "no" if unseen.effect_high <= 0 else "cannot tell",
        unseen=unseen,
        seen=forward_test(judge_forward(samples, [seen]).scores),
        symbols=symbols,
        spread=spread,
        pooling=compare_pooling(samples, seen, each),
        n_train=train.size,
        n_test=test.size,
        n_folds=len(parts),
        interval=(int(data.time[test[0]]), int(data.time[test[-1]])),
        estimator=type(estimator).__name__,
    )


def _folds(data: Dataset, n_folds: Any) -> Integers:
    """Return in which fold each sample's symbol is left out: symbols in order of their names, dealt one by one."""
    names, number = np.unique(np.array([""]) if data.symbol is None else data.symbol, return_inverse=True)
    if names.size < 2:
        raise TrainingError(
            "To leave symbols out there must be several, and the samples are of one, or do not say of which. Gather "
            "them with gather_universe, or give each sample its symbol."
        )
    if not isinstance(n_folds, Integral) or int(n_folds) < 2:
        raise TrainingError(f"n_folds must be at least 2, a whole number; it is {n_folds!r}.")
    return np.asarray(number.reshape(-1) % min(int(n_folds), names.size), dtype=np.int64)


def _fit(
    task: Task, estimator: Any, samples: LabelledSamples, embargo: int, train: Integers, test: Integers
) -> ForwardFit:
    """Fit on some rows and predict others."""
    if not train.size or not can_learn(task, samples.y[train]):
        raise TrainingError(
            f"{train.size} earlier samples are of other symbols than those left out, and nothing can be learned from "
            "them: there are none, or all are of one class. Gather more, or raise n_folds."
        )
    return predict_forward(task, fit_fold(estimator, samples, embargo, train, test), samples, train, test)


def _rows_of_symbols(symbol: Array, train: Integers, test: Integers) -> list[tuple[Integers, Integers]]:
    """Return for each symbol that is predicted its training rows and its test rows."""
    return [(train[symbol[train] == name], test[symbol[test] == name]) for name in np.unique(symbol[test])]


def _fit_alone(
    task: Task, estimator: Any, samples: LabelledSamples, embargo: int, train: Integers, test: Integers
) -> ForwardFit | None:
    """Fit on the samples of one symbol and predict it; None if nothing can be learned from them."""
    if train.size < FEWEST_ALONE:
        return None
    try:
        return _fit(task, estimator, samples, embargo, train, test)
    except (TrainingError, ValueError, ArithmeticError):
        # Few samples of one symbol may be too few for the estimator, or for a search inside it.
        return None


def _per_symbol(
    samples: LabelledSamples, evidence: ForwardEvidence, names: Array, guard: int
) -> tuple[tuple[SymbolSkill, ...], float]:
    """Return the skill on each symbol, measured and drawn towards the mean, and its spread."""
    every, owner = np.unique(names[evidence.rows], return_inverse=True)
    windows = samples.windows.take(evidence.rows)
    rows_of = np.split(np.argsort(owner, kind="stable"), np.cumsum(np.bincount(owner))[:-1])
    found = []
    for name, at in zip(every, rows_of, strict=True):
        scores = ForwardScores.summed(windows.start[at], evidence.row_scores[at], label_length(windows.take(at)))
        found.append((str(name), at.size, *_effect(scores, guard)))
    measured, inflation, times = (np.array([row[k] for row in found]) for k in (2, 3, 4))
    usable = np.isfinite(measured)
    if not usable.any():
        none = float("nan")
        return tuple(SymbolSkill(*row[:3], none, none, none) for row in found), none
    # The memory of one symbol's scores is known badly, so that all are taken to have the mean one.
    errors = np.where(usable, np.sqrt(inflation[usable].mean() / times), np.inf)
    # What is common to all symbols does not tell one from another, and draws no estimate in.
    common = min(symbol_correlation(windows, owner, evidence.row_scores[:, guard]), MOST_COMMON)
    shrunk = shrink(np.where(usable, measured, 0.0), np.sqrt(1 - common) * errors)
    shared = common * float((errors[usable] ** 2).mean())
    half = float(stats.norm.ppf(0.975)) * np.sqrt(shrunk.errors**2 + shared)
    expected = np.column_stack([shrunk.values, shrunk.values - half, shrunk.values + half]).tolist()
    rows = [SymbolSkill(*row[:3], *figures) for row, figures in zip(found, expected, strict=True)]
    return tuple(sorted(rows, key=lambda row: (-row.skill, row.symbol))), shrunk.spread


def _effect(scores: ForwardScores, guard: int) -> tuple[float, float, float]:
    """Return the mean score over its root mean square, how much memory inflates its variance, and how many times."""
    u = scores.u[:, guard]
    error, degrees = cosine_error(u, scores.label_length)
    scale = float(np.sqrt((u**2).mean()))
    if not degrees or not scale > 0:
        return float("nan"), float("nan"), float(u.size)
    return float(u.mean()) / scale, (error / scale) ** 2 * u.size, float(u.size)
