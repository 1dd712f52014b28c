"""What is running, and with which settings."""

import os
import sys
from functools import cache
from pathlib import Path
from typing import Any, NoReturn

from livermore.errors import LivermoreError, RouteError
from livermore.jesse.helpers._texts import generate_unique_id
from livermore.market.indicator_window import indicator_window
from livermore.strategies import Strategy, load_strategies
from livermore.trading.mode import running_mode

__all__ = [
    "app_currency",
    "app_mode",
    "clear_config_caches",
    "get_config",
    "get_session_id",
    "get_store",
    "get_strategy_class",
    "is_backtesting",
    "is_debuggable",
    "is_debugging",
    "is_importing_candles",
    "is_jesse_project",
    "is_live",
    "is_livetrading",
    "is_optimizing",
    "is_paper_trading",
    "is_significance_testing",
    "is_unit_testing",
    "should_execute_silently",
]


def is_backtesting() -> bool:
    """Tell whether this is called by a strategy in a backtest.

    Examples
    --------
    >>> is_backtesting()
    False
    """
    return running_mode() == "backtest"


def is_live() -> bool:
    """Tell whether this is called by a strategy in live or paper trading.

    Examples
    --------
    >>> is_live()
    False
    """
    return running_mode() in ("livetrade", "papertrade")


def is_livetrading() -> bool:
    """Tell whether this is called by a strategy that trades with real money.

    Examples
    --------
    >>> is_livetrading()
    False
    """
    return running_mode() == "livetrade"


def is_paper_trading() -> bool:
    """Tell whether this is called by a strategy in paper trading.

    Examples
    --------
    >>> is_paper_trading()
    False
    """
    return running_mode() == "papertrade"


def is_optimizing() -> bool:
    """Return False: Jesse's optimize mode does not exist here.

    Examples
    --------
    >>> is_optimizing()
    False
    """
    return False


def is_debugging() -> bool:
    """Return False: Jesse's debug mode does not exist here.

    Examples
    --------
    >>> is_debugging()
    False
    """
    return False


def is_unit_testing() -> bool:
    """Tell whether pytest is running.

    Examples
    --------
    >>> isinstance(is_unit_testing(), bool)
    True
    """
    return "pytest" in sys.modules


def is_jesse_project() -> bool:
    """Tell whether the working directory is a project: it has the folders ``strategies`` and ``storage``.

    Examples
    --------
    >>> isinstance(is_jesse_project(), bool)
    True
    """
    return Path("strategies").is_dir() and Path("storage").is_dir()


def get_config(keys: str, default: Any = None) -> Any:
    """Return a setting by its dotted name.

    The environment comes first: ``env.data.x`` is the variable ``ENV_DATA_X``, as text. Of Jesse's settings,
    ``env.data.warmup_candles_num`` and ``app.trading_mode`` exist.

    Parameters
    ----------
    keys : str
        Dotted name.
    default : Any
        Returned for what does not exist.

    Examples
    --------
    >>> get_config("env.data.warmup_candles_num"), get_config("env.nothing", 5)
    (240, 5)
    """
    variable = keys.upper().replace(".", "_").replace(" ", "_")
    if variable in os.environ:
        return os.environ[variable]
    if keys == "env.data.warmup_candles_num":
        return indicator_window.get()
    if keys == "app.trading_mode":
        return running_mode() or default
    return default


@cache
def get_session_id() -> str:
    """Return a random identifier that stays the same in this process.

    Examples
    --------
    >>> get_session_id() == get_session_id()
    True
    """
    return generate_unique_id()


def get_store() -> NoReturn:
    """Refuse: there is no global store.

    Raises
    ------
    LivermoreError
        Always; it says where to look instead.

    Examples
    --------
    >>> get_store()
    Traceback (most recent call last):
    ...
    livermore.errors.LivermoreError: there is no global store: sessions share nothing. ...
    """
    raise LivermoreError(
        "there is no global store: sessions share nothing. In a strategy, self.position, self.orders, self.trades and "
        "self.get_candles() have what the store has in Jesse"
    )


def get_strategy_class(strategy_name: str) -> type[Strategy] | None:
    """Load a strategy from ``strategies/<Name>/__init__.py`` of the working directory.

    Returns
    -------
    type or None
        None if there is no such file.

    Raises
    ------
    StrategyError
        If the file does not define a strategy of that name.
    """
    try:
        return load_strategies([strategy_name])[strategy_name]
    except RouteError:
        return None


def app_mode() -> str:
    """Return ``"backtest"``, ``"livetrade"`` or ``"papertrade"``; an empty text where no session runs.

    Examples
    --------
    >>> app_mode()
    ''
    """
    return running_mode() or ""


def app_currency() -> NoReturn:
    """Refuse: there are no global routes whose quote asset this could be.

    Raises
    ------
    LivermoreError
        Always; it says where to look instead.

    Examples
    --------
    >>> app_currency()
    Traceback (most recent call last):
    ...
    livermore.errors.LivermoreError: ...
    """
    raise LivermoreError("there are no global routes: sessions share nothing. In a strategy, use self.quote_asset")


def is_importing_candles() -> bool:
    """Return False: candles are imported by functions here, not in a mode of the program.

    Examples
    --------
    >>> is_importing_candles()
    False
    """
    return False


def is_significance_testing() -> bool:
    """Return False: Jesse's tests of rules do not exist here.

    Examples
    --------
    >>> is_significance_testing()
    False
    """
    return False


def is_debuggable(debug_item: str) -> bool:
    """Return False: what Jesse logs in its debug mode does not exist here.

    Examples
    --------
    >>> is_debuggable("order_submission")
    False
    """
    return False


def should_execute_silently() -> bool:
    """Return False: Jesse's optimize mode, which does not print, does not exist here.

    Examples
    --------
    >>> should_execute_silently()
    False
    """
    return False


def clear_config_caches() -> None:
    """Do nothing: `get_config` keeps nothing.

    Examples
    --------
    >>> clear_config_caches()
    """
