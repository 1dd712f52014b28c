"""Machine learning for rule-based trading strategies, from a labelled backtest to a deployed model.

A strategy records features and labels while a backtest runs; `gather_ml_data` returns the samples; `train_model`
trains any scikit-learn-compatible estimator on them and says what it is worth; the same strategy, in deploy mode, asks
the model before it trades. The names here are imported when they are first used, so that ``import livermore`` costs
next to nothing.
"""

from typing import TYPE_CHECKING

from livermore._version import __version__ as __version__
from livermore.lazy import lazy_exports

if TYPE_CHECKING:
    from livermore.compat import install_as_jesse as install_as_jesse
    from livermore.research import backtest as backtest
    from livermore.research import gather_ml_data as gather_ml_data
    from livermore.research import get_candles as get_candles
    from livermore.research import load_ml_data_csv as load_ml_data_csv
    from livermore.research import load_ml_model as load_ml_model
    from livermore.research import store_candles as store_candles
    from livermore.research import train_model as train_model
    from livermore.strategies import Strategy as Strategy
    from livermore.strategies import cached as cached

__getattr__, __dir__, __all__ = lazy_exports(__name__, __file__)
