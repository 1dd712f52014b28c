"""From arguments to a finished session."""

import os
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from livermore.engine.config import BacktestConfig
from livermore.engine.markets import build_timeline, empty_timeline
from livermore.engine.model_binding import check_on_in_sample, warn_of_in_sample
from livermore.engine.result import SessionResult
from livermore.engine.route_runner import RouteRunner
from livermore.engine.routes import RouteSpec, parse_data_routes, parse_routes
from livermore.engine.session import Session
from livermore.errors import ConfigError, StrategyError
from livermore.strategies import Strategy, initial_hyperparameters, load_strategies

__all__ = ["open_fed_session", "open_session", "run_session"]


def run_session(
    config: Mapping[str, Any] | BacktestConfig,
    routes: Sequence[Mapping[str, Any]],
    data_routes: Sequence[Mapping[str, Any]] | None,
    candles: Mapping[str, Mapping[str, Any]],
    warmup_candles: Mapping[str, Mapping[str, Any]] | None = None,
    *,
    hyperparameters: Mapping[str, Any] | None = None,
    root: str | os.PathLike[str] | None = None,
    on_progress: Callable[[int, int], None] | None = None,
    ml_mode: str | None = None,
    on_in_sample: str = "warn",
) -> SessionResult:
    """Run one backtest.

    Parameters
    ----------
    config, routes, data_routes, candles, warmup_candles, hyperparameters
        As for `livermore.research.backtest`.
    root : path-like, optional
        The folder that holds ``strategies/``; by default the working directory.
    on_progress : callable, optional
        Called about once a day of the run with (minutes done, all minutes).
    ml_mode : {"gather", "deploy"}, optional
        The mode of all strategies; by default each one's own.
    on_in_sample : {"warn", "raise", "allow"}
        What to do if a strategy asks its model about days that it was trained on.

    Returns
    -------
    SessionResult
        Trades, metrics, samples, and the strategies as the run left them.
    """
    check_on_in_sample(on_in_sample)
    session = open_session(
        config,
        routes,
        data_routes,
        candles,
        warmup_candles,
        hyperparameters=hyperparameters,
        root=root,
        on_progress=on_progress,
    )
    if ml_mode is not None:
        _set_ml_mode(session, ml_mode)
    session.on_in_sample = on_in_sample
    session.run()
    result = SessionResult.of(session)
    if on_in_sample == "warn":
        warn_of_in_sample(result.ml)
    return result


def open_session(
    config: Mapping[str, Any] | BacktestConfig,
    routes: Sequence[Mapping[str, Any]],
    data_routes: Sequence[Mapping[str, Any]] | None,
    candles: Mapping[str, Mapping[str, Any]],
    warmup_candles: Mapping[str, Mapping[str, Any]] | None = None,
    *,
    hyperparameters: Mapping[str, Any] | None = None,
    root: str | os.PathLike[str] | None = None,
    on_progress: Callable[[int, int], None] | None = None,
) -> Session:
    """Build a session that is ready to run; arguments as for `run_session`.

    Hold on to it where a run may be interrupted: ``session.data_points`` has the samples recorded so far.
    """
    settings = config if isinstance(config, BacktestConfig) else BacktestConfig.from_dict(config)
    specs = parse_routes(routes, settings.exchange)
    data_specs = parse_data_routes(data_routes, settings.exchange)
    timeline = build_timeline(candles, warmup_candles, (*specs, *data_specs), warm_up_candles=settings.warm_up_candles)
    session = Session(settings, timeline, specs, data_specs, on_progress=on_progress)
    _attach_strategies(session, specs, hyperparameters, root)
    return session


def open_fed_session(
    config: Mapping[str, Any] | BacktestConfig,
    routes: Sequence[Mapping[str, Any]],
    data_routes: Sequence[Mapping[str, Any]] | None,
    warmup_candles: Mapping[str, Mapping[str, Any]] | None = None,
    *,
    start: float,
    hyperparameters: Mapping[str, Any] | None = None,
    root: str | os.PathLike[str] | None = None,
) -> Session:
    """Build a session that has no candles yet but those of the warm-up, and gets them minute by minute.

    Parameters
    ----------
    start : float
        UTC ms at which the first minute opens.
    config, routes, data_routes, warmup_candles, hyperparameters, root
        As for `run_session`.

    Returns
    -------
    Session
        Call `start`, then `feed` for each minute, then `finish`, within its `running` context. Within a minute the
        symbols are matched in the order of the routes.
    """
    settings = config if isinstance(config, BacktestConfig) else BacktestConfig.from_dict(config)
    specs = parse_routes(routes, settings.exchange)
    data_specs = parse_data_routes(data_routes, settings.exchange)
    timeline = empty_timeline(
        warmup_candles, (*specs, *data_specs), start=start, warm_up_candles=settings.warm_up_candles
    )
    session = Session(settings, timeline, specs, data_specs)
    _attach_strategies(session, specs, hyperparameters, root)
    return session


def _attach_strategies(
    session: Session,
    specs: Sequence[RouteSpec],
    hyperparameters: Mapping[str, Any] | None,
    root: str | os.PathLike[str] | None,
) -> None:
    """Make the strategies of a session, in route order."""
    names = [spec.strategy for spec in specs if isinstance(spec.strategy, str)]
    classes = load_strategies(names, root) if names else {}
    with session.running():
        for runner, spec in zip(session.runners, specs, strict=True):
            given = spec.strategy
            assert given is not None
            _attach(session, runner, classes[given] if isinstance(given, str) else given, hyperparameters)


def _set_ml_mode(session: Session, ml_mode: str) -> None:
    if ml_mode not in ("gather", "deploy"):
        raise ConfigError(f"ml_mode must be 'gather' or 'deploy', not {ml_mode!r}")
    for runner in session.runners:
        runner.strategy.ml_mode = ml_mode


def _attach(
    session: Session, runner: RouteRunner, kind: type[Strategy], hyperparameters: Mapping[str, Any] | None
) -> None:
    try:
        strategy = kind()
    except TypeError as error:
        raise StrategyError(f"{kind.__name__} cannot be made without arguments: {error}") from error
    if "_intents" not in vars(strategy):
        raise StrategyError(f"{kind.__name__}.__init__ must call super().__init__()")
    runner.attach(strategy, kind.__name__)
    dna = strategy.dna()
    strategy.hp = initial_hyperparameters(strategy.hyperparameters() or [], dna, hyperparameters)
    route = session.routes()[runner.index]
    route.strategy, route.dna = strategy, dna
