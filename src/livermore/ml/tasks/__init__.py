"""What a label means: binary, multiclass or regression. All that differs between them is in its own module here."""

from livermore.ml.tasks._binary import Binary
from livermore.ml.tasks._fitting import fit, takes_missing_values, unfitted, weight_parameter
from livermore.ml.tasks._multiclass import Multiclass
from livermore.ml.tasks._proxies import Proxies
from livermore.ml.tasks._registry import TASKS, task_named
from livermore.ml.tasks._regression import Regression
from livermore.ml.tasks._task import Headline, Prediction, Task

__all__ = [
    "TASKS",
    "Binary",
    "Headline",
    "Multiclass",
    "Prediction",
    "Proxies",
    "Regression",
    "Task",
    "fit",
    "takes_missing_values",
    "task_named",
    "unfitted",
    "weight_parameter",
]
