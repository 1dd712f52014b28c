"""Backtests: a session runs strategies over candles, matches their orders and keeps their accounts."""

from livermore.engine.config import BacktestConfig
from livermore.engine.export import equity_curve, hyperparameter_rows, write_trades_csv, write_trades_json
from livermore.engine.logs import LogLine, write_logs
from livermore.engine.metrics import trade_metrics
from livermore.engine.pass_all_model import PassAllModel
from livermore.engine.result import SessionResult
from livermore.engine.session import Session, SessionOptions
from livermore.engine.spec import BacktestSpec, open_fed_session, open_session, run_session

__all__ = [
    "BacktestConfig",
    "BacktestSpec",
    "LogLine",
    "PassAllModel",
    "Session",
    "SessionOptions",
    "SessionResult",
    "equity_curve",
    "hyperparameter_rows",
    "open_fed_session",
    "open_session",
    "run_session",
    "trade_metrics",
    "write_logs",
    "write_trades_csv",
    "write_trades_json",
]
