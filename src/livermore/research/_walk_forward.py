"""`walk_forward`: a backtest whose model is trained again on a schedule, so that every prediction is out of sample."""

import time
from collections.abc import Mapping, Sequence
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING, Any

from livermore.console import print_text
from livermore.errors import ConfigError
from livermore.progress import ProgressBar
from livermore.research._sharpe_of_run import sharpe_of_run

if TYPE_CHECKING:
    from livermore.engine import BacktestSpec, SessionResult
    from livermore.ml.dataset import Dataset
    from livermore.ml.report import HtmlReport
    from livermore.ml.retraining import RetrainedModels
    from livermore.ml.schedule import RetrainSchedule
    from livermore.ml.tasks import Task

__all__ = ["WalkForwardResult", "walk_forward"]

Candles = Mapping[str, Mapping[str, Any]]


class WalkForwardResult(dict[str, Any]):
    """What `walk_forward` returns: a dict that can show itself as text, as HTML, and in a notebook."""

    def __repr__(self) -> str:
        found = self["out_of_sample"]
        predicted = "nothing" if found is None else f"{found['n']} samples"
        return (
            f"WalkForwardResult({self['name']}, {len(self['trainings'])} trainings, {predicted} predicted out of "
            f"sample, {len(self['trades'])} trades, keys {list(self)})"
        )

    def __str__(self) -> str:
        from livermore.ml.report import render_walk_forward

        return render_walk_forward(self)

    def to_html(self, path: str | Path | None = None) -> "HtmlReport":
        """Return the report as one HTML file that works offline, and write it if a path is given.

        The page is a str whose repr is short, so that a notebook cell may end in this call.
        """
        from livermore.ml.report import walk_forward_report_html

        return walk_forward_report_html(self, path)

    def _repr_html_(self) -> str:
        from livermore.ml.report import walk_forward_report_html

        return walk_forward_report_html(self, embed=True)


def walk_forward(
    estimator: Any,
    config: Mapping[str, Any],
    routes: Sequence[Mapping[str, Any]],
    data_routes: Sequence[Mapping[str, Any]] | None,
    candles: Candles,
    warmup_candles: Candles | None = None,
    *,
    schedule: "RetrainSchedule",
    task: str = "binary",
    data: "Sequence[Mapping[str, Any]] | Mapping[str, Any] | Dataset | None" = None,
    hyperparameters: Mapping[str, Any] | None = None,
    root: str | Path | None = None,
    n_jobs: int | None = None,
    verbose: bool = True,
) -> WalkForwardResult:
    """Backtest a strategy in deploy mode with a model that is trained again on a schedule.

    Parameters
    ----------
    estimator : estimator
        Unfitted; a copy of it is fitted at each training, after a StandardScaler.
    config, routes, data_routes, candles, warmup_candles, hyperparameters
        As for `backtest`. All routes run the same strategy, whose samples make one data set.
    schedule : RetrainSchedule
        When to train, and on which of the samples that are known by then.
    task : {"binary", "multiclass", "regression"}
        As for `train_model`.
    data : samples, optional
        What to train on, with times at which labels became known; by default the strategy is run in gather mode first.
        Samples from before the backtest give it a model from its first bar.
    root : path-like, optional
        The folder that holds ``strategies/``; by default the working directory.
    n_jobs : int, optional
        How many trainings may run at once, as joblib takes it.
    verbose : bool
        Whether to print the report.

    Returns
    -------
    WalkForwardResult
        A dict: ``metrics``, ``trades``, ``equity_curve`` and ``ml`` of the backtest; ``models``, which
        `compare_backtests` takes as its model; ``trainings``: for each one `at`, `n_samples`, `interval` of their
        times (UTC seconds), `trained`, `note`; ``out_of_sample``: `n`, `interval`, `metrics`, their 95 % `intervals`
        and the `verdict` of predictions for the gathered samples, each by the model in force that had not seen it, or
        None; ``pays``: whether the trades after the first training earn anything after costs (`livermore.sanity.pays`);
        ``sharpe_evidence``: how far the Sharpe ratio of the days from the first training on can be trusted, as
        `backtest` has it; ``data_points``; ``name``; ``setting``: `markets`, `type`, `fee`, `leverage`; ``created``
        (UTC seconds).

    Raises
    ------
    ConfigError
        If the routes run different strategies.
    NoSamplesError
        If gathering recorded no labelled sample.
    DatasetError
        If it is not known when labels became known.
    EstimatorError
        If the estimator does not fit the task.

    Notes
    -----
    At each bar the model that was trained last predicts from the strategy's features; its labels were all known when it
    was trained, at or before the end of that bar. Before the first training the answer is NaN, so that no condition
    ``p >= threshold`` is true; how often that was is in ``ml``. Samples come from a backtest in gather mode, in which
    the strategy trades its signals unfiltered: what a live session would record in the background.

    Examples
    --------
    >>> from datetime import timedelta
    >>> from sklearn.linear_model import LogisticRegression
    >>> from livermore.research import RetrainSchedule
    >>> from livermore.testing import example_backtest
    >>> schedule = RetrainSchedule(every=timedelta(days=5))
    >>> result = walk_forward(LogisticRegression(), **example_backtest(), schedule=schedule, verbose=False)
    >>> len(result["trainings"]), result["out_of_sample"]["n"]
    (5, 606)
    """
    from livermore.engine import BacktestSpec, SessionResult
    from livermore.ml.retraining import retrain
    from livermore.ml.tasks import task_named
    from livermore.research._train_model import as_dataset

    if not hasattr(schedule, "times"):
        raise ConfigError(f"schedule must be a RetrainSchedule(every=timedelta(days=30)) or like it, not {schedule!r}")
    name = _only_strategy(routes)
    spec = BacktestSpec(config, routes, data_routes, candles, warmup_candles, hyperparameters, root)
    chosen = task_named(task)
    chosen.check_estimator(estimator)
    samples = as_dataset(_gathered(spec) if data is None else data)
    clock = spec.open().clock
    start, end = int(clock.start / 1000), int(clock.ends[-1] / 1000) + 1
    models = retrain(samples, estimator, chosen, schedule, start=start, end=end, n_jobs=n_jobs)
    with ProgressBar("Backtest with retraining", "minutes", enabled=verbose) as bar:
        session = spec.with_(ml_mode="deploy", model=models).open(on_progress=bar)
        session.run()
    found = _result(name, SessionResult.of(session), models, samples, chosen)
    found |= {"setting": spec.setting(), "created": int(time.time())}
    if verbose:
        print_text(found)
    return found


