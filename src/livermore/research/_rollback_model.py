"""`rollback_model`: make an earlier model current again."""

from pathlib import Path

__all__ = ["rollback_model"]


def rollback_model(folder: str | Path, version: str | None = None) -> str:
    """Make a model that was saved before the current one again.

    Parameters
    ----------
    folder : path-like
        The strategy's folder.
    version : str, optional
        Its name as `list_models` tells it, or a unique beginning of that. By default the one that was saved before the
        current model.

    Returns
    -------
    str
        The name of the version that is current now. Nothing is lost: the model that it replaces stays in the list.

    Raises
    ------
    ModelNotFoundError
        If there is no such version, or none before the current one.
    ModelError
        If its files are damaged, or the folder cannot be written to.

    Examples
    --------
    >>> import tempfile
    >>> from sklearn.linear_model import LogisticRegression
    >>> from livermore.research import gather_ml_data, list_models, train_model
    >>> from livermore.testing import example_backtest
    >>> samples = gather_ml_data(**example_backtest(), csv_path=None, verbose=False)
    >>> folder = tempfile.mkdtemp()
    >>> result = train_model(samples, LogisticRegression(), save_to=folder, verbose=False, evidence=False)
    >>> again = train_model(samples, LogisticRegression(C=0.1), save_to=folder, verbose=False, evidence=False)
    >>> first, second = (row["version"] for row in list_models(folder))
    >>> rollback_model(folder) == first
    True
    """
    from livermore.ml.artifacts import model_folder, publish_version, version_before_current, version_named

    path = model_folder(folder)
    name = version_before_current(path) if version is None else version_named(path, version)
    publish_version(path, name)
    return name
