"""Did the model help? Backtests of the same strategy without it and with it, and against random filters."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from livermore.comparison.decisions import Decisions
from livermore.comparison.statistics import Period, bets_of, by_group, coverage, figures_of, pool_notes, verdict
from livermore.engine import BacktestSpec, PassAllModel, SessionResult
from livermore.engine.routes import strategy_names
from livermore.errors import ConfigError, StrategyError
from livermore.formatting import p_equals
from livermore.sanity import sanity_of
from livermore.strategies import strategy_folder

if TYPE_CHECKING:
    from livermore.ml.artifacts import Manifest
    from livermore.ml.report import HtmlReport

__all__ = ["Comparison", "compare"]

Progress = Callable[[int, int], None]


class Comparison(dict[str, Any]):
    """The result of `compare_backtests`: a dict whose text is a report, also as HTML and in notebooks.

    Examples
    --------
    >>> import tempfile
    >>> from livermore.research import compare_backtests
    >>> from livermore.testing import ExampleStrategy, example_backtest, example_training
    >>> folder = tempfile.mkdtemp()
    >>> result = example_training(save_to=folder)
    >>> given = example_backtest(seed=2)
    >>> comparison = compare_backtests(ExampleStrategy, folder, **given, draws=100, sanity=False, verbose=False)
    >>> comparison["verdict"]["helped"] in ("yes", "no", "cannot tell")
    True
    """

    def __repr__(self) -> str:
        verdict, without, with_model = self["verdict"], self["baseline"]["trades"], self["model"]["trades"]
        return (
            f"Comparison({self['name']}, helped: {verdict['helped']}, {p_equals(verdict['p_value'])}, {without} trades "
            f"without the model and {with_model} with it, keys {list(self)})"
        )

    def __str__(self) -> str:
        from livermore.ml.report import render_comparison

        return render_comparison(self)

    def to_html(self, path: str | Path | None = None) -> "HtmlReport":
        """Return the report as one HTML file that works offline, and write it if a path is given.

        The page is a str whose repr is short, so that a notebook cell may end in this call.
        """
        from livermore.ml.report import compare_report_html

        return compare_report_html(self, path)

    def _repr_html_(self) -> str:
        from livermore.ml.report import compare_report_html

        return compare_report_html(self, embed=True)


def compare(
    spec: BacktestSpec,
    model: str | Path | Any | None,
    *,
    trials: int | None,
    draws: int,
    resamples: int,
    seed: int,
    sanity: bool,
    progress: Progress,
) -> Comparison:
    """Backtest a strategy without and with its model, and judge whether the difference is due to the model.

    Parameters, result and errors as for `livermore.research.compare_backtests`; `progress` is called during both
    backtests with (minutes done, all minutes).
    """
    from livermore.ml.evidence import compare_paired, match_bets

    _check_counts(trials, draws, resamples)
    deployed = _with_model(spec, model, progress)
    baseline, how = _without_model(spec, deployed.manifest, progress)
    pool = match_bets(bets_of(baseline), bets_of(deployed.result))
    period = Period.of(deployed.result, deployed.manifest, pool, getattr(deployed.spec.model, "first_at", None))
    fresh = pool.take(pool.opened >= period.start)
    looks, counted = _looks(trials, deployed, period)
    compared = compare_paired(
        fresh,
        start=period.start,
        end=period.end,
        trials=looks,
        n_draws=draws,
        n_resamples=resamples,
        random_state=seed,
    )
    return Comparison(
        name=", ".join(strategy_names(spec.routes)),
        interval=(period.start, period.end),
        setting=spec.setting() | {"model_version": _version(deployed)},
        created=int(time.time()),
        baseline=figures_of(compared.without, fresh, fresh.without > 0, baseline, period, compared.trials),
        model=figures_of(compared.with_model, fresh, fresh.with_model > 0, deployed.result, period, compared.trials),
        random={"draws": draws, **compared.random},
        difference=compared.difference,
        verdict=verdict(compared, fresh, period, deployed.result),
        coverage=coverage(fresh),
        matched=fresh.n_matched,
        by=by_group(fresh),
        equity={key: values.tolist() for key, values in compared.equity.items()},
        in_sample=period.in_sample(pool),
        sanity=_sanity(deployed, period) if sanity else None,
        decisions=deployed.decisions.rows(baseline.closed_trades, deployed.result.closed_trades, fresh, period),
        notes=[
            *filter(None, (how, counted, *pool_notes(fresh), period.note(pool), period.length_note())),
            *_usage_notes(deployed.result),
        ],
    )


# --- The two backtests ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Deployed:
    """The backtest with the model; its folder and manifest where it has them."""

    spec: BacktestSpec
    result: SessionResult
    decisions: Decisions
    folder: Path | None
    manifest: "Manifest | None"


def _with_model(spec: BacktestSpec, model: Any, progress: Progress) -> _Deployed:
    """Backtest in deploy mode, with the strategies' own models or with the one that is given."""
    given = None if model is None else _predictor(model)
    spec = spec.with_(ml_mode="deploy", model=given)
    session = spec.open(on_progress=progress)
    decisions = Decisions(session)
    session.run()
    folder = Path(model) if isinstance(model, str | Path) else None
    if model is None:
        folder = strategy_folder(type(session.runners[0].strategy))
    return _Deployed(spec, SessionResult.of(session), decisions, folder, _manifest(folder))


