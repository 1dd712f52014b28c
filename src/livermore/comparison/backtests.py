"""`compare_backtests`: did the model help? The same signals without it, with it, and with random filters."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from livermore.comparison.statistics import Window, bets_of, by_group, coverage, pool_notes, side, verdict
from livermore.errors import ConfigError, StrategyError

if TYPE_CHECKING:
    from livermore.engine import SessionResult
    from livermore.ml.artifacts import Manifest
    from livermore.strategies import Strategy

__all__ = ["Comparison", "compare_backtests"]

Candles = Mapping[str, Mapping[str, Any]]

# What the ledger calls a comparison.
COMPARING = "compare"


class Comparison(dict[str, Any]):
    """What `compare_backtests` returns: a dict that can show itself as text, as HTML, and in a notebook."""

    def __repr__(self) -> str:
        verdict, counts = self["verdict"], (self["baseline"]["trades"], self["model"]["trades"])
        return (
            f"Comparison({self['name']}, helped: {verdict['helped']}, p = {verdict['p_value']:.3f}, {counts[0]} trades "
            f"without the model and {counts[1]} with it, keys {list(self)})"
        )

    def __str__(self) -> str:
        from livermore.ml.report import render_comparison

        return render_comparison(self)

    def to_html(self, path: str | Path | None = None) -> str:
        """Return the report as one HTML file that works offline, and write it if a path is given."""
        from livermore.ml.report import compare_report_html

        return compare_report_html(self, path)

    def _repr_html_(self) -> str:
        from livermore.ml.report import compare_report_html

        return compare_report_html(self, embed=True)


def compare_backtests(
    strategy: "str | type[Strategy] | None",
    model: str | Path | Any | None,
    config: Mapping[str, Any],
    routes: Sequence[Mapping[str, Any]],
    data_routes: Sequence[Mapping[str, Any]] | None,
    candles: Candles,
    warmup_candles: Candles | None = None,
    *,
    trials: int | None = None,
    draws: int = 2000,
    resamples: int = 1000,
    seed: int = 0,
    hyperparameters: Mapping[str, Any] | None = None,
    root: str | Path | None = None,
    verbose: bool = True,
) -> Comparison:
    """Backtest a strategy without and with its model, and say whether the difference is the model's doing.

    Parameters
    ----------
    strategy : str or type or None
        Name or class; None if the routes name theirs.
    model : path-like, object or None
        The model's folder; or anything with `predict` and `predict_proba` of a dict of features; or the ``models`` of
        `walk_forward`; None for the folder of the strategy itself.
    config, routes, data_routes, candles, warmup_candles, hyperparameters
        As for `backtest`; `strategy` may be left out of the routes.
    trials : int, optional
        How often these days were looked at to choose anything: model, features, threshold. By default what the ledger
        in the model's folder has counted, this comparison included.
    draws, resamples : int
        Random filters, and resamples for the intervals.
    seed : int
        Of both.
    root : path-like, optional
        The folder that holds ``strategies/``; by default the working directory.
    verbose : bool
        Whether to print the report.

    Returns
    -------
    Comparison
        A dict. ``baseline`` and ``model``: `trades`, `fees`, `expectancy`, `win_rate`, `sharpe_ratio`,
        `max_drawdown`, `annual_return`, and the engine's own `metrics`. ``random``: for each figure `mean`, `low`,
        `high` over random filters, and the number of `draws`. ``difference``: for each figure `value`, `low`, `high`
        (95 %), `p_random`. ``verdict``: `helped` ("yes", "no", "cannot tell"), `p_value`, `trials`, `text`. Also
        `coverage`, `matched`, `by` (month, side, symbol), `equity`, `interval` (UTC seconds), `in_sample`, `notes`,
        `name`.

    Raises
    ------
    StrategyError
        If the strategy makes no trade to compare.
    ConfigError
        If an argument cannot be what it is.

    Notes
    -----
    Without the model means ``ml_mode = "gather"``. If the strategy does not trade then, as one that only observes, it
    is run in deploy mode with a stand-in that passes every signal with probability 1 (binary models).

    The figures are built from closed trades: returns on the account at the time of opening, by day of closing. The
    engine's own metrics stand beside them and may differ a little, as they also know open profit.

    Random filters are not backtested one by one. They choose among all trades that either run made, each with the
    result that it had there. That is exact where the trades of one symbol do not depend on those before, and close to
    it where the runs share most trades; how many they do not share is in the result and in the notes. See
    `livermore.ml.evidence.compare_paired` for how they are drawn.

    Trades on days that the model was trained on say nothing about it. They are counted apart (`in_sample`) and the
    verdict rests on the others.
    """
    from livermore.ml.evidence import compare_paired, match_bets

    _check_counts(trials, draws, resamples)
    named = [{"strategy": strategy, **route} if strategy is not None else dict(route) for route in routes]
    runs = _Runs(config, named, data_routes, candles, warmup_candles, hyperparameters, root)
    deployed = runs.deployed(model)
    baseline, how = runs.baseline(deployed.manifest)
    pool = match_bets(bets_of(baseline), bets_of(deployed.result))
    window = Window.of(deployed.result, deployed.manifest, pool)
    fresh = pool.take(pool.opened >= window.start)
    looks, counted = _looks(trials, deployed, window)
    compared = compare_paired(
        fresh,
        start=window.start,
        end=window.end,
        trials=looks,
        n_draws=draws,
        n_resamples=resamples,
        random_state=seed,
    )
    result = Comparison(
        name=_name(named),
        interval=(window.start, window.end),
        baseline=side(compared.without, fresh, fresh.without > 0, baseline),
        model=side(compared.with_model, fresh, fresh.with_model > 0, deployed.result),
        random={"draws": draws, **compared.random},
        difference=compared.difference,
        verdict=verdict(compared, fresh, window),
        coverage=coverage(fresh),
        matched=fresh.n_matched,
        by=by_group(fresh),
        equity={key: values.tolist() for key, values in compared.equity.items()},
        in_sample=window.in_sample(pool),
        notes=[*filter(None, (how, counted, *pool_notes(fresh), window.note(pool))), *_asked(deployed.result)],
    )
    if verbose:
        print(result)
    return result


# --- The runs ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Deployed:
    """The run with the model."""

    result: "SessionResult"
    folder: Path | None
    manifest: "Manifest | None"


@dataclass(frozen=True)
class _Runs:
    """What all runs have in common."""

    config: Mapping[str, Any]
    routes: Sequence[Mapping[str, Any]]
    data_routes: Sequence[Mapping[str, Any]] | None
    candles: Candles
    warmup_candles: Candles | None
    hyperparameters: Mapping[str, Any] | None
    root: str | Path | None

    def deployed(self, model: Any) -> _Deployed:
        """Run in deploy mode, with the strategies' own models or with the one that is given."""
        from livermore.strategies import state_of, strategy_folder

        session = self._opened("deploy")
        folder: Path | None = Path(model) if isinstance(model, str | Path) else None
        if model is None:
            folder = strategy_folder(type(session.runners[0].strategy))
        else:
            predictor = _predictor(model)
            for runner in session.runners:
                state_of(runner.strategy).model = predictor
        return _Deployed(_finished(session), folder, _manifest(folder))

    def baseline(self, manifest: "Manifest | None") -> tuple["SessionResult", str]:
        """Run without the model; return how, if that was not simply in gather mode."""
        result = _finished(self._opened("gather"))
        if result.trades:
            return result, ""
        if manifest is None or manifest.task != "binary":
            raise StrategyError(
                f"{_name(self.routes)} makes no trade in gather mode, so there is nothing to compare the model with. "
                "Let it trade its signals when self.ml_mode is 'gather'"
            )
        from livermore.strategies import state_of

        session = self._opened("deploy")
        for runner in session.runners:
            state_of(runner.strategy).model = _PassesAll()
        result = _finished(session)
        if not result.trades:
            raise StrategyError(
                f"{_name(self.routes)} makes no trade, neither in gather mode nor with a model that passes every "
                "signal: there is nothing to compare"
            )
        return result, (
            "In gather mode the strategy does not trade; without the model means here: in deploy mode, with every "
            "signal passed at probability 1."
        )

    def _opened(self, mode: str) -> Any:
        from livermore.engine import open_session

        session = open_session(
            self.config,
            self.routes,
            self.data_routes,
            self.candles,
            self.warmup_candles,
            hyperparameters=self.hyperparameters,
            root=self.root,
        )
        for runner in session.runners:
            runner.strategy.ml_mode = mode
        return session


