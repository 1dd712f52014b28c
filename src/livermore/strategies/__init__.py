"""`Strategy`, which a user subclasses, `cached`, and the loading of strategies from their files."""

from livermore.strategies._cached import cached
from livermore.strategies._hyperparameters import decode_dna, initial_hyperparameters
from livermore.strategies._loader import load_strategies
from livermore.strategies._strategy import Strategy

__all__ = ["Strategy", "cached", "decode_dna", "initial_hyperparameters", "load_strategies"]