def _without_model(spec: BacktestSpec, manifest: "Manifest | None", progress: Progress) -> tuple[SessionResult, str]:
    """Backtest without the model; say how, if that was not simply in gather mode."""
    result = spec.with_(ml_mode="gather").run(on_progress=progress)
    if result.trades:
        return result, ""
    name = ", ".join(strategy_names(spec.routes))
    if manifest is None or manifest.task != "binary":
        raise StrategyError(
            f"{name} makes no trade in gather mode, so there is nothing to compare the model with. Let it trade its "
            "signals when self.ml_mode is 'gather'"
        )
    result = spec.with_(ml_mode="deploy", model=PassAllModel()).run(on_progress=progress)
    if not result.trades:
        raise StrategyError(
            f"{name} makes no trade, neither in gather mode nor with a model that passes every signal: there is "
            "nothing to compare"
        )
    return result, (
        "In gather mode the strategy does not trade; without the model means here: in deploy mode, with every signal "
        "passed at probability 1."
    )


def _sanity(deployed: _Deployed, period: Period) -> dict[str, Any]:
    """Run the backtest with the model one bar late, and say what it costs, on the days of the verdict."""
    return sanity_of(deployed.spec, deployed.result, with_model=True, start=1000.0 * period.start)


def _version(deployed: _Deployed) -> str:
    """Return the version of the model in the folder; empty if the model has none."""
    return "" if deployed.manifest is None else deployed.manifest.version


def _predictor(model: Any) -> Any:
    """Return an object with predict or predict_proba: the model of a folder, or the object itself."""
    if isinstance(model, str | Path):
        from livermore.ml.inference import load_predictor

        return load_predictor(model)
    if not any(hasattr(model, name) for name in ("predict", "predict_proba", "at")):
        raise ConfigError(
            f"model must be a folder, None, or an object with predict or predict_proba of a dict; it is {model!r}"
        )
    return model


def _manifest(folder: Path | None) -> "Manifest | None":
    """Return the manifest of the model in a folder; None if it has none."""
    from livermore.ml.artifacts import read_manifest

    return read_manifest(folder) if folder is not None and folder.is_dir() else None


def _looks(trials: int | None, deployed: _Deployed, period: Period) -> tuple[int, str]:
    """Count this comparison in the ledger; return how often these days were looked at, and a note on that number."""
    if trials is not None:
        return trials, ""
    if deployed.folder is None or not (deployed.folder / "model.pkl").is_file():
        return 1, (
            "How often these days were looked at is not recorded, and taken to be once. If you have tried other "
            "models, features or thresholds on them, say so with trials=…"
        )
    from livermore.ml.evidence import COMPARISON, Opening, different_trials, ledger_for

    ledger = ledger_for(deployed.folder)
    version = _version(deployed)
    look = Opening(
        opened_at=int(time.time()),
        test_start=period.start,
        test_end=period.end,
        task=COMPARISON,
        label="",
        estimator=version,
        configuration=_hash(version, len(deployed.result.trades)),
        figures=_hash(*(trade["PNL"] for trade in deployed.result.trades)),
        markets=tuple(sorted({(s.exchange, s.symbol, s.timeframe) for s in deployed.result.strategies})),
    )
    ledger.record(look)
    touching = ledger.touching(look.test_start, look.test_end, look.markets)
    compared = different_trials([o for o in touching if o.task == COMPARISON])
    trained = different_trials([o for o in touching if o.task != COMPARISON])
    # The first comparison repeats the training's evaluation of these days, so it is not counted as another trial.
    return max(1, len(compared) + len(trained) - (1 if trained else 0)), ""


def _hash(*values: Any) -> str:
    return sha256(repr(values).encode()).hexdigest()[:16]


def _usage_notes(result: SessionResult) -> list[str]:
    """Say which predictions were skipped; in-sample days are reported separately already."""
    from livermore.ml.report import asking_notes

    return asking_notes(result.ml, in_sample=False)


def _check_counts(trials: int | None, draws: int, resamples: int) -> None:
    """Refuse counts that are too small."""
    for name, value, least in (("trials", trials, 1), ("draws", draws, 100), ("resamples", resamples, 100)):
        if value is not None and value < least:
            raise ConfigError(f"{name} must be {least} or more; it is {value}")