class _PassesAll:
    """Stands in for a binary model, and passes every signal."""

    def predict(self, features: Mapping[str, Any]) -> float:
        """Say that it works out."""
        return 1.0

    def predict_proba(self, features: Mapping[str, Any]) -> dict[int, float]:
        """Be sure that it works out."""
        return {0: 0.0, 1: 1.0}


def _finished(session: Any) -> "SessionResult":
    from livermore.engine import SessionResult

    session.run()
    return SessionResult.of(session)


def _predictor(model: Any) -> Any:
    """Return something that can be asked: a folder's model, or the object itself."""
    if isinstance(model, str | Path):
        from livermore.ml.inference import load_predictor

        return load_predictor(model)
    if not any(hasattr(model, name) for name in ("predict", "predict_proba", "at")):
        raise ConfigError(
            f"model must be a folder, None, or an object with predict or predict_proba of a dict; it is {model!r}"
        )
    return model


def _manifest(folder: Path | None) -> "Manifest | None":
    """Return what is known of the model in a folder."""
    from livermore.ml.artifacts import read_manifest

    return read_manifest(folder) if folder is not None and folder.is_dir() else None


def _name(routes: Sequence[Mapping[str, Any]]) -> str:
    """Return the names of the strategies."""
    names = (route.get("strategy") for route in routes)
    return ", ".join(dict.fromkeys(name if isinstance(name, str) else getattr(name, "__name__", "?") for name in names))


