"""Small tools for strategies, as in Jesse: ``from livermore import utils`` (`jesse.utils`)."""

from livermore.utils._floats import subtract_floats, sum_floats
from livermore.utils._frames import numpy_candles_to_dataframe
from livermore.utils._pairs import are_cointegrated, calculate_alpha_beta, combinations_without_repeat
from livermore.utils._printing import dd
from livermore.utils._series import (
    crossed,
    prices_to_returns,
    signal_line,
    streaks,
    strictly_decreasing,
    strictly_increasing,
    z_score,
)
from livermore.utils._sizing import (
    estimate_risk,
    kelly_criterion,
    limit_stop_loss,
    qty_to_size,
    risk_to_qty,
    risk_to_size,
    size_to_qty,
)
from livermore.utils._timeframes import anchor_timeframe, timeframe_to_one_minutes
from livermore.utils._trading_hours import filter_candles_by_hours, is_in_trading_hours

__all__ = [
    "anchor_timeframe",
    "are_cointegrated",
    "calculate_alpha_beta",
    "combinations_without_repeat",
    "crossed",
    "dd",
    "estimate_risk",
    "filter_candles_by_hours",
    "is_in_trading_hours",
    "kelly_criterion",
    "limit_stop_loss",
    "numpy_candles_to_dataframe",
    "prices_to_returns",
    "qty_to_size",
    "risk_to_qty",
    "risk_to_size",
    "signal_line",
    "size_to_qty",
    "streaks",
    "strictly_decreasing",
    "strictly_increasing",
    "subtract_floats",
    "sum_floats",
    "timeframe_to_one_minutes",
    "z_score",
]
