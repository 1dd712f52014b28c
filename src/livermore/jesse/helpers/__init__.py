"""Jesse's helpers for strategies and scripts: ``import livermore.helpers as jh`` (`jesse.helpers`).

Each is imported when it is first used.
"""

from typing import TYPE_CHECKING

from livermore.lazy import lazy_exports

if TYPE_CHECKING:
    from livermore.jesse.constants import CANDLE_SOURCE_MAPPING as CANDLE_SOURCE_MAPPING
    from livermore.jesse.constants import SUPPORTED_COLORS as SUPPORTED_COLORS
    from livermore.jesse.constants import TIMEFRAME_PRIORITY as TIMEFRAME_PRIORITY
    from livermore.jesse.constants import TIMEFRAME_TO_ONE_MINUTES as TIMEFRAME_TO_ONE_MINUTES
    from livermore.jesse.constants import timeframes as timeframes
    from livermore.jesse.helpers._arrays import get_candle_source as get_candle_source
    from livermore.jesse.helpers._arrays import np_ffill as np_ffill
    from livermore.jesse.helpers._arrays import np_shift as np_shift
    from livermore.jesse.helpers._arrays import same_length as same_length
    from livermore.jesse.helpers._arrays import slice_candles as slice_candles
    from livermore.jesse.helpers._console import dd as dd
    from livermore.jesse.helpers._console import debug as debug
    from livermore.jesse.helpers._console import dump as dump
    from livermore.jesse.helpers._console import dump_exception as dump_exception
    from livermore.jesse.helpers._console import error as error
    from livermore.jesse.helpers._console import terminal_debug as terminal_debug
    from livermore.jesse.helpers._live_trading import clean_orderbook_list as clean_orderbook_list
    from livermore.jesse.helpers._live_trading import (
        orderbook_insertion_index_search as orderbook_insertion_index_search,
    )
    from livermore.jesse.helpers._live_trading import orderbook_trim_price as orderbook_trim_price
    from livermore.jesse.helpers._live_trading import round_price_for_live_mode as round_price_for_live_mode
    from livermore.jesse.helpers._live_trading import round_qty_for_live_mode as round_qty_for_live_mode
    from livermore.jesse.helpers._machine import clear_file as clear_file
    from livermore.jesse.helpers._machine import clear_output as clear_output
    from livermore.jesse.helpers._machine import compressed_response as compressed_response
    from livermore.jesse.helpers._machine import computer_name as computer_name
    from livermore.jesse.helpers._machine import cpu_cores_count as cpu_cores_count
    from livermore.jesse.helpers._machine import file_exists as file_exists
    from livermore.jesse.helpers._machine import get_os as get_os
    from livermore.jesse.helpers._machine import get_pid as get_pid
    from livermore.jesse.helpers._machine import gzip_compress as gzip_compress
    from livermore.jesse.helpers._machine import has_live_trade_plugin as has_live_trade_plugin
    from livermore.jesse.helpers._machine import is_docker as is_docker
    from livermore.jesse.helpers._machine import is_notebook as is_notebook
    from livermore.jesse.helpers._machine import make_directory as make_directory
    from livermore.jesse.helpers._machine import python_version as python_version
    from livermore.jesse.helpers._machine import relative_to_absolute as relative_to_absolute
    from livermore.jesse.helpers._machine import terminate_app as terminate_app
    from livermore.jesse.helpers._machine import validate_cwd as validate_cwd
    from livermore.jesse.helpers._machine import validate_response as validate_response
    from livermore.jesse.helpers._names import base_asset as base_asset
    from livermore.jesse.helpers._names import convert_to_env_name as convert_to_env_name
    from livermore.jesse.helpers._names import dashless_symbol as dashless_symbol
    from livermore.jesse.helpers._names import dashy_symbol as dashy_symbol
    from livermore.jesse.helpers._names import dashy_to_underline as dashy_to_underline
    from livermore.jesse.helpers._names import get_base_asset as get_base_asset
    from livermore.jesse.helpers._names import get_quote_asset as get_quote_asset
    from livermore.jesse.helpers._names import key as key
    from livermore.jesse.helpers._names import quote_asset as quote_asset
    from livermore.jesse.helpers._names import underline_to_dashy_symbol as underline_to_dashy_symbol
    from livermore.jesse.helpers._numbers import binary_search as binary_search
    from livermore.jesse.helpers._numbers import clean_infinite_values as clean_infinite_values
    from livermore.jesse.helpers._numbers import clean_nan_values as clean_nan_values
    from livermore.jesse.helpers._numbers import convert_number as convert_number
    from livermore.jesse.helpers._numbers import dna_to_hp as dna_to_hp
    from livermore.jesse.helpers._numbers import floor_with_precision as floor_with_precision
    from livermore.jesse.helpers._numbers import normalize as normalize
    from livermore.jesse.helpers._numbers import round_decimals_down as round_decimals_down
    from livermore.jesse.helpers._numbers import unique_list as unique_list
    from livermore.jesse.helpers._orders import closing_side as closing_side
    from livermore.jesse.helpers._orders import estimate_average_price as estimate_average_price
    from livermore.jesse.helpers._orders import estimate_PNL as estimate_PNL
    from livermore.jesse.helpers._orders import estimate_PNL_percentage as estimate_PNL_percentage
    from livermore.jesse.helpers._orders import is_price_near as is_price_near
    from livermore.jesse.helpers._orders import opposite_side as opposite_side
    from livermore.jesse.helpers._orders import opposite_type as opposite_type
    from livermore.jesse.helpers._orders import prepare_qty as prepare_qty
    from livermore.jesse.helpers._orders import side_to_type as side_to_type
    from livermore.jesse.helpers._orders import type_to_side as type_to_side
    from livermore.jesse.helpers._session import app_currency as app_currency
    from livermore.jesse.helpers._session import app_mode as app_mode
    from livermore.jesse.helpers._session import clear_config_caches as clear_config_caches
    from livermore.jesse.helpers._session import get_config as get_config
    from livermore.jesse.helpers._session import get_session_id as get_session_id
    from livermore.jesse.helpers._session import get_store as get_store
    from livermore.jesse.helpers._session import get_strategy_class as get_strategy_class
    from livermore.jesse.helpers._session import is_backtesting as is_backtesting
    from livermore.jesse.helpers._session import is_debuggable as is_debuggable
    from livermore.jesse.helpers._session import is_debugging as is_debugging
    from livermore.jesse.helpers._session import is_importing_candles as is_importing_candles
    from livermore.jesse.helpers._session import is_jesse_project as is_jesse_project
    from livermore.jesse.helpers._session import is_live as is_live
    from livermore.jesse.helpers._session import is_livetrading as is_livetrading
    from livermore.jesse.helpers._session import is_optimizing as is_optimizing
    from livermore.jesse.helpers._session import is_paper_trading as is_paper_trading
    from livermore.jesse.helpers._session import is_significance_testing as is_significance_testing
    from livermore.jesse.helpers._session import is_unit_testing as is_unit_testing
    from livermore.jesse.helpers._session import should_execute_silently as should_execute_silently
    from livermore.jesse.helpers._texts import color as color
    from livermore.jesse.helpers._texts import format_currency as format_currency
    from livermore.jesse.helpers._texts import format_price as format_price
    from livermore.jesse.helpers._texts import generate_short_unique_id as generate_short_unique_id
    from livermore.jesse.helpers._texts import generate_unique_id as generate_unique_id
    from livermore.jesse.helpers._texts import insecure_hash as insecure_hash
    from livermore.jesse.helpers._texts import is_valid_uuid as is_valid_uuid
    from livermore.jesse.helpers._texts import random_str as random_str
    from livermore.jesse.helpers._texts import readable_duration as readable_duration
    from livermore.jesse.helpers._texts import secure_hash as secure_hash
    from livermore.jesse.helpers._texts import string_after_character as string_after_character
    from livermore.jesse.helpers._texts import style as style
    from livermore.jesse.helpers._times import arrow_to_timestamp as arrow_to_timestamp
    from livermore.jesse.helpers._times import current_1m_candle_timestamp as current_1m_candle_timestamp
    from livermore.jesse.helpers._times import date_diff_in_days as date_diff_in_days
    from livermore.jesse.helpers._times import date_to_timestamp as date_to_timestamp
    from livermore.jesse.helpers._times import get_arrow as get_arrow
    from livermore.jesse.helpers._times import (
        get_candle_start_timestamp_based_on_timeframe as get_candle_start_timestamp_based_on_timeframe,
    )
    from livermore.jesse.helpers._times import iso8601_to_timestamp as iso8601_to_timestamp
    from livermore.jesse.helpers._times import max_timeframe as max_timeframe
    from livermore.jesse.helpers._times import next_candle_timestamp as next_candle_timestamp
    from livermore.jesse.helpers._times import now as now
    from livermore.jesse.helpers._times import now_to_datetime as now_to_datetime
    from livermore.jesse.helpers._times import now_to_timestamp as now_to_timestamp
    from livermore.jesse.helpers._times import timeframe_to_one_minutes as timeframe_to_one_minutes
    from livermore.jesse.helpers._times import timestamp_to_arrow as timestamp_to_arrow
    from livermore.jesse.helpers._times import timestamp_to_date as timestamp_to_date
    from livermore.jesse.helpers._times import timestamp_to_iso8601 as timestamp_to_iso8601
    from livermore.jesse.helpers._times import timestamp_to_time as timestamp_to_time
    from livermore.jesse.helpers._times import today_to_timestamp as today_to_timestamp
    from livermore.jesse.helpers._values import class_iter as class_iter
    from livermore.jesse.helpers._values import float_or_none as float_or_none
    from livermore.jesse.helpers._values import get_class_name as get_class_name
    from livermore.jesse.helpers._values import insert_list as insert_list
    from livermore.jesse.helpers._values import is_almost_equal as is_almost_equal
    from livermore.jesse.helpers._values import merge_dicts as merge_dicts
    from livermore.jesse.helpers._values import normalize_bool as normalize_bool
    from livermore.jesse.helpers._values import round_or_none as round_or_none
    from livermore.jesse.helpers._values import str_or_none as str_or_none

__getattr__, __dir__, __all__ = lazy_exports(__name__, __file__)
