"""Estimators that select features by name, such as a ColumnTransformer: they are given a data frame.

All other estimators are given arrays, since frames cost time and change nothing. The frame is made by a first step in
front of the estimator, of scikit-learn and pandas alone: so the saved model takes arrays like every other, here and in
Jesse.
"""

from collections.abc import Sequence
from typing import Any

from sklearn.compose import ColumnTransformer
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer

from livermore.errors import EstimatorError
from livermore.ml.tasks._fitting import unfitted

__all__ = ["with_feature_names", "without_features"]

NAMING_STEP = "feature_names"


def with_feature_names(estimator: Any, feature_names: Sequence[str]) -> Any:
    """Return an estimator that takes arrays, even if it selects features by name.

    Parameters
    ----------
    estimator : estimator
        Unfitted.
    feature_names : sequence of str
        Names of the columns of X.

    Returns
    -------
    estimator
        The estimator itself if it selects no feature by name, else a pipeline that names the columns before it.

    Raises
    ------
    EstimatorError
        If names are needed and pandas is not installed.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.compose import make_column_transformer
    >>> from sklearn.linear_model import Ridge
    >>> from sklearn.pipeline import make_pipeline
    >>> only_rsi = make_pipeline(make_column_transformer(("passthrough", ["rsi"])), Ridge(alpha=0))
    >>> model = with_feature_names(only_rsi, ["adx", "rsi"]).fit(np.array([[5, 0], [1, 1], [7, 2]]), [0, 10, 20])
    >>> model.predict(np.array([[100, 3]]))
    array([30.])
    """
    if _is_named(estimator) or not _selects_by_name(estimator):
        return estimator
    try:
        from pandas import DataFrame
    except ImportError:
        raise EstimatorError(
            f"{type(estimator).__name__} selects features by name, which needs pandas: pip install pandas. Or select "
            "them by position, in the order of sorted names."
        ) from None
    naming = FunctionTransformer(DataFrame, kw_args={"columns": list(feature_names)})
    return Pipeline([(NAMING_STEP, naming), ("estimator", estimator)])


def without_features(estimator: Any, *names: str) -> Any:
    """Return a copy of an estimator from `with_feature_names` that is fitted without some of the features.

    Parameters
    ----------
    estimator : estimator
        Unfitted. One that takes arrays without names is returned as it is.
    *names : str
        The features that X lacks.

    Examples
    --------
    >>> from sklearn.compose import make_column_transformer
    >>> named = with_feature_names(make_column_transformer(("passthrough", ["adx", "rsi"])), ["adx", "rsi"])
    >>> without_features(named, "adx")[-1].transformers
    [('passthrough', 'passthrough', ['rsi'])]
    """
    if not _is_named(estimator):
        return estimator
    copied = unfitted(estimator)
    naming = copied.steps[0][1]
    left = [name for name in naming.kw_args["columns"] if name not in names]
    naming.set_params(kw_args={**naming.kw_args, "columns": left})
    for part in _parts(copied):
        if isinstance(part, ColumnTransformer):
            part.transformers = [(step, t, _without(columns, names)) for step, t, columns in part.transformers]
        elif _names_categories(part):
            part.set_params(categorical_features=_without(part.categorical_features, names))
    return copied


def _is_named(estimator: Any) -> bool:
    """Return whether an estimator is a pipeline from `with_feature_names`."""
    return isinstance(estimator, Pipeline) and estimator.steps[0][0] == NAMING_STEP


def _parts(estimator: Any) -> list[Any]:
    """Return an estimator and all estimators inside it."""
    return [estimator, *estimator.get_params(deep=True).values()] if hasattr(estimator, "get_params") else []


def _selects_by_name(estimator: Any) -> bool:
    """Return whether an estimator, or one inside it, refers to columns by name, or chooses them by a function."""
    return any(
        any(_is_by_name(columns) for _, _, columns in part.transformers)
        if isinstance(part, ColumnTransformer)
        else _names_categories(part)
        for part in _parts(estimator)
    )


def _names_categories(part: Any) -> bool:
    """Return whether an estimator, such as HistGradientBoosting, lists its categorical features by name."""
    return not isinstance(part, type) and _is_by_name(getattr(part, "categorical_features", None), allow_text=False)


def _is_by_name(columns: Any, allow_text: bool = True) -> bool:
    """Return whether columns are selected by name or by a function of the frame."""
    if callable(columns) or isinstance(columns, str):
        return allow_text
    return isinstance(columns, list | tuple) and any(isinstance(column, str) for column in columns)


def _without(columns: Any, names: Sequence[str]) -> Any:
    """Leave names out of a selection of columns."""
    if isinstance(columns, str):
        return [] if columns in names else columns
    return [c for c in columns if c not in names] if isinstance(columns, list | tuple) else columns
