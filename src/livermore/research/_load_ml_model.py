"""`load_ml_model`: a saved model with its scaler."""

from pathlib import Path
from typing import Any

__all__ = ["load_ml_model"]


def load_ml_model(directory: str | Path, *, trust: bool = False) -> dict[str, Any]:
    """Load a model that `train_model` saved, here or in Jesse.

    Parameters
    ----------
    directory : path-like
        The folder that it was saved to.
    trust : bool
        Load it though it was not saved by you on this machine. It is a pickle, then, and can run any code.

    Returns
    -------
    dict
        ``model``, ``scaler``, and ``feature_importance`` if it was saved.

    Raises
    ------
    ModelNotFoundError
        If the folder or a file in it is missing. It is a `FileNotFoundError`, too.
    ModelError
        If a file is damaged, or cannot be loaded with the libraries installed here.

    Examples
    --------
    >>> import tempfile
    >>> from sklearn.linear_model import LogisticRegression
    >>> from livermore.research import gather_ml_data, train_model
    >>> from livermore.testing import example_backtest
    >>> samples = gather_ml_data(**example_backtest(), csv_path=None, verbose=False)
    >>> folder = tempfile.mkdtemp()
    >>> result = train_model(samples, LogisticRegression(), save_to=folder, verbose=False, evidence=False)
    >>> sorted(load_ml_model(folder))
    ['feature_importance', 'model', 'scaler']
    """
    from livermore.ml.artifacts import load_model

    loaded = load_model(directory, trust=trust)
    found = {"model": loaded.model, "scaler": loaded.scaler}
    if loaded.feature_importance is not None:
        found["feature_importance"] = loaded.feature_importance
    return found
