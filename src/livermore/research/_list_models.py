"""`list_models`: the models that a strategy's folder keeps."""

from pathlib import Path
from typing import Any

__all__ = ["ModelList", "list_models"]


class ModelList(list[dict[str, Any]]):
    """What `list_models` returns: a list that can show itself as text."""

    def __str__(self) -> str:
        from livermore.ml.report import render_models

        return render_models(self)


def list_models(folder: str | Path) -> ModelList:
    """List the models that were saved to a strategy's folder, oldest first.

    Parameters
    ----------
    folder : path-like
        The strategy's folder.

    Returns
    -------
    ModelList
        A dict for each: ``version``, ``current``, ``damaged`` (None, or what is wrong), ``created``, ``task``,
        ``label``, ``estimator``, ``markets`` (exchange, symbol and timeframe of its samples; empty if not known),
        ``n_train``, ``train_interval`` and ``test_interval`` (UTC seconds), ``headline``
        (name, title and value), ``threshold``, ``strategy_changed`` (whether the strategy's source is another one now;
        None if not known). Its text is a table.

    Raises
    ------
    ModelNotFoundError
        If there is no such folder.

    Examples
    --------
    >>> import tempfile
    >>> from sklearn.linear_model import LogisticRegression
    >>> from livermore.research import gather_ml_data, train_model
    >>> from livermore.testing import example_backtest
    >>> samples = gather_ml_data(**example_backtest(), csv_path=None, verbose=False)
    >>> folder = tempfile.mkdtemp()
    >>> result = train_model(samples, LogisticRegression(), save_to=folder, verbose=False, evidence=False)
    >>> [row["current"] for row in list_models(folder)]
    [True]
    """
    from livermore.ml.artifacts import list_versions, model_folder

    return ModelList(list_versions(model_folder(folder)))
