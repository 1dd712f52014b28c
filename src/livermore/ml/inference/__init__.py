"""Asking a trained model: what a strategy needs in deploy mode, and nothing more.

Importing this loads neither scikit-learn nor joblib; they come with the first prediction.
"""

from livermore.ml.inference._monitor import Guard, Moment, Tally
from livermore.ml.inference._policy import MARGIN, Finding, Policy, policy_of
from livermore.ml.inference._predictor import Predictor, load_predictor

__all__ = [
    "MARGIN",
    "Finding",
    "Guard",
    "Moment",
    "Policy",
    "Predictor",
    "Tally",
    "load_predictor",
    "policy_of",
]
