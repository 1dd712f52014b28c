"""Predictions of a trained model, one sample at a time: all that a strategy needs in deploy mode.

`Predictor` loads a model and predicts; `PredictionMonitor` stands between it and a strategy: it applies the strategy's
policy, counts, and compares times and markets with those of the training. Importing this loads neither scikit-learn nor
joblib; they come with the first prediction.
"""

from livermore.ml.inference._monitor import PredictionContext, PredictionCounts, PredictionMonitor
from livermore.ml.inference._policy import MARGIN, Policy, UnusualValue, policy_of
from livermore.ml.inference._predictor import Predictor, load_predictor

__all__ = [
    "MARGIN",
    "Policy",
    "PredictionContext",
    "PredictionCounts",
    "PredictionMonitor",
    "Predictor",
    "UnusualValue",
    "load_predictor",
    "policy_of",
]
