"""Models that are fitted on features of 32 bits.

The rounding is the first step of the model itself. So the saved model rounds what it is asked about as its training
rounded what it learned from, here, in Jesse, and on the compiled path of single rows.
"""

from typing import Any

import numpy as np
from numpy.typing import DTypeLike
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer

from livermore.ml.tasks._feature_names import NAMING_STEP

__all__ = ["DTYPES", "in_single_precision", "input_dtype"]

#: What features can be rounded to.
DTYPES = ("float64", "float32")
ROUNDING_STEP = "float32"


def in_single_precision(estimator: Any) -> Any:
    """Return an estimator that rounds its features to 32 bits before anything else.

    Parameters
    ----------
    estimator : estimator
        Unfitted, from `with_feature_names`.

    Returns
    -------
    estimator
        A pipeline of scikit-learn alone.

    Examples
    --------
    >>> from sklearn.linear_model import Ridge
    >>> model = in_single_precision(Ridge()).fit(np.eye(3) / 3, [1.0, 2.0, 3.0])
    >>> model[-1].coef_.dtype, input_dtype(model)
    (dtype('float32'), <class 'numpy.float32'>)
    """
    if isinstance(estimator, Pipeline) and estimator.steps[0][0] == NAMING_STEP:
        naming = estimator.steps[0][1]
        rounding = FunctionTransformer(naming.func, kw_args={**naming.kw_args, "dtype": "float32"})
        return Pipeline([(NAMING_STEP, rounding), *estimator.steps[1:]])
    return Pipeline([(ROUNDING_STEP, _rounding()), ("estimator", estimator)])


def input_dtype(estimator: Any) -> DTypeLike:
    """Return the type of the features that an estimator works with: of 32 bits after `in_single_precision`.

    Examples
    --------
    >>> from sklearn.linear_model import LogisticRegression
    >>> model = LogisticRegression()
    >>> input_dtype(model).__name__, input_dtype(in_single_precision(model)).__name__
    ('float64', 'float32')
    """
    if not isinstance(estimator, Pipeline):
        return np.float64
    name, first = estimator.steps[0]
    # A step of the user's own may make anything of its features.
    ours = name in (ROUNDING_STEP, NAMING_STEP) and isinstance(first, FunctionTransformer)
    return np.float32 if ours and "dtype" in (first.kw_args or {}) else np.float64


def _rounding() -> FunctionTransformer:
    """Return the step that rounds. `numpy.asarray` copies nothing that has 32 bits already."""
    return FunctionTransformer(np.asarray, kw_args={"dtype": "float32"})
