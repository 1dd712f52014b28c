"""Everything that defines a backtest, in one frozen object: `BacktestSpec`."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from livermore.candles import Base
from livermore.engine.config import BacktestConfig
from livermore.engine.execution import Execution
from livermore.engine.markets import build_timeline, empty_timeline
from livermore.engine.model_summary import warn_of_in_sample
from livermore.engine.result import SessionResult
from livermore.engine.routes import RouteSpec, parse_data_routes, parse_routes
from livermore.engine.session import Progress, Session, SessionOptions
from livermore.engine.trade_log import OrderLog
from livermore.strategies import Strategy, load_strategies

__all__ = ["BacktestSpec", "open_fed_session", "open_session", "run_session"]

Candles = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class BacktestSpec:
    """Everything that defines a backtest. Each call of `open` or `run` makes a new, independent session from it.

    Attributes
    ----------
    config : mapping or BacktestConfig
        The account, as for `livermore.research.backtest`.
    routes, data_routes : sequence of mapping
        ``{"exchange", "symbol", "timeframe"}``, and ``"strategy"`` in `routes`.
    candles, warmup_candles : mapping, optional
        ``{"<exchange>-<symbol>": {"exchange", "symbol", "candles"}}`` of one-minute candles, or those of the config's
        base. `open_fed` needs no `candles`.
    hyperparameters : mapping, optional
        Replace those of the strategies.
    root : path-like, optional
        The folder that holds ``strategies/``; by default the working directory.
    ml_mode : {"gather", "deploy"}, optional
        The mode of all strategies; by default each one's own.
    on_in_sample : {"warn", "raise", "allow"}
        What to do if a strategy asks its model for predictions on data that it was trained on.
    log_trades : bool
        Whether ``result.logs`` has a line for each order, fill, position and change of the balance.
    model : object, optional
        What answers `ml_predict` and `ml_predict_proba` of all strategies, in place of the model in the strategy's
        folder: it has ``predict(features)`` or ``predict_proba(features)``, or ``at(time)``, which returns such an
        object.

    Examples
    --------
    >>> from livermore.candles import synthetic_candles
    >>> from livermore.strategies import Strategy
    >>> class Idle(Strategy):
    ...     def should_long(self): return False
    ...     def go_long(self): pass
    >>> market = {"exchange": "Sandbox", "symbol": "BTC-USDT"}
    >>> spec = BacktestSpec(
    ...     {"exchange": "Sandbox", "type": "spot", "starting_balance": 1_000, "fee": 0, "warm_up_candles": 0},
    ...     [{**market, "timeframe": "15m", "strategy": Idle}],
    ...     candles={"Sandbox-BTC-USDT": {**market, "candles": synthetic_candles(1440, seed=1)}},
    ... )
    >>> spec.run().strategies[0].index
    96
    >>> spec.with_(routes=[{**market, "timeframe": "1h", "strategy": Idle}]).run().strategies[0].index
    24
    """

    config: Mapping[str, Any] | BacktestConfig
    routes: Sequence[Mapping[str, Any]]
    data_routes: Sequence[Mapping[str, Any]] | None = None
    candles: Candles | None = None
    warmup_candles: Candles | None = None
    hyperparameters: Mapping[str, Any] | None = None
    root: str | os.PathLike[str] | None = None
    ml_mode: str | None = None
    on_in_sample: str = "warn"
    log_trades: bool = False
    model: Any = None

    @property
    def base(self) -> Base:
        """What the candles are; a ConfigError if the config cannot be used."""
        return self._config().base

    def with_(self, **changes: Any) -> "BacktestSpec":
        """Return a copy in which some attributes are others."""
        return replace(self, **changes)

    def open(self, *, on_progress: Progress | None = None, order_log: OrderLog | None = None) -> Session:
        """Build a session that is ready to run.

        Keep a reference to it where a run may be interrupted: ``session.data_points`` has the samples recorded so far.

        Parameters
        ----------
        on_progress : callable, optional
            Called about once per simulated day with (minutes done, all minutes).
        order_log : OrderLog, optional
            Is told of each order and fill, in place of the lines of `log_trades`.

        Raises
        ------
        ConfigError, RouteError, TimeframeError, StrategyError, CandleError, CandlesNotFoundError
            If an argument cannot be used; the message names it.
        """
        config, routes, data_routes = self._parsed()
        timeline = build_timeline(
            self.candles,
            self.warmup_candles,
            (*routes, *data_routes),
            warm_up_candles=config.warm_up_candles,
            base=config.base,
        )
        return Session(config, timeline, self._with_classes(routes), data_routes, self._options(on_progress, order_log))

    def open_fed(
        self, start: float, *, order_log: OrderLog | None = None, execution: Execution | None = None
    ) -> Session:
        """Build a session that has the warm-up candles only, and is fed the others minute by minute.

        Parameters
        ----------
        start : float
            UTC ms at which the first minute opens.
        order_log : OrderLog, optional
            As for `open`.
        execution : Execution, optional
            How orders are executed; by default they are matched with the candles.

        Returns
        -------
        Session
            Call `Session.start`, then `Session.feed` for each minute, then `Session.finish`, all within its `running`
            context. Within a minute the symbols are matched in the order of the routes.
        """
        config, routes, data_routes = self._parsed()
        timeline = empty_timeline(
            self.warmup_candles,
            (*routes, *data_routes),
            start=start,
            warm_up_candles=config.warm_up_candles,
            base=config.base,
        )
        options = self._options(None, order_log)
        if execution is not None:
            options = replace(options, execution=execution)
        return Session(config, timeline, self._with_classes(routes), data_routes, options)

    def run(self, *, on_progress: Progress | None = None) -> SessionResult:
        """Run the backtest: `open`, run, and return the result; `on_progress` and errors as for `open`."""
        session = self.open(on_progress=on_progress)
        session.run()
        result = SessionResult.of(session)
        if self.on_in_sample == "warn":
            warn_of_in_sample(result.ml)
        return result

    def setting(self) -> dict[str, Any]:
        """Return what tells this backtest from others in a report.

        Returns
        -------
        dict
            `markets`: exchange, symbol and timeframe of each route; `type`, `fee` (a fraction) and `leverage`.
        """
        config, routes, _ = self._parsed()
        markets = tuple((route.exchange, route.symbol, str(route.timeframe)) for route in routes)
        return {"markets": markets, "type": str(config.type), "fee": config.fee, "leverage": config.leverage}

    def _parsed(self) -> tuple[BacktestConfig, tuple[RouteSpec, ...], tuple[RouteSpec, ...]]:
        config = self._config()
        routes = parse_routes(self.routes, config.exchange, config.base)
        return config, routes, parse_data_routes(self.data_routes, config.exchange, config.base)

    def _config(self) -> BacktestConfig:
        return self.config if isinstance(self.config, BacktestConfig) else BacktestConfig.from_dict(self.config)

    def _with_classes(self, routes: Sequence[RouteSpec]) -> list[RouteSpec]:
        """Return the routes, each with the class of its strategy."""
        classes: dict[str, type[Strategy]] = {}
        names = [route.strategy for route in routes if isinstance(route.strategy, str)]
        if names:
            classes = load_strategies(names, self.root)
        return [
            r._replace(strategy_class=classes[r.strategy] if isinstance(r.strategy, str) else r.strategy)
            for r in routes
        ]

    def _options(self, on_progress: Progress | None, order_log: OrderLog | None) -> SessionOptions:
        return SessionOptions(
            hyperparameters=self.hyperparameters,
            ml_mode=self.ml_mode,
            on_in_sample=self.on_in_sample,
            log_trades=self.log_trades,
            model=self.model,
            on_progress=on_progress,
            order_log=order_log,
        )


def run_session(*args: Any, on_progress: Progress | None = None, **options: Any) -> SessionResult:
    """Run one backtest: ``BacktestSpec(*args, **options).run(on_progress=on_progress)``.

    Examples
    --------
    >>> from livermore.testing import example_backtest
    >>> run_session(**example_backtest(days=2)).metrics["total"]
    93
    """
    return BacktestSpec(*args, **options).run(on_progress=on_progress)


def open_session(*args: Any, on_progress: Progress | None = None, **options: Any) -> Session:
    """Build a session that is ready to run: ``BacktestSpec(*args, **options).open(on_progress=on_progress)``.

    Examples
    --------
    >>> from livermore.testing import example_backtest
    >>> session = open_session(**example_backtest(days=2))
    >>> session.run()
    >>> len(session.trades)
    93
    """
    return BacktestSpec(*args, **options).open(on_progress=on_progress)


def open_fed_session(
    config: Mapping[str, Any] | BacktestConfig,
    routes: Sequence[Mapping[str, Any]],
    data_routes: Sequence[Mapping[str, Any]] | None,
    warmup_candles: Candles | None = None,
    *,
    start: float,
    **options: Any,
) -> Session:
    """Build a session to be fed: ``BacktestSpec(config, routes, data_routes, …, **options).open_fed(start)``."""
    return BacktestSpec(config, routes, data_routes, None, warmup_candles, **options).open_fed(start)
