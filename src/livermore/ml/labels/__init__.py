"""Labels: their outcomes, the times at which these are known, and their uniqueness."""

from livermore.ml.labels._fixed_horizon import FixedHorizon
from livermore.ml.labels._outcome import Label, Observer, Outcome, Outcomes
from livermore.ml.labels._pooled import pooled_sample_size, pooled_uniqueness, symbol_correlation
from livermore.ml.labels._trade_outcome import TradeOutcome
from livermore.ml.labels._triple_barrier import TripleBarrier
from livermore.ml.labels._weights import (
    average_uniqueness,
    concurrency,
    effective_sample_size,
    return_attribution,
    sequential_bootstrap,
    time_decay,
)
from livermore.ml.labels._windows import LabelWindows

__all__ = [
    "FixedHorizon",
    "Label",
    "LabelWindows",
    "Observer",
    "Outcome",
    "Outcomes",
    "TradeOutcome",
    "TripleBarrier",
    "average_uniqueness",
    "concurrency",
    "effective_sample_size",
    "pooled_sample_size",
    "pooled_uniqueness",
    "return_attribution",
    "sequential_bootstrap",
    "symbol_correlation",
    "time_decay",
]
