"""`transfer`: whether a model predicts symbols that it never saw."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from livermore.console import print_text

if TYPE_CHECKING:
    from livermore.ml.dataset import Dataset
    from livermore.ml.transfer import Transfer

__all__ = ["transfer"]


def transfer(
    data: "Sequence[Mapping[str, Any]] | Mapping[str, Any] | Dataset",
    estimator: Any,
    task: str = "binary",
    test_ratio: float = 0.2,
    verbose: bool = True,
    *,
    n_folds: int = 5,
    embargo: int = 0,
    n_jobs: int | None = None,
) -> "Transfer":
    """Leave symbols out: train on earlier samples of some symbols, and predict later ones of the others.

    Parameters
    ----------
    data : list of dict, Dataset, or what `gather_ml_data` returned
        Samples of several symbols.
    estimator : estimator
        Unfitted; a copy is fitted for each group of symbols that is left out, and one on all symbols.
    task : {"binary", "multiclass", "regression"}
        The meaning of the labels.
    test_ratio : float
        Share of the samples, the latest, that are predicted.
    verbose : bool
        Whether to print the report.
    n_folds : int
        Groups of symbols; each is left out once. At most as many as there are symbols.
    embargo : int
        Seconds after each test block of the folds inside the estimator in which no training sample may start.
    n_jobs : int, optional
        As joblib takes it.

    Returns
    -------
    Transfer
        The answer, the tests, and the skill on each symbol, measured and drawn towards the mean of all. `print` shows
        the report; `to_html` makes a page of it.

    Raises
    ------
    TrainingError
        If the samples are not of several symbols, `n_folds` is below 2, or nothing can be learned without some of them.

    Notes
    -----
    Samples of all symbols are purged together: no label of a training sample became known after the first test sample
    was taken. Otherwise a symbol that moves with those left out would tell their future. A symbol that is traded on two
    exchanges is left out on both.

    The ledger neither records this evaluation nor corrects it: it is a second question about a model whose verdict
    `train_model` gives, and no way to choose one.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.linear_model import LogisticRegression
    >>> rng = np.random.default_rng(0)
    >>> samples = [
    ...     {
    ...         "time": 3600 * i,
    ...         "symbol": symbol,
    ...         "features": {"momentum": x},
    ...         "label": {"name": "win", "value": bool(x + rng.standard_normal() > 0)},
    ...         "label_time": 3600 * (i + 1),
    ...     }
    ...     for i in range(300)
    ...     for symbol, x in zip(("ADA-USDT", "BTC-USDT", "ETH-USDT"), rng.standard_normal(3))
    ... ]
    >>> found = transfer(samples, LogisticRegression(), verbose=False)
    >>> found.transfers, found.n_folds, [row.n for row in found.symbols]
    ('yes', 3, [60, 60, 60])
    """
    from livermore.ml.tasks import task_named
    from livermore.ml.transfer import evaluate_transfer
    from livermore.research._train_model import as_dataset

    found = evaluate_transfer(
        as_dataset(data), estimator, task_named(task), test_ratio, n_folds=n_folds, embargo=embargo, n_jobs=n_jobs
    )
    if verbose:
        print_text(str(found))
    return found
