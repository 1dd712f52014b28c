"""Machine learning for rule-based trading strategies, from a labelled backtest to a deployed model."""

__version__ = "0.1.0"
