"""The machine-learning functions, with Jesse's signatures: gather samples, train on them, load samples and models."""

import warnings
from collections.abc import Callable, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

# Nearly every strategy asks for indicators: loaded here, they are not loaded in the middle of its first run.
import livermore.indicators  # noqa: F401
from livermore.engine import Session, SessionResult, open_session
from livermore.errors import ConfigError, DatasetError, DatasetNotFoundError, LivermoreWarning, NoSamplesError
from livermore.ml.dataset import Dataset, Sample

if TYPE_CHECKING:
    from livermore.ml.result import TrainingResult

__all__ = ["gather_ml_data", "load_ml_data_csv", "load_ml_model", "train_model"]

# Samples by the name of the strategy that recorded them.
Groups = dict[str, list[Sample]]


def gather_ml_data(
    config: Mapping[str, Any],
    routes: Sequence[Mapping[str, Any]],
    data_routes: Sequence[Mapping[str, Any]],
    candles: Mapping[str, Mapping[str, Any]],
    warmup_candles: Mapping[str, Mapping[str, Any]] | None = None,
    csv_path: str | Path | None = "auto",
    verbose: bool = True,
    *,
    hyperparameters: Mapping[str, Any] | None = None,
    on_progress: Callable[[int, int], None] | None = None,
) -> dict[str, Any]:
    """Run a backtest and return the labelled samples that its strategies recorded.

    Parameters
    ----------
    config, routes, data_routes, candles, warmup_candles
        As for `backtest`.
    csv_path : "auto", path-like or None
        Where the samples are written: as Jesse's CSV, with a Parquet file beside it that also holds when each label
        became known, symbols and sides. "auto" is ``strategies/<Name>/ml_data/<Name>_data.csv`` under the working
        directory, a file for each strategy of the routes. None writes nothing.
    verbose : bool
        Whether to print a summary.
    hyperparameters, on_progress
        As for `livermore.engine.run_session`.

    Returns
    -------
    dict
        ``data_points``: the samples of all routes, in the order in which their labels were recorded;
        ``backtest_metrics``: the metrics of the run.

    Raises
    ------
    NoSamplesError
        If no labelled sample was recorded; the message says what to check.
    FeatureError
        If features differ between samples, or are no finite numbers; sample and feature are named.
    ConfigError
        If the file cannot be written, which is found out before the backtest runs.

    Notes
    -----
    When the run is interrupted (Ctrl-C, or a strategy that raises), the samples that were complete by then are saved to
    ``<Name>_data.partial.csv`` beside the file, and the exception goes on its way. An older ``<Name>_data.csv`` is left
    as it was.
    """
    session = open_session(
        config, routes, data_routes, candles, warmup_candles, hyperparameters=hyperparameters, on_progress=on_progress
    )
    names = _strategy_names(routes)
    paths = _writable_paths(csv_path, sorted(set(names.values())))
    try:
        session.run()
    except BaseException as error:
        _save_partial(session, names, paths, error)
        raise
    result = SessionResult.of(session)
    groups = _grouped(result.data_points, names)
    if not groups:
        raise no_samples(result)
    _warn_of_silent_routes(result)
    files = _write(groups, paths)
    if verbose:
        from livermore.ml.report import render_gathering

        print(render_gathering(groups, result.metrics, n_open=result.open_points, files=files))
    return {"data_points": result.data_points, "backtest_metrics": result.metrics}


