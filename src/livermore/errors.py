"""The errors that livermore raises: one hierarchy. `livermore.jesse.exceptions` has Jesse's names for them.

Each message says what is wrong, where (row, bar, route, feature, file) and what to do about it. Errors also inherit
the builtin that a caller would expect (``ValueError``, ``LookupError``, ``FileNotFoundError``), so that code which
catches those keeps working.
"""

import warnings
from functools import cache

__all__ = [
    "CandleError",
    "CandlesNotFoundError",
    "ConfigError",
    "ConflictingRulesError",
    "DatabaseError",
    "DatasetError",
    "DatasetNotFoundError",
    "DateRangeError",
    "EstimatorError",
    "ExchangeError",
    "FeatureError",
    "FileError",
    "FrameError",
    "IndicatorError",
    "InsufficientBalanceError",
    "InsufficientFundsError",
    "InsufficientMarginError",
    "JournalError",
    "LiveError",
    "LivermoreError",
    "LivermoreWarning",
    "MissingExtraError",
    "ModelError",
    "ModelNotFoundError",
    "NoSamplesError",
    "OrderError",
    "OrderShapeError",
    "RouteError",
    "RouteNotFoundError",
    "StrategyError",
    "TerminationError",
    "TimeframeError",
    "TrainingError",
    "warn_uncompiled",
]


class LivermoreError(Exception):
    """The root of all errors that livermore raises on purpose."""


class ConfigError(LivermoreError, ValueError):
    """A backtest's config lacks a key or holds a value that it cannot have."""


class RouteError(LivermoreError, ValueError):
    """The routes of a backtest are missing, contradictory or name an unknown strategy."""


class RouteNotFoundError(RouteError, LookupError):
    """Candles were asked for that no route of the backtest provides."""


class TimeframeError(LivermoreError, ValueError):
    """A timeframe that does not exist."""


class CandleError(LivermoreError, ValueError):
    """Candles that break a rule: shape, order, times, prices. The message names row and time."""


class CandlesNotFoundError(LivermoreError, LookupError):
    """No candles are stored, or too few are given, for what was asked."""


class ExchangeError(LivermoreError, ConnectionError):
    """An exchange that cannot be reached, fails again and again, or refuses."""


class DateRangeError(LivermoreError, ValueError):
    """A range of dates that is empty, reversed or in the future."""


class IndicatorError(LivermoreError, ValueError):
    """An indicator was called with a parameter or source that it does not have."""


class StrategyError(LivermoreError):
    """A strategy violates its contract: missing hooks, prices below zero, orders without quantity."""


class OrderShapeError(StrategyError, ValueError):
    """An order variable (``buy``, ``sell``, ``stop_loss``, ``take_profit``) is not made of (quantity, price) pairs."""


class ConflictingRulesError(StrategyError):
    """``should_long`` and ``should_short`` are both true on the same bar."""


class OrderError(LivermoreError):
    """An order that makes no sense now, such as an exit without a position."""


class InsufficientFundsError(LivermoreError):
    """An order needs more than the account has."""


class InsufficientMarginError(InsufficientFundsError):
    """An order on a futures account needs more than the available margin."""


class InsufficientBalanceError(InsufficientFundsError):
    """An order on a spot account needs more than the asset's balance."""


class TerminationError(LivermoreError):
    """The strategy asked to end the session."""


class DatabaseError(LivermoreError, ConnectionError):
    """A database that cannot be reached, refuses, or fails while it is read."""


class DatasetError(LivermoreError, ValueError):
    """Samples that cannot be used: names or numbers that differ, unreadable files, labels of the wrong kind."""


class DatasetNotFoundError(DatasetError, FileNotFoundError):
    """A file of samples is missing."""


class NoSamplesError(DatasetError):
    """Gathering recorded no labelled sample at all."""


class FeatureError(DatasetError):
    """Features whose names, number or values are not what they must be; the message names sample and feature."""


class FrameError(LivermoreError, ValueError):
    """A data frame that lacks a column, or has one that cannot be used."""


class TrainingError(LivermoreError, ValueError):
    """Training cannot start: unknown task, an empty part of the split, a single class."""


class EstimatorError(TrainingError, TypeError):
    """The estimator does not fit the task."""


class ModelError(LivermoreError):
    """A model folder that is incomplete, damaged, or does not fit the strategy that asks it."""


class ModelNotFoundError(ModelError, FileNotFoundError):
    """A model folder, or a file in it, is missing."""


class FileError(LivermoreError, OSError):
    """A file that cannot be written: its path leads to a folder, a device or a pipe, or the file is read-only."""


class MissingExtraError(LivermoreError, ImportError):
    """A feature needs a package that the core install leaves out.

    Examples
    --------
    >>> raise MissingExtraError.of("lightgbm", extra="boost")
    Traceback (most recent call last):
    livermore.errors.MissingExtraError: lightgbm is not installed; install it with: pip install 'livermore[boost]'
    """

    @classmethod
    def of(cls, package: str, *, extra: str) -> "MissingExtraError":
        """Name the missing package and the extra that brings it."""
        return cls(f"{package} is not installed; install it with: pip install 'livermore[{extra}]'")


class LiveError(LivermoreError):
    """A live session that cannot start or go on."""


class JournalError(LiveError):
    """A journal that is damaged, or is of another session than the one that is to go on."""


class LivermoreWarning(UserWarning):
    """Something that a user should know, and that does not stop the run."""


@cache
def warn_uncompiled() -> None:
    """Say, once per process, that hot loops run as plain Python.

    Examples
    --------
    >>> import warnings
    >>> with warnings.catch_warnings():
    ...     warnings.simplefilter("ignore")
    ...     warn_uncompiled()
    """
    warnings.warn(
        "livermore's compiled kernels are missing, so hot loops run as plain Python, many times slower. "
        "Install a C compiler and reinstall livermore to get them.",
        LivermoreWarning,
        stacklevel=3,
    )


# The names under which Jesse's users catch the same conditions; `livermore.jesse.exceptions` has those and more.
InvalidConfig = ConfigError
InvalidRoutes = RouteError
RouteNotFound = RouteNotFoundError
InvalidTimeframe = TimeframeError
CandlesNotFound = CandlesNotFoundError
CandleNotFoundInDatabase = CandlesNotFoundError
InvalidDateRange = DateRangeError
InvalidStrategy = StrategyError
InvalidShape = OrderShapeError
ConflictingRules = ConflictingRulesError
OrderNotAllowed = OrderError
InsufficientMargin = InsufficientMarginError
InsufficientBalance = InsufficientBalanceError
NegativeBalance = InsufficientBalanceError
Termination = TerminationError
