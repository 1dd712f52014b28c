"""`compare_models_on_disk`: two models of a strategy's folder, by their manifests."""

from pathlib import Path
from typing import Any

from livermore.notebook import html_text

__all__ = ["ModelComparison", "compare_models_on_disk"]


class ModelComparison(dict[str, Any]):
    """What `compare_models_on_disk` returns: a dict that can show itself as text."""

    def __str__(self) -> str:
        from livermore.ml.report import render_model_comparison

        return render_model_comparison(self)

    def _repr_html_(self) -> str:
        return html_text(self)


def compare_models_on_disk(folder: str | Path, a: str, b: str) -> ModelComparison:
    """Compare two models that are kept in a strategy's folder, by what was written down when they were trained.

    Parameters
    ----------
    folder : path-like
        The strategy's folder.
    a, b : str
        Names of versions as `list_models` tells them, or unique beginnings of them.

    Returns
    -------
    ModelComparison
        A dict: ``a`` and ``b`` as rows of `list_models`; ``metrics``: for each metric of either the values ``a`` and
        ``b``, their intervals ``interval_a`` and ``interval_b``, and the ``difference`` b − a; ``features_added`` and
        ``features_removed`` (from a to b); ``parameters``: those that differ; ``same_data``, ``same_test_days``. Its
        text is a report.

    Raises
    ------
    ModelNotFoundError
        If there is no such version.
    ModelError
        If a manifest is damaged.

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
    >>> compare_models_on_disk(folder, first, second)["parameters"]
    {'C': (1.0, 0.1)}
    """
    from livermore.ml.artifacts import compare_versions, model_folder

    return ModelComparison(compare_versions(model_folder(folder), a, b))
