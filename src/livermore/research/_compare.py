"""`compare_backtests`: did the model help? The same signals without it, with it, and with random filters."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from livermore.errors import ConfigError, StrategyError

if TYPE_CHECKING:
    from livermore.engine import SessionResult
    from livermore.ml.artifacts import Manifest
    from livermore.ml.evidence import BetPool, Bets, PairedComparison
    from livermore.strategies import Strategy

__all__ = ["Comparison", "compare_backtests"]

Candles = Mapping[str, Mapping[str, Any]]

# Groups of fewer trades with the model than this tell nothing.
FEW_TRADES = 20
DAY = 86_400
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
    pool = match_bets(_bets(baseline), _bets(deployed.result))
    window = _Window.of(deployed, pool)
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
        baseline=_side(compared.without, fresh, fresh.without > 0, baseline),
        model=_side(compared.with_model, fresh, fresh.with_model > 0, deployed.result),
        random={"draws": draws, **compared.random},
        difference=compared.difference,
        verdict=_verdict(compared, fresh, window),
        coverage=_coverage(fresh),
        matched=fresh.n_matched,
        by=_by_group(fresh),
        equity={key: values.tolist() for key, values in compared.equity.items()},
        in_sample=window.in_sample(pool),
        notes=[*filter(None, (how, counted, *_pool_notes(fresh), window.note(pool))), *_asked(deployed.result)],
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
        session = self._opened("deploy")
        folder: Path | None = Path(model) if isinstance(model, str | Path) else None
        if model is None:
            folder = session.runners[0].strategy._folder()
        else:
            predictor = _predictor(model)
            for runner in session.runners:
                runner.strategy._predictor = predictor
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
        session = self._opened("deploy")
        for runner in session.runners:
            runner.strategy._predictor = _PassesAll()
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


# --- Trades as bets ---------------------------------------------------------------------------------------------------


def _bets(result: "SessionResult") -> "Bets":
    """Return the closed trades of a run, with their returns and their share of the account."""
    from livermore.ml.evidence import Bets

    trades = [trade for trade in result.trades if trade["size"] > 0]
    closed_at = np.array([trade["closed_at"] for trade in trades])
    opened_at = np.array([trade["opened_at"] for trade in trades])
    profit, size = (np.array([float(trade[key]) for trade in trades]) for key in ("PNL", "size"))
    order = np.argsort(closed_at, kind="stable")
    earned = np.concatenate([[0.0], np.cumsum(profit[order])])
    account = result.balances[0] + earned[np.searchsorted(closed_at[order], opened_at, side="right")]
    return Bets(
        opened=(opened_at // 1000).astype(np.int64),
        closed=(closed_at // 1000).astype(np.int64),
        value=profit / size,
        exposure=size / np.maximum(account, 1e-9),
        symbol=np.array([trade["symbol"] for trade in trades], dtype=np.str_),
        side=np.array([str(trade["type"]) for trade in trades], dtype=np.str_),
    )


@dataclass(frozen=True)
class _Window:
    """Which days the verdict rests on: those after the model's training, if there are any.

    Attributes
    ----------
    start, end : int
        UTC seconds, half-open.
    first : int
        Where the backtest starts.
    overlaps : bool
        Whether the backtest shares days with the training.
    in_sample_only : bool
        Whether there is nothing behind the training.
    """

    start: int
    end: int
    first: int
    overlaps: bool
    in_sample_only: bool

    @classmethod
    def of(cls, deployed: _Deployed, pool: "BetPool") -> "_Window":
        """Compare the days of the run with those of the training."""
        times = deployed.result.balance_times
        first, end = int(times[0] // 1000), int(times[-1] // 1000)
        trained = None if deployed.manifest is None else deployed.manifest.about.get("data", {}).get("train_interval")
        if not trained or trained[1] < first or trained[0] >= end:
            return cls(first, end, first, overlaps=False, in_sample_only=False)
        fresh_from = int(trained[1]) + 1
        fresh = bool((pool.without[pool.opened >= fresh_from] > 0).any())
        return cls(fresh_from if fresh else first, end, first, overlaps=True, in_sample_only=not fresh)

    def in_sample(self, pool: "BetPool") -> dict[str, Any] | None:
        """Describe the trades that the model was trained on; None if there are no such days."""
        if not self.overlaps:
            return None
        seen = pool if self.in_sample_only else pool.take(pool.opened < self.start)
        return {"interval": (self.first, self.end if self.in_sample_only else self.start)} | _group("in-sample", seen)

    def note(self, pool: "BetPool") -> str:
        """Say which days were left out, and why."""
        seen = self.in_sample(pool)
        if seen is None:
            return ""
        if self.in_sample_only:
            return "All trades are on days that the model was trained on: the figures flatter it and prove nothing."
        days = (self.start - self.first) / DAY
        return (
            f"The first {days:.0f} days are days that the model was trained on. They are left out; on them expectancy "
            f"is {seen['expectancy_model']:.3f} % with the model and {seen['expectancy_baseline']:.3f} % without."
        )


def _looks(trials: int | None, deployed: _Deployed, window: _Window) -> tuple[int, str]:
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


# --- What is said -----------------------------------------------------------------------------------------------------


def _side(figures: Mapping[str, float], pool: "BetPool", placed: Any, result: "SessionResult") -> dict[str, Any]:
    """Return the figures of one run; `placed` marks its trades in the pool."""
    first = pool.opened[placed].min() if placed.any() else 0
    fees = sum(float(trade["fee"]) for trade in result.trades if trade["opened_at"] // 1000 >= first)
    return {"trades": int(placed.sum()), "fees": fees, **figures, "metrics": result.metrics}


def _coverage(pool: "BetPool") -> float:
    """Return the share of the trades without the model that the model made too."""
    return pool.n_matched / max(int(np.count_nonzero(pool.without > 0)), 1)


def _by_group(pool: "BetPool") -> dict[str, list[dict[str, Any]]]:
    """Compare by month of opening, by side, and by symbol."""
    months = pool.opened.astype("datetime64[s]").astype("datetime64[M]").astype(str)
    return {
        name: [_group(str(group), pool.take(labels == group)) for group in np.unique(labels)]
        for name, labels in (("month", months), ("side", pool.side), ("symbol", pool.symbol))
    }


def _group(name: str, pool: "BetPool") -> dict[str, Any]:
    """Compare one group of trades."""
    n_model = int(np.count_nonzero(pool.with_model > 0))
    without, with_model = _expectancy(pool.without, pool.value), _expectancy(pool.with_model, pool.value_with)
    return {
        "group": name,
        "n_baseline": int(np.count_nonzero(pool.without > 0)),
        "n_model": n_model,
        "expectancy_baseline": without,
        "expectancy_model": with_model,
        "difference": with_model - without,
        "thin": n_model < FEW_TRADES,
    }


def _expectancy(exposure: Any, value: Any) -> float:
    """Return the net return on money placed, in percent."""
    placed = float(exposure.sum())
    return 100 * float(exposure @ value) / placed if placed > 0 else float("nan")


def _pool_notes(pool: "BetPool") -> list[str]:
    """Say where the pairing is not perfect."""
    notes = []
    if pool.n_only_model:
        notes.append(
            f"{pool.n_only_model} of the model's trades were not made without it: their signals found the position "
            "taken. They are in the pool that random filters draw from."
        )
    if pool.n_changed:
        notes.append(
            f"{pool.n_changed} trades of both runs ended differently: in deploy mode the strategy does more than "
            "filter, and the difference is not the filter's alone."
        )
    return notes


def _asked(result: "SessionResult") -> list[str]:
    """Say what was skipped; days of the training are told apart already."""
    from livermore.ml.report import asking_notes

    return asking_notes(result.ml, in_sample=False)


def _verdict(compared: "PairedComparison", pool: "BetPool", window: _Window) -> dict[str, Any]:
    """Return the answer, and say it in words."""
    helped = "cannot tell" if window.in_sample_only else compared.helped
    return {
        "helped": helped,
        "p_value": compared.p_value,
        "trials": compared.trials,
        "text": "\n".join(_words(compared, pool, window, helped)),
    }


def _words(compared: "PairedComparison", pool: "BetPool", window: _Window, helped: str) -> list[str]:
    n_model = int(np.count_nonzero(pool.with_model > 0))
    if not n_model:
        return ["The model let no trade through, so there is nothing to judge."]
    found = compared.difference["expectancy"]
    lines = [
        f"With the model a trade brings {compared.with_model['expectancy']:+.3f} % of its size, without it "
        f"{compared.without['expectancy']:+.3f} %: a difference of {found['value']:+.3f} % (95 % interval "
        f"{found['low']:+.3f} to {found['high']:+.3f}).",
        f"Of random filters that let as many trades through, {found['p_random']:.1%} do at least as well"
        f"{_deflated(compared)}.",
    ]
    if window.in_sample_only:
        lines.append("But the model was trained on these days. Test it on days behind its training.")
    elif helped == "yes":
        lines.append(_cost_of_fewer_trades(compared))
    elif helped == "no" and pool.n_matched == n_model == np.count_nonzero(pool.without > 0):
        lines.append("It let every trade through.")
    elif helped == "cannot tell":
        lines.append(f"{n_model:,} trades with the model are too few to tell a difference of this size from chance.")
    return [line for line in lines if line]


def _deflated(compared: "PairedComparison") -> str:
    if compared.trials == 1:
        return ""
    return f"; allowing for {compared.trials} looks at these days, p = {compared.p_value:.3f}"


def _cost_of_fewer_trades(compared: "PairedComparison") -> str:
    """Say so if better trades do not make a better account."""
    change = compared.difference["annual_return"]["value"]
    if change >= 0:
        return ""
    return (
        "It chooses better trades, but fewer of them: the account still earns less than without it "
        f"({compared.with_model['annual_return']:.1f} % a year instead of {compared.without['annual_return']:.1f} %)."
    )


def _check_counts(trials: int | None, draws: int, resamples: int) -> None:
    """Refuse numbers that cannot be."""
    for name, value, least in (("trials", trials, 1), ("draws", draws, 100), ("resamples", resamples, 100)):
        if value is not None and value < least:
            raise ConfigError(f"{name} must be {least} or more; it is {value}")