def train_model(
    data: Sequence[Mapping[str, Any]] | Mapping[str, Any] | Dataset,
    estimator: Any,
    task: str = "binary",
    test_ratio: float = 0.2,
    save_to: str | Path | None = None,
    verbose: bool = True,
    name: str | None = None,
    *,
    importance: bool = True,
    impact: bool = True,
    purge: bool = True,
    evidence: bool = True,
    judge_features: bool = True,
    embargo: int = 0,
    calibrate: str | None = None,
    unique_weights: bool = False,
    weight_metrics: bool = False,
    cost: float = 0.0,
    n_jobs: int | None = None,
    safe: bool = False,
) -> "TrainingResult":
    """Train an estimator on gathered samples, and report what it is worth on samples that it has not seen.

    Parameters
    ----------
    data : list of dict, Dataset, or what `gather_ml_data` returned
        The samples.
    estimator : estimator
        Any of scikit-learn's kind. A copy of it is fitted. For "binary" and "multiclass" it needs `predict_proba`.
    task : {"binary", "multiclass", "regression"}
        What the labels mean: above zero or not; whole numbers that are classes; numbers whose size matters.
    test_ratio : float
        Share of the samples, the latest, on which the model is tested.
    save_to : path-like, optional
        The strategy's folder: ``model.pkl``, ``scaler.pkl`` and ``feature_importance.pkl`` as Jesse reads them, and a
        manifest that is checked when the strategy loads them.
    verbose : bool
        Whether to print the report.
    name : str, optional
        What the model is called in the report; by default the name of the folder in `save_to`.
    importance : bool
        Whether to compute the four-method table (proxies).
    impact : bool
        Whether to refit the estimator without each feature.
    purge : bool
        Whether to leave out training samples whose labels became known only on the test side, and to run searches and
        calibrators inside the estimator on purged folds.
    evidence : bool
        Whether to add what says how far the figures can be trusted: `verdict`, `intervals`, `feature_verdicts`,
        `threshold_table`, `diagnostics`. It costs eleven more fits of the estimator on parts of the training side.
    judge_features : bool
        Whether that includes the verdicts on features, which take six of those fits.
    embargo : int
        Seconds after each test block of the inner folds in which no training sample may start; as long as the
        features look back is honest.
    calibrate : {"sigmoid", "isotonic"}, optional
        Calibrate the probabilities on purged folds of the training side.
    unique_weights : bool
        Whether to weight training samples by the share of their label's time that is theirs alone.
    weight_metrics : bool
        Whether metrics, their intervals and `feature_impact` weigh the test samples so, times their recorded weights.
        Counts, calibration, thresholds and the verdict stay those of the samples as they are.
    cost : float
        What acting on a signal costs beyond what the sample's payoff says, as a fraction.
    n_jobs : int, optional
        How many processes or threads may work at once, as joblib takes it. Results do not depend on it.
    safe : bool
        Whether to save without pickle (extra ``skops``): such a folder loads anywhere without being trusted, and Jesse
        cannot read it.

    Returns
    -------
    TrainingResult
        A dict with `model`, `scaler`, `feature_names`, `metrics`, `feature_importance`, `feature_impact`,
        `train_test_info`, for "binary" `calibration` and `class_weights`; and with `evidence` the keys named there.

    Raises
    ------
    TrainingError
        If the task is unknown, or there is nothing to learn: too few samples, a single class.
    EstimatorError
        If the estimator does not fit the task, or its fit fails.
    DatasetError, FeatureError
        If the samples cannot be used; sample and feature are named.
    ModelError
        If the model cannot be saved to the folder, which is found out before it is trained.

    Warns
    -----
    LivermoreWarning
        If the samples do not say when their labels became known, so that nothing can be purged.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.linear_model import LogisticRegression
    >>> rng = np.random.default_rng(0)
    >>> samples = [
    ...     {
    ...         "time": 900 * i,
    ...         "features": {"momentum": x, "noise": rng.standard_normal()},
    ...         "label": {"name": "win", "value": bool(x + rng.standard_normal() > 0)},
    ...         "label_time": 900 * (i + 4),
    ...     }
    ...     for i, x in enumerate(rng.standard_normal(500))
    ... ]
    >>> result = train_model(samples, LogisticRegression(), verbose=False)
    >>> result["metrics"]["roc_auc"] > 0.7, result["feature_impact"][0]["feature"]
    (True, 'momentum')
    """
    from livermore.ml.tasks import task_named
    from livermore.ml.training import TrainingOptions, train

    chosen = task_named(task)
    folder = None if save_to is None else Path(save_to)
    title = name if name is not None else folder.resolve().name if folder is not None else ""
    options = TrainingOptions(
        test_ratio=test_ratio,
        importance=importance,
        impact=impact,
        purge=purge,
        assess=evidence,
        judge_features=judge_features,
        embargo=embargo,
        calibrate=calibrate,
        unique_weights=unique_weights,
        weight_metrics=weight_metrics,
        cost=cost,
        n_jobs=n_jobs,
        title=title,
        verbose=verbose,
        save_to=folder,
        safe=safe,
    )
    return train(as_dataset(data), estimator, chosen, options)


