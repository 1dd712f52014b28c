"""Titles, formats and words that reports share: each is written here and nowhere else."""

from dataclasses import dataclass
from typing import NamedTuple

__all__ = [
    "BASELINE",
    "EDGE_HEADLINES",
    "HELP_HEADLINES",
    "METRICS",
    "MOST_CLASSES",
    "PER_YEAR",
    "PREDICTS_ONLY",
    "SHOWN",
    "TRADING_FIGURES",
    "VERDICTS",
    "WITH_MODEL",
    "MetricLabel",
    "TradingFigure",
]


class MetricLabel(NamedTuple):
    """How a metric is called and formatted."""

    title: str
    spec: str


@dataclass(frozen=True)
class TradingFigure:
    """How a figure of a backtest is called and formatted; `factor` turns shares into percent."""

    title: str
    spec: str
    factor: float = 1.0


#: Metrics of a model's predictions, in the order in which reports show them.
METRICS = {
    "accuracy": MetricLabel("Accuracy", ".1%"),
    "roc_auc": MetricLabel("ROC AUC", ".3f"),
    "roc_auc_macro": MetricLabel("ROC AUC (macro)", ".3f"),
    "mcc": MetricLabel("MCC", "+.3f"),
    "brier": MetricLabel("Brier score", ".4f"),
    "log_loss": MetricLabel("Log loss", ".4f"),
    "ece": MetricLabel("Calibration error", ".4f"),
    "mae": MetricLabel("MAE", ".6g"),
    "rmse": MetricLabel("RMSE", ".6g"),
    "r2": MetricLabel("R²", "+.4f"),
    "spearman": MetricLabel("Spearman ρ", "+.4f"),
}

#: Figures of a backtest's trades and account. Keys are those of its metrics; `expectancy` is that of a comparison.
TRADING_FIGURES = {
    "total": TradingFigure("Trades", ",.0f"),
    "net_profit": TradingFigure("Net profit", ",.2f"),
    "net_profit_percentage": TradingFigure("Net profit (%)", ".2f"),
    "expectancy": TradingFigure("Expectancy (%)", ".3f"),
    "win_rate": TradingFigure("Win rate (%)", ".1f", 100.0),
    "sharpe_ratio": TradingFigure("Sharpe ratio", ".2f"),
    "max_drawdown": TradingFigure("Max drawdown (%)", ".2f"),
    "annual_return": TradingFigure("Annual return (%)", ".2f"),
}

#: Those that are extrapolated to a year, which needs some weeks of trading at least.
PER_YEAR = ("sharpe_ratio", "annual_return")

#: What reports on a backtest with a model show of it.
SHOWN = ("total", "win_rate", "net_profit_percentage", "sharpe_ratio", "max_drawdown")

#: The two variants that a comparison compares.
BASELINE, WITH_MODEL = "Baseline", "With model"

VERDICTS = {"yes": "Yes", "no": "No", "cannot tell": "Cannot tell"}
EDGE_HEADLINES = {
    "yes": "There is an edge",
    "no": "There is no edge worth having",
    "cannot tell": "It cannot be told whether there is an edge",
}
PREDICTS_ONLY = "The model predicts the label, and is not shown to pay"
HELP_HEADLINES = {
    "yes": "The model helped",
    "no": "The model did not help",
    "cannot tell": "The trades cannot tell whether the model helped",
}

#: Up to this many different labels are counted one by one; more are described by mean and range.
MOST_CLASSES = 12
