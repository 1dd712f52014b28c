"""The functions that scripts and notebooks call, with Jesse's signatures (`jesse.research`).

Argument handling and defaults only: the work is done by the packages below. Each is imported when it is first used.
"""

from typing import TYPE_CHECKING

from livermore.lazy import lazy_exports

if TYPE_CHECKING:
    from livermore.audit import StrategyCheck as StrategyCheck
    from livermore.comparison import Comparison as Comparison
    from livermore.jesse.factories import candles_from_close_prices as candles_from_close_prices
    from livermore.jesse.factories import fake_candle as fake_candle
    from livermore.jesse.factories import fake_range_candles as fake_range_candles
    from livermore.jesse.not_supported import monte_carlo_candles as monte_carlo_candles
    from livermore.jesse.not_supported import monte_carlo_trades as monte_carlo_trades
    from livermore.jesse.not_supported import optimize as optimize
    from livermore.jesse.not_supported import plot_significance_test as plot_significance_test
    from livermore.jesse.not_supported import print_optimize_summary as print_optimize_summary
    from livermore.jesse.not_supported import rule_significance_test as rule_significance_test
    from livermore.ml.dataset import cross_sectional_rank as cross_sectional_rank
    from livermore.ml.dataset import symbol_number as symbol_number
    from livermore.ml.dataset import with_symbol_number as with_symbol_number
    from livermore.ml.schedule import RetrainSchedule as RetrainSchedule
    from livermore.ml.symbol_scaler import SymbolScaler as SymbolScaler
    from livermore.research._backtest import backtest as backtest
    from livermore.research._check_stored_candles import check_stored_candles as check_stored_candles
    from livermore.research._check_strategy import check_strategy as check_strategy
    from livermore.research._compare_backtests import compare_backtests as compare_backtests
    from livermore.research._compare_models import compare_models as compare_models
    from livermore.research._compare_models_on_disk import compare_models_on_disk as compare_models_on_disk
    from livermore.research._export_candles import export_candles as export_candles
    from livermore.research._gather_ml_data import gather_ml_data as gather_ml_data
    from livermore.research._get_candles import get_candles as get_candles
    from livermore.research._import_candles import import_candles as import_candles
    from livermore.research._import_candles_file import import_candles_file as import_candles_file
    from livermore.research._import_candles_folder import import_candles_folder as import_candles_folder
    from livermore.research._import_candles_postgres import import_candles_postgres as import_candles_postgres
    from livermore.research._ledger_table import ledger_table as ledger_table
    from livermore.research._list_candles import list_candles as list_candles
    from livermore.research._list_models import list_models as list_models
    from livermore.research._list_reports import list_reports as list_reports
    from livermore.research._live import ProjectSession as ProjectSession
    from livermore.research._live import live_parity as live_parity
    from livermore.research._live import live_session_samples as live_session_samples
    from livermore.research._live import live_session_view as live_session_view
    from livermore.research._live import open_kill_switch as open_kill_switch
    from livermore.research._live_training import project_retraining as project_retraining
    from livermore.research._load_ml_data_csv import load_ml_data_csv as load_ml_data_csv
    from livermore.research._load_ml_model import load_ml_model as load_ml_model
    from livermore.research._project import new_project as new_project
    from livermore.research._project import run_demo as run_demo
    from livermore.research._remove_candles import remove_candles as remove_candles
    from livermore.research._rollback_model import rollback_model as rollback_model
    from livermore.research._save_report import save_report as save_report
    from livermore.research._store_candles import store_candles as store_candles
    from livermore.research._stored_run import StoredRun as StoredRun
    from livermore.research._train_model import train_model as train_model
    from livermore.research._transfer import transfer as transfer
    from livermore.research._trust_model import trust_model as trust_model
    from livermore.research._update_candles import update_candles as update_candles
    from livermore.research._walk_forward import walk_forward as walk_forward
    from livermore.scale import GatheredUniverse as GatheredUniverse
    from livermore.scale import gather_universe as gather_universe
    from livermore.scale import read_universe as read_universe
    from livermore.tracking import to_mlflow as to_mlflow

__getattr__, __dir__, __all__ = lazy_exports(__name__, __file__)