def load_ml_data_csv(path_or_name: str | Path) -> list[Sample]:
    """Load samples that `gather_ml_data` saved, here or in Jesse.

    Parameters
    ----------
    path_or_name : path-like
        A CSV file; or the bare name of a strategy, which means ``strategies/<Name>/ml_data/<Name>_data.csv``.

    Returns
    -------
    list of dict
        The samples in order of time, labels as bool, int or float. If the Parquet file that was written with the CSV
        still lies beside it, they also know when their labels became known, and where they come from.

    Raises
    ------
    DatasetNotFoundError
        If there is no such file. It is a `FileNotFoundError`, too.
    DatasetError
        If the file is damaged; file and line are named.
    """
    from livermore.ml.dataset import read_samples

    text = str(path_or_name)
    if isinstance(path_or_name, Path) or "/" in text or "\\" in text or text.endswith(".csv"):
        return read_samples(path_or_name)
    path = _auto_path(text)
    if not path.is_file():
        raise DatasetNotFoundError(f"there is no file {path}. {_what_there_is(text)}")
    return read_samples(path)


def load_ml_model(directory: str | Path, *, trust: bool = False) -> dict[str, Any]:
    """Load a model that `train_model` saved, here or in Jesse.

    Parameters
    ----------
    directory : path-like
        The folder that it was saved to.
    trust : bool
        Load it though it was not saved by you on this machine. It is a pickle, then, and can run any code.

    Returns
    -------
    dict
        ``model``, ``scaler``, and ``feature_importance`` if it was saved.

    Raises
    ------
    ModelNotFoundError
        If the folder or a file in it is missing. It is a `FileNotFoundError`, too.
    ModelError
        If a file is damaged, or cannot be loaded with the libraries installed here.
    """
    from livermore.ml.artifacts import load_model

    loaded = load_model(directory, trust=trust)
    found = {"model": loaded.model, "scaler": loaded.scaler}
    if loaded.feature_importance is not None:
        found["feature_importance"] = loaded.feature_importance
    return found


def as_dataset(data: Any) -> Dataset:
    """Turn whatever holds samples into a data set."""
    if isinstance(data, Dataset):
        return data
    if isinstance(data, Mapping) and "data_points" in data:
        return Dataset.from_samples(data["data_points"])
    if isinstance(data, str | Path):
        raise DatasetError(f"data must be samples, not a path: train_model(load_ml_data_csv({str(data)!r}), …).")
    return Dataset.from_samples(data)


