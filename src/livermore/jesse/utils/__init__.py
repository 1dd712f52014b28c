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
    from livermore.market.trading_hours import filter_candles_by_hours as filter_candles_by_hours
    from livermore.market.trading_hours import is_in_trading_hours as is_in_trading_hours

__getattr__, __dir__, __all__ = lazy_exports(__name__, __file__)
