"""What a label means: binary, multiclass or regression. All that differs between them is in its own module here."""

from livermore.ml.tasks._batch_metrics import BIASED_METRICS, METRIC_BOUNDS, BatchMetric, contributions, weighted_auc
from livermore.ml.tasks._binary import Binary
from livermore.ml.tasks._feature_names import with_feature_names, without_features
from livermore.ml.tasks._fitting import fit, takes_missing_values, unfitted, weight_parameter
from livermore.ml.tasks._multiclass import Multiclass
from livermore.ml.tasks._precision import DTYPES, in_single_precision, input_dtype
from livermore.ml.tasks._prediction import Prediction
from livermore.ml.tasks._proxies import Proxies
from livermore.ml.tasks._registry import TASKS, task_named
from livermore.ml.tasks._regression import Regression
from livermore.ml.tasks._searches import chosen_parameters
from livermore.ml.tasks._skill_statistics import (
    RANK_CORRELATION,
    ROC_AUC,
    SkillStatistic,
    circular_correlations,
    statistic_for,
)
from livermore.ml.tasks._task import Headline, Task

__all__ = [
    "BIASED_METRICS",
    "DTYPES",
    "METRIC_BOUNDS",
    "RANK_CORRELATION",
    "ROC_AUC",
    "TASKS",
    "BatchMetric",
    "Binary",
    "Headline",
    "Multiclass",
    "Prediction",
    "Proxies",
    "Regression",
    "SkillStatistic",
    "Task",
    "chosen_parameters",
    "circular_correlations",
    "contributions",
    "fit",
    "in_single_precision",
    "input_dtype",
    "statistic_for",
    "takes_missing_values",
    "task_named",
    "unfitted",
    "weight_parameter",
    "weighted_auc",
    "with_feature_names",
    "without_features",
]
