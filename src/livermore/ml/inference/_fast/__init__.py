"""Fitted models as functions of one row: tens to thousands of times faster than asking the model itself.

scikit-learn, LightGBM and XGBoost are built to predict many rows; for one row nearly all of their time goes into
checks and containers. `compile_row_function` copies the fitted numbers out of a model into compiled code. Importing
this imports none of those libraries: families are known by the names of their classes.
"""

from livermore.ml.inference._fast._compile import compile_row_function
from livermore.ml.inference._fast._kernels.function import RowFunction
from livermore.ml.inference._fast._tolerances import TOLERANCES

__all__ = ["TOLERANCES", "RowFunction", "compile_row_function"]
