"""`list_models`: the models that a strategy's folder keeps."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from livermore.notebook import html_text

__all__ = ["ModelList", "list_models"]


class ModelList(list[dict[str, Any]]):
    """What `list_models` returns: a list that can show itself as text.

    Attributes
    ----------
    withdrawn : tuple of str
        Sentences on verdicts of this folder that were a yes and do not stand beside later trials on the same days.
    """

    def __init__(self, models: Iterable[dict[str, Any]], withdrawn: Sequence[str] = ()) -> None:
        super().__init__(models)
        self.withdrawn = tuple(withdrawn)

    def __str__(self) -> str:
        from livermore.ml.report import render_models

        return render_models(self, self.withdrawn)

    def _repr_html_(self) -> str:
        return html_text(self)


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
        None if not known). Its text is a table, and says which verdicts later trials have withdrawn (`withdrawn`).

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

    path = model_folder(folder)
    return ModelList(list_versions(path), _withdrawn(path))


def _withdrawn(folder: Path) -> list[str]:
    """Say which verdicts of a folder do not stand any more."""
    from livermore.ml.options import LEDGER_NAME

    if not (folder / LEDGER_NAME).is_file():
        return []
    from livermore.ml.evidence import Ledger, ledger_for, withdrawal

    own = set(Ledger(folder / LEDGER_NAME).openings())
    return [withdrawal(look, p_value) for look, p_value in ledger_for(folder).withdrawn() if look in own]