def _strategy_names(routes: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Return the name of the strategy that trades each symbol."""
    return {route["symbol"]: getattr(route["strategy"], "__name__", str(route["strategy"])) for route in routes}


def _auto_path(name: str) -> Path:
    """Return where the samples of a strategy are kept."""
    return Path("strategies", name, "ml_data", f"{name}_data.csv")


def _writable_paths(csv_path: str | Path | None, names: Sequence[str]) -> dict[str, Path]:
    """Return the file of each strategy, after making sure that it can be written."""
    if csv_path is None:
        return {}
    if csv_path == "auto":
        paths = {name: _auto_path(name) for name in names}
    elif len(names) == 1:
        paths = {names[0]: Path(csv_path)}
    else:
        raise ConfigError(
            f"csv_path={str(csv_path)!r} names one file, and the routes run {len(names)} strategies, whose features "
            f"may differ: {', '.join(names)}. Use csv_path='auto' for a file each, or None to write nothing."
        )
    for path in paths.values():
        _check_writable(path)
    return paths


def _check_writable(path: Path) -> None:
    """Make the folder of a file, and make sure that it can be written to."""
    probe = path.with_name(f".{path.name}.probe")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise ConfigError(
            f"samples cannot be written to {path}: {error.strerror or error}. Choose another csv_path, or make the "
            "folder writable."
        ) from error
    if path.is_dir():
        raise ConfigError(f"samples cannot be written to {path}: it is a folder. csv_path must name a file.")


def _grouped(samples: Sequence[Sample], names: Mapping[str, str]) -> Groups:
    """Sort samples by the strategy that recorded them."""
    strategies = set(names.values())
    if samples and len(strategies) == 1:
        return {strategies.pop(): list(samples)}
    groups: Groups = {}
    for sample in samples:
        groups.setdefault(names[sample["symbol"]], []).append(sample)
    return groups


def _write(groups: Groups, paths: Mapping[str, Path]) -> list[Path]:
    """Check the samples of each strategy, and write them if they are to be written."""
    if not paths:
        for samples in groups.values():
            Dataset.from_samples(samples)
        return []
    from livermore.ml.dataset import write_samples

    return [write_samples(samples, paths[name]) for name, samples in groups.items()]


def _save_partial(session: Session, names: Mapping[str, str], paths: Mapping[str, Path], error: BaseException) -> None:
    """Save the samples of a run that did not end, and say where in a note on its exception."""
    from livermore.ml.dataset import write_samples

    for name, samples in _grouped(session.data_points, names).items():
        if name not in paths:
            continue
        target = paths[name].with_name(f"{paths[name].stem}.partial.csv")
        try:
            write_samples(samples, target)
        except (OSError, DatasetError) as failure:
            error.add_note(f"{len(samples)} samples of {name} could not be saved to {target}: {failure}")
        else:
            error.add_note(f"{len(samples)} samples of {name}, recorded before the run ended early, are in {target}.")


def no_samples(result: SessionResult) -> NoSamplesError:
    """Say what to check when nothing was recorded."""
    bars = sum(strategy.index for strategy in result.strategies)
    unmatched = sum("record_label(" in line.message for line in result.logs)
    checks = [
        f"{bars} bars were run and {len(result.trades)} trades closed"
        + ("; if labels are recorded in on_close_position, no trade means no label." if not result.trades else "."),
    ]
    deployed = [type(strategy).__name__ for strategy in result.strategies if strategy.ml_mode != "gather"]
    if deployed:
        checks.append(f"ml_mode is not 'gather' in {', '.join(deployed)}: set self.ml_mode = 'gather' while gathering.")
    if result.open_points:
        checks.append(
            f"record_features or observe left {result.open_points} samples open at the end: record_label was not "
            "called for them, or no outcome came. Is it reached, and does the window last long enough for an outcome?"
        )
    elif unmatched:
        checks.append(f"record_label was called {unmatched} times with no sample open: call record_features first.")
    else:
        checks.append("record_features and observe were never called, or on no bar that the run reached.")
    return NoSamplesError("no labelled sample was recorded. What to check:\n  - " + "\n  - ".join(checks))


def _warn_of_silent_routes(result: SessionResult) -> None:
    """Say so when some routes recorded nothing."""
    heard = {sample["symbol"] for sample in result.data_points}
    silent = [f"{type(s).__name__} on {s.symbol}" for s in result.strategies if s.symbol not in heard]
    if silent:
        warnings.warn(f"no sample was recorded by {', '.join(silent)}.", LivermoreWarning, stacklevel=3)


def _what_there_is(name: str) -> str:
    """Say which strategies have samples, and which of them may be meant."""
    there = sorted(path.parent.parent.name for path in Path("strategies").glob("*/ml_data/*_data.csv"))
    close = get_close_matches(name, there, n=1)
    if close:
        return f"Did you mean {close[0]!r}?"
    found = f"There are samples of {', '.join(there)}. " if there else ""
    return f"{found}gather_ml_data writes it; a path must contain a slash or end in .csv."
