"""`backtest`, with Jesse's signature and result."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

# Nearly every strategy asks for indicators: loaded here, they are not loaded in the middle of its first run.
import livermore.indicators  # noqa: F401
from livermore.engine import (
    BacktestSpec,
    SessionResult,
    equity_curve,
    hyperparameter_rows,
    write_logs,
    write_trades_csv,
    write_trades_json,
)
from livermore.errors import ConfigError
from livermore.research._sharpe_of_run import sharpe_of_run
from livermore.trading.ids import random_id

__all__ = ["backtest"]


def backtest(
    config: Mapping[str, Any],
    routes: Sequence[Mapping[str, Any]],
    data_routes: Sequence[Mapping[str, Any]],
    candles: Mapping[str, Mapping[str, Any]],
    warmup_candles: Mapping[str, Mapping[str, Any]] | None = None,
    generate_hyperparameters: bool = False,
    generate_equity_curve: bool = False,
    benchmark: bool = False,
    generate_csv: bool = False,
    generate_json: bool = False,
    generate_logs: bool = False,
    hyperparameters: Mapping[str, Any] | None = None,
    fast_mode: bool = False,
    candles_pipeline_class: type | None = None,
    candles_pipeline_kwargs: Mapping[str, Any] | None = None,
    generate_charts: bool = False,
    *,
    ml_mode: str | None = None,
    on_in_sample: str = "warn",
    sharpe_evidence: bool = False,
) -> dict[str, Any]:
    """Run strategies over candles and return what they did.

    Parameters
    ----------
    config : dict
        ``starting_balance``, ``fee`` (a fraction), ``type`` (``"futures"`` or ``"spot"``), ``futures_leverage``,
        ``futures_leverage_mode`` (``"cross"`` or ``"isolated"``), ``exchange``, ``warm_up_candles``, ``annualization``;
        ``base``, the timeframe of the candles that are given (``"1m"``); ``calendar``, the sessions that they align to:
        a name such as ``"XNYS"``, or a schedule as `Strategy.trading_hours` has.
    routes : list of dict
        ``{"exchange", "strategy", "symbol", "timeframe"}`` each; the strategy is a class, or the name of one in
        ``strategies/<Name>/__init__.py``.
    data_routes : list of dict
        ``{"exchange", "symbol", "timeframe"}`` each.
    candles : dict
        ``{"<exchange>-<symbol>": {"exchange", "symbol", "candles"}}``; candles of the base, shape (n, 6).
    warmup_candles : dict, optional
        The candles before those, in the same form; of any length.
    generate_hyperparameters, generate_equity_curve, generate_csv, generate_json, generate_logs : bool
        Add the key of that name to the result; the last three are paths below ``storage/``.
    benchmark : bool
        Add to the equity curve what buying and holding each route's symbol would have brought.
    hyperparameters : dict, optional
        Replaces `self.hp` of all strategies.
    fast_mode : bool
        Accepted; changes nothing.
    candles_pipeline_class, candles_pipeline_kwargs, generate_charts
        Jesse's Monte Carlo and plots; not offered.
    ml_mode : {"gather", "deploy"}, optional
        The mode of all strategies in this backtest; by default each one's own. Jesse does not have this parameter.
    on_in_sample : {"warn", "raise", "allow"}
        What to do if a strategy asks its model for predictions on data that it was trained on: warn, raise
        `ModelError`, or nothing.
    sharpe_evidence : bool
        Add the key of that name to the result: how far the Sharpe ratio can be trusted, with the number of different
        evaluations of models on these days and base assets that the user's ledger knows, see
        `livermore.ml.evidence.sharpe_evidence`. None for fewer than 30 days. Jesse does not have this parameter.

    Returns
    -------
    dict
        ``metrics``, ``trades``, ``logs`` (path or None), and the keys asked for. If a model made predictions, ``ml``:
        for each model the number of predictions, and what was skipped and why, with the first examples (``models``);
        and interval and metrics of the model's training period and of the time after it (``in_sample``,
        ``out_of_sample``).

    Raises
    ------
    ConfigError, RouteError, CandleError, CandlesNotFoundError, StrategyError
        If an argument cannot be used; raised before anything runs.

    Examples
    --------
    >>> from livermore import Strategy
    >>> from livermore.candles import synthetic_candles
    >>> class Momentum(Strategy):
    ...     def should_long(self):
    ...         return self.close > self.open
    ...
    ...     def go_long(self):
    ...         self.buy = 0.1, self.price
    ...
    ...     def update_position(self):
    ...         self.liquidate()
    >>> market = {"exchange": "Sandbox", "symbol": "BTC-USDT"}
    >>> config = {
    ...     "exchange": "Sandbox",
    ...     "type": "futures",
    ...     "futures_leverage": 2,
    ...     "futures_leverage_mode": "cross",
    ...     "starting_balance": 10_000,
    ...     "fee": 0.0005,
    ...     "warm_up_candles": 0,
    ... }
    >>> routes = [{**market, "strategy": Momentum, "timeframe": "1h"}]
    >>> candles = {"Sandbox-BTC-USDT": {**market, "candles": synthetic_candles(20 * 1440, seed=1)}}
    >>> result = backtest(config, routes, [], candles)
    >>> result["metrics"]["total"] == len(result["trades"])
    True
    """
    if candles_pipeline_class is not None or candles_pipeline_kwargs is not None:
        raise ConfigError("candles_pipeline_class is not supported: change the candles before you pass them")
    if generate_charts:
        raise ConfigError("generate_charts is not supported: use generate_equity_curve=True and plot it")
    result = BacktestSpec(
        config,
        routes,
        data_routes,
        candles,
        warmup_candles,
        hyperparameters=hyperparameters,
        ml_mode=ml_mode,
        on_in_sample=on_in_sample,
        log_trades=generate_logs,
    ).run()
    traded = bool(result.trades)
    session_id = random_id()
    found: dict[str, Any] = {"metrics": result.metrics, "logs": None, "trades": result.trades}
    if result.ml is not None:
        found["ml"] = result.ml
    if sharpe_evidence:
        found["sharpe_evidence"] = sharpe_of_run(result)
    if generate_hyperparameters:
        first = result.strategies[0]
        found["hyperparameters"] = hyperparameter_rows(first.hp, first.dna())
    if generate_equity_curve or benchmark:
        found["equity_curve"] = _curves(result, candles, benchmark) if traded else None
    if generate_csv:
        found["csv"] = str(write_trades_csv(_storage("csv", f"{session_id}.csv"), result.trades)) if traded else None
    if generate_json:
        timeframes = sorted(
            {str(route["timeframe"]) for route in (*routes, *(data_routes or ()))} | {config.get("base", "1m")}
        )
        target = _storage("json", f"{session_id}.json")
        found["json"] = str(write_trades_json(target, result.trades, timeframes)) if traded else None
    if generate_logs:
        found["logs"] = str(write_logs(_storage("logs", "backtest-mode", f"{session_id}.txt"), result.logs))
    return found


def _curves(result: SessionResult, candles: Mapping[str, Mapping[str, Any]], benchmark: bool) -> list[dict[str, Any]]:
    curves = result.equity_curve
    if benchmark:
        for strategy in result.strategies:
            curves.extend(_held(result, strategy.symbol, candles))
    return curves


def _held(result: SessionResult, symbol: str, candles: Mapping[str, Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the curve of buying a symbol at the start and holding it, at the times of the balance samples."""
    rows = next(entry["candles"] for entry in candles.values() if entry["symbol"] == symbol)
    last_rows = (rows[:, 0].searchsorted(result.balance_times, side="left") - 1).clip(0)
    values = result.balances[0] * rows[last_rows, 2] / rows[0, 1]
    values[0] = result.balances[0]
    return [{**curve, "name": symbol} for curve in equity_curve(values.tolist(), result.balance_times)]


def _storage(*parts: str) -> Path:
    return Path("storage", *parts)
