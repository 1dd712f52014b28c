"""A stand-in for a model that lets every signal pass, for backtests that ask what a strategy does without its model."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

__all__ = ["PassAllModel"]


class PassAllModel:
    """A model whose every prediction is positive.

    Examples
    --------
    >>> PassAllModel().predict_proba({})[1]
    1.0
    """

    def predict(self, features: Mapping[str, Any]) -> float:
        """Return 1, which passes the usual thresholds."""
        return 1.0

    def predict_proba(self, features: Mapping[str, Any]) -> dict[int, float]:
        """Return probability 1 for class 1, and 0 for every other class."""
        return defaultdict(float, {-1: 0.0, 0: 0.0, 1: 1.0})