def _looks(trials: int | None, deployed: _Deployed, window: Window) -> tuple[int, str]:
    """Return how often these days were looked at, and where that number comes from; write this look down."""
    if trials is not None:
        return trials, ""
    if deployed.folder is None or not (deployed.folder / "model.pkl").is_file():
        return 1, (
            "How often these days were looked at is not recorded, and taken to be once. If you have tried other "
            "models, features or thresholds on them, say so with trials=…"
        )
    from livermore.ml.evidence import LEDGER_NAME, Ledger, Opening

    ledger = Ledger(deployed.folder / LEDGER_NAME)
    version = "" if deployed.manifest is None else deployed.manifest.version
    look = Opening(
        opened_at=int(time.time()),
        test_start=window.start,
        test_end=window.end,
        task=COMPARING,
        label="",
        estimator=version,
        configuration=_hash(version, len(deployed.result.trades)),
        figures=_hash(*(trade["PNL"] for trade in deployed.result.trades)),
        markets=tuple(sorted({(s.exchange, s.symbol, s.timeframe) for s in deployed.result.strategies})),
    )
    ledger.record(look)
    touching = ledger.touching(look.test_start, look.test_end, look.markets)
    compared = {o.identity for o in touching if o.task == COMPARING}
    trained = {o.identity for o in touching if o.task != COMPARING}
    # The first comparison looks at what a training has already looked at; each further one is a choice of its own.
    return max(1, len(compared) + len(trained) - (1 if trained else 0)), ""


def _hash(*values: Any) -> str:
    return sha256(repr(values).encode()).hexdigest()[:16]


def _asked(result: "SessionResult") -> list[str]:
    """Say what was skipped; days of the training are told apart already."""
    from livermore.ml.report import asking_notes

    return asking_notes(result.ml, in_sample=False)


def _check_counts(trials: int | None, draws: int, resamples: int) -> None:
    """Refuse numbers that cannot be."""
    for name, value, least in (("trials", trials, 1), ("draws", draws, 100), ("resamples", resamples, 100)):
        if value is not None and value < least:
            raise ConfigError(f"{name} must be {least} or more; it is {value}")