def _only_strategy(routes: Sequence[Mapping[str, Any]]) -> str:
    """Return the name of the strategy of all routes."""
    from livermore.engine.routes import strategy_names

    names = strategy_names(routes)
    if len(names) != 1:
        raise ConfigError(
            f"the routes run {len(names)} strategies ({', '.join(sorted(names))}), and walk_forward trains one model "
            "for one of them. Call it once for each."
        )
    return names[0]


def _gathered(spec: "BacktestSpec") -> list[dict[str, Any]]:
    """Return the samples that the strategy records in gather mode."""
    from livermore.research._gather_ml_data import no_samples

    result = spec.with_(ml_mode="gather").run()
    if not result.data_points:
        raise no_samples(result)
    return result.data_points


def _result(
    name: str, result: "SessionResult", models: "RetrainedModels", samples: "Dataset", task: "Task"
) -> WalkForwardResult:
    return WalkForwardResult(
        name=name,
        metrics=result.metrics,
        trades=result.trades,
        equity_curve=result.equity_curve,
        ml=result.ml,
        pays=_pays(result, models),
        sharpe_evidence=sharpe_of_run(result, inf if models.first_at is None else 1000 * models.first_at),
        models=models,
        trainings=[
            {
                "at": training.at,
                "n_samples": int(training.rows.size),
                "interval": _interval(samples, training.rows),
                "trained": training.predictor is not None,
                "note": training.note,
            }
            for training in models.trainings
        ],
        out_of_sample=_out_of_sample(models, samples, task),
        data_points=samples.to_samples(),
    )


def _pays(result: "SessionResult", models: "RetrainedModels") -> dict[str, Any]:
    """Test the trades that were opened after the first training: each decision of theirs was out of sample."""
    from livermore.sanity import TradedAmounts, pays

    first = inf if models.first_at is None else 1000 * models.first_at
    return pays(TradedAmounts.of([trade for trade in result.closed_trades if (trade.opened_at or 0) >= first]))


def _interval(samples: "Dataset", rows: Any) -> tuple[int, int] | None:
    """Return the times of the first and the last of some samples."""
    return (int(samples.time[rows].min()), int(samples.time[rows].max())) if rows.size else None


def _out_of_sample(models: "RetrainedModels", samples: "Dataset", task: "Task") -> dict[str, Any] | None:
    """Measure the predictions for all samples that had a model which did not know them."""
    from livermore.ml.retraining import assess_out_of_sample

    # The model is asked when a bar is complete.
    found = assess_out_of_sample(models, samples, task, samples.bar_end)
    if found is None:
        return None
    return {
        "n": int(found.rows.size),
        "interval": _interval(samples, found.rows),
        "metrics": found.metrics,
        "intervals": found.intervals,
        "verdict": found.verdict,
    }
