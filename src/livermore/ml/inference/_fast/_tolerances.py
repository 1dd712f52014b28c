"""By how much a row function may differ from its model."""

from collections.abc import Mapping
from types import MappingProxyType

__all__ = ["TOLERANCES"]

# Relative for values above 1, absolute below. Zero: the same bits. The families that are not zero multiply matrices,
# where a BLAS chooses the order of its sums, or take exponentials from another library; XGBoost computes in single
# precision. tests/ml/inference_fast holds each family to its line.
TOLERANCES: Mapping[str, float] = MappingProxyType(
    {
        "linear": 1e-13,
        "tree": 0.0,
        "forest": 0.0,
        "gradient boosting": 1e-15,
        "histogram boosting": 1e-15,
        "support vector machine": 1e-11,
        "naive Bayes": 1e-12,
        "neural network": 1e-12,
        "LightGBM": 1e-14,
        "XGBoost": 2.5e-7,
    }
)
