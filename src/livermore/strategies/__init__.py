"""`Strategy`, which a user subclasses, `cached`, and the loading of strategies from their files.

`StrategyState` and `state_of` are for those who run strategies: the engine, and tools that watch it.
"""

from livermore.strategies._cached import cached
from livermore.strategies._charts import StrategyCharts
from livermore.strategies._create import create_strategy
from livermore.strategies._folder import check_strategy_name, strategy_folder
from livermore.strategies._hyperparameters import decode_dna, initial_hyperparameters
from livermore.strategies._loader import load_strategies
from livermore.strategies._protocols import PositionProtocol
from livermore.strategies._strategy import Strategy
from livermore.strategies.state import StrategyState, state_of

__all__ = [
    "PositionProtocol",
    "Strategy",
    "StrategyCharts",
    "StrategyState",
    "cached",
    "check_strategy_name",
    "create_strategy",
    "decode_dna",
    "initial_hyperparameters",
    "load_strategies",
    "state_of",
    "strategy_folder",
]
