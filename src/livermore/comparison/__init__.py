"""Did the model help? Two backtests of a strategy, without its model and with it, compared trade by trade."""

from livermore.comparison.backtests import Comparison, compare

__all__ = ["Comparison", "compare"]
