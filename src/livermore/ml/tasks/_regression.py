"""The regression task: how large, such as the log return over the next bars."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np

from livermore.errors import EstimatorError, TrainingError
from livermore.ml import metrics
from livermore.ml.tasks._batch_metrics import REGRESSION_METRICS, BatchMetric
from livermore.ml.tasks._fitting import call_fitted, is_of_kind
from livermore.ml.tasks._labels import refuse_bools
from livermore.ml.tasks._prediction import Prediction
from livermore.ml.tasks._proxies import REGRESSOR_PROXIES, Proxies
from livermore.ml.tasks._skill_statistics import RANK_CORRELATION, SkillStatistic
from livermore.ml.tasks._task import Headline
from livermore.typing import Array, Floats


class Regression:
    """Labels are numbers whose size matters.

    Examples
    --------
    >>> Regression().encode([0.034, -1]).tolist()
    [0.034, -1.0]
    """

    name: ClassVar[str] = "regression"
    is_classifier: ClassVar[bool] = False
    has_thresholds: ClassVar[bool] = False
    headline: ClassVar[Headline] = Headline(
        "mae", "MAE", greater_is_better=False, per_sample=metrics.per_sample_absolute_error
    )
    proxies: ClassVar[Proxies] = REGRESSOR_PROXIES
    statistic: ClassVar[SkillStatistic] = RANK_CORRELATION
    batch_metrics: ClassVar[Mapping[str, BatchMetric]] = REGRESSION_METRICS

    def encode(self, labels: Sequence[bool | int | float]) -> Array:
        """Return the labels as floats; raise DatasetError for bools."""
        refuse_bools(labels, self.name)
        return np.array([float(label) for label in labels])

    def check_estimator(self, estimator: Any) -> None:
        """Raise EstimatorError for what is not a regressor."""
        if isinstance(estimator, type):
            raise EstimatorError(
                f"the estimator is the class {estimator.__name__}; pass an instance: {estimator.__name__}()."
            )
        if not (hasattr(estimator, "fit") and is_of_kind(estimator, "regressor")):
            raise EstimatorError(
                f"task='regression' needs a regressor, and {type(estimator).__name__} is none. Use one (Ridge, "
                "HistGradientBoostingRegressor, …), or task='binary' or 'multiclass' for a classifier. An estimator of "
                "your own derives from sklearn.base.RegressorMixin and BaseEstimator."
            )

    def check_target(self, y_train: Array) -> None:
        """Raise TrainingError if the label is constant in the training part."""
        if np.ptp(y_train) == 0:
            raise TrainingError(
                f"the label is {y_train[0]:g} in all {len(y_train)} training samples: there is nothing to learn. "
                "Check how the label is recorded."
            )

    def predict(self, model: Any, X: Floats) -> Prediction:
        """Return the predicted numbers."""
        if not hasattr(model, "predict"):
            raise EstimatorError(
                f"{type(model).__name__} has no predict once it is fitted. In a search, set refit=True."
            )
        values = np.asarray(call_fitted(model, "predict", X), dtype=np.float64).reshape(len(X))
        if not np.isfinite(values).all():
            raise EstimatorError(
                f"{type(model).__name__}.predict returned values that are not finite: "
                "the fit has failed without an error."
            )
        return Prediction(values, probabilities=np.empty((len(X), 0)), classes=np.empty(0))

    def metrics(self, y_true: Array, prediction: Prediction, weight: Floats | None = None) -> dict[str, Any]:
        """Return mean absolute error, root mean squared error, R² and Spearman's rank correlation."""
        return {
            "mae": metrics.mean(metrics.per_sample_absolute_error(y_true, prediction.values), weight),
            "rmse": metrics.rmse(y_true, prediction.values, weight),
            "r2": metrics.r2(y_true, prediction.values, weight),
            "spearman": metrics.spearman(y_true, prediction.values, weight),
        }

    def tables(self, y_train: Array, y_true: Array, prediction: Prediction) -> dict[str, Any]:
        """Return nothing: this task has no tables of its own."""
        return {}

    def thresholds(self, y_true: Array, prediction: Prediction) -> None:
        """Return None: there are no probabilities to put a threshold on."""

    def classes(self, y: Array) -> None:
        """Return None: there are no classes."""
