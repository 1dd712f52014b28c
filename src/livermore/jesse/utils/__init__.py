"""Small tools for strategies, as in Jesse: ``from livermore import utils`` (`jesse.utils`).

Each is imported when it is first used: most strategies use one or two.
"""

from typing import TYPE_CHECKING

from livermore.lazy import lazy_exports

if TYPE_CHECKING:
    from livermore.jesse.utils._floats import subtract_floats as subtract_floats
    from livermore.jesse.utils._floats import sum_floats as sum_floats
    from livermore.jesse.utils._frames import numpy_candles_to_dataframe as numpy_candles_to_dataframe
    from livermore.jesse.utils._pairs import are_cointegrated as are_cointegrated
    from livermore.jesse.utils._pairs import calculate_alpha_beta as calculate_alpha_beta
    from livermore.jesse.utils._pairs import combinations_without_repeat as combinations_without_repeat
    from livermore.jesse.utils._printing import dd as dd
    from livermore.jesse.utils._series import crossed as crossed
    from livermore.jesse.utils._series import prices_to_returns as prices_to_returns
    from livermore.jesse.utils._series import signal_line as signal_line
    from livermore.jesse.utils._series import streaks as streaks
    from livermore.jesse.utils._series import strictly_decreasing as strictly_decreasing
    from livermore.jesse.utils._series import strictly_increasing as strictly_increasing
    from livermore.jesse.utils._series import z_score as z_score
    from livermore.jesse.utils._sizing import estimate_risk as estimate_risk
    from livermore.jesse.utils._sizing import kelly_criterion as kelly_criterion
    from livermore.jesse.utils._sizing import limit_stop_loss as limit_stop_loss
    from livermore.jesse.utils._sizing import qty_to_size as qty_to_size
    from livermore.jesse.utils._sizing import risk_to_qty as risk_to_qty
    from livermore.jesse.utils._sizing import risk_to_size as risk_to_size
    from livermore.jesse.utils._sizing import size_to_qty as size_to_qty
    from livermore.jesse.utils._timeframes import anchor_timeframe as anchor_timeframe
    from livermore.jesse.utils._timeframes import timeframe_to_one_minutes as timeframe_to_one_minutes
    from livermore.jesse.utils._trading_hours import filter_candles_by_hours as filter_candles_by_hours
    from livermore.jesse.utils._trading_hours import is_in_trading_hours as is_in_trading_hours

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

__getattr__ = lazy_exports(
    __name__,
    {
        "anchor_timeframe": "livermore.jesse.utils._timeframes",
        "are_cointegrated": "livermore.jesse.utils._pairs",
        "calculate_alpha_beta": "livermore.jesse.utils._pairs",
        "combinations_without_repeat": "livermore.jesse.utils._pairs",
        "crossed": "livermore.jesse.utils._series",
        "dd": "livermore.jesse.utils._printing",
        "estimate_risk": "livermore.jesse.utils._sizing",
        "filter_candles_by_hours": "livermore.jesse.utils._trading_hours",
        "is_in_trading_hours": "livermore.jesse.utils._trading_hours",
        "kelly_criterion": "livermore.jesse.utils._sizing",
        "limit_stop_loss": "livermore.jesse.utils._sizing",
        "numpy_candles_to_dataframe": "livermore.jesse.utils._frames",
        "prices_to_returns": "livermore.jesse.utils._series",
        "qty_to_size": "livermore.jesse.utils._sizing",
        "risk_to_qty": "livermore.jesse.utils._sizing",
        "risk_to_size": "livermore.jesse.utils._sizing",
        "signal_line": "livermore.jesse.utils._series",
        "size_to_qty": "livermore.jesse.utils._sizing",
        "streaks": "livermore.jesse.utils._series",
        "strictly_decreasing": "livermore.jesse.utils._series",
        "strictly_increasing": "livermore.jesse.utils._series",
        "subtract_floats": "livermore.jesse.utils._floats",
        "sum_floats": "livermore.jesse.utils._floats",
        "timeframe_to_one_minutes": "livermore.jesse.utils._timeframes",
        "z_score": "livermore.jesse.utils._series",
    },
)
