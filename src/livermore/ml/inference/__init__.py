"""Asking a trained model: what a strategy needs in deploy mode, and nothing more.

Importing this loads neither scikit-learn nor joblib; they come with the first prediction.
"""

from livermore.ml.inference._predictor import Predictor, load_predictor

__all__ = ["Predictor", "load_predictor"]
