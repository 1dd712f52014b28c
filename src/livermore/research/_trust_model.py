"""`trust_model`: let a model that was saved elsewhere be loaded here."""

from pathlib import Path

__all__ = ["trust_model"]


def trust_model(folder: str | Path) -> list[str]:
    """Trust the model that is in a folder now, which was saved elsewhere: from here on it loads like any other.

    Parameters
    ----------
    folder : path-like
        The strategy's folder.

    Returns
    -------
    list of str
        The files that are trusted, on this machine and as they are now. Another content is another file.

    Raises
    ------
    ModelError
        If the folder is damaged, or that cannot be written down.

    Notes
    -----
    A model's files are pickles, which can run any code when they are loaded. Trust what you would install.

    Examples
    --------
    >>> import tempfile
    >>> from sklearn.linear_model import LogisticRegression
    >>> from livermore.research import gather_ml_data, train_model
    >>> from livermore.testing import example_backtest
    >>> samples = gather_ml_data(**example_backtest(), csv_path=None, verbose=False)
    >>> folder = tempfile.mkdtemp()
    >>> result = train_model(samples, LogisticRegression(), save_to=folder, verbose=False, evidence=False)
    >>> trust_model(folder)
    ['model.pkl', 'scaler.pkl', 'feature_importance.pkl']
    """
    from livermore.ml.artifacts import trust_folder

    return list(trust_folder(folder))
