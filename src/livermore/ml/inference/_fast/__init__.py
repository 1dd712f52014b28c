"""Fitted models as functions of one row: tens to thousands of times faster than the model's own `predict_proba`.

scikit-learn, LightGBM and XGBoost are built to predict many rows; for one row nearly all of their time goes into
checks and containers (figures: docs/performance.md). `compile_row_function` copies the fitted numbers out of a model
into compiled code. Importing this imports none of those libraries: families are known by the names of their classes.

`_compile` decides which reader takes a model apart; the readers (`_linear`, `_trees`, `_svm`, `_network`, `_lightgbm`,
`_xgboost`) return `Parts`; `_kernels` holds the compiled scorers that those are made of.
"""

from livermore.ml.inference._fast._compile import compile_row_function
from livermore.ml.inference._fast._kernels.function import RowFunction
from livermore.ml.inference._fast._parts import TOLERANCES

__all__ = ["TOLERANCES", "RowFunction", "compile_row_function"]
