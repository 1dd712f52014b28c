"""`gather_ml_data`: run a backtest and save the labelled samples that its strategies recorded."""

import warnings
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

# Nearly every strategy asks for indicators: loaded here, they are not loaded in the middle of its first run.
import livermore.indicators  # noqa: F401
from livermore.console import print_text
from livermore.engine import BacktestSpec, SessionResult
from livermore.errors import ConfigError, DatasetError, FileError, LivermoreWarning, NoSamplesError
from livermore.files import check_writable
from livermore.ml.dataset import Dataset, Sample
from livermore.progress import ProgressBar
from livermore.research._load_ml_data_csv import samples_path
from livermore.research._partial_samples import partial_path, remove_superseded

if TYPE_CHECKING:
    from livermore.ml.report import HtmlReport

__all__ = ["GatheringResult", "gather_ml_data", "no_samples"]

# Samples by the name of the strategy that recorded them.
Groups = dict[str, list[Sample]]


class GatheringResult(dict[str, Any]):
    """What `gather_ml_data` returns: a dict with a short repr, which can show itself as HTML and in a notebook."""

    def __repr__(self) -> str:
        return f"GatheringResult({len(self['data_points']):,} samples, keys {list(self)})"

    def to_html(self, path: str | Path | None = None) -> "HtmlReport":
        """Return a report on the samples as one HTML file that works offline, and write it if a path is given.

        The page is a str whose repr is short, so that a notebook cell may end in this call.
        """
        from livermore.ml.report import gather_report_html

        return gather_report_html(self, path)

    def _repr_html_(self) -> str:
        from livermore.ml.report import gather_report_html

        return gather_report_html(self, embed=True)


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
) -> GatheringResult:
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
    hyperparameters : dict, optional
        Replaces `self.hp` of all strategies.
    on_progress : callable, optional
        Called about once per simulated day with (minutes done, all minutes), instead of a progress bar.

    Returns
    -------
    GatheringResult
        A dict. ``data_points``: the samples of all routes, in the order in which their labels were recorded;
        ``backtest_metrics``: the metrics of the run.

    Raises
    ------
    NoSamplesError
        If no labelled sample was recorded; the message says what to check.
    FeatureError
        If features differ between samples, or are no finite numbers; sample and feature are named.
    ConfigError
        If the file cannot be written; that is checked before the backtest runs.

    Notes
    -----
    When the backtest is interrupted (Ctrl-C, or a strategy that raises), the samples that were complete by then are
    saved to ``<Name>_data.partial.csv`` beside the file, and the exception is raised; a later run that completes them
    removes it. An older ``<Name>_data.csv`` is left as it was.

    Examples
    --------
    >>> from livermore.testing import example_backtest
    >>> gathered = gather_ml_data(**example_backtest(), csv_path=None, verbose=False)
    >>> len(gathered["data_points"]), sorted(gathered["data_points"][0]["features"])
    (947, ['change'])
    """
    spec = BacktestSpec(config, routes, data_routes, candles, warmup_candles, hyperparameters)
    names = _strategy_names(routes)
    paths = _writable_paths(csv_path, sorted(set(names.values())))
    with ProgressBar("Gathering", "minutes", enabled=verbose) as bar:
        session = spec.open(on_progress=on_progress or bar)
        try:
            session.run()
        except BaseException as error:
            _save_partial(_grouped(session.data_points, names), paths, error)
            raise
    result = SessionResult.of(session)
    groups = _grouped(result.data_points, names)
    if not groups:
        raise no_samples(result)
    _warn_of_silent_routes(result)
    files = _write(groups, paths)
    if verbose:
        from livermore.ml.report import render_gathering

        days = result.balance_times[0] / 1000, result.balance_times[-1] / 1000
        print_text(render_gathering(groups, result.metrics, n_open=result.open_points, files=files, interval=days))
    return GatheringResult(data_points=result.data_points, backtest_metrics=result.metrics)


def _strategy_names(routes: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Return the name of the strategy that trades each symbol."""
    return {route["symbol"]: getattr(route["strategy"], "__name__", str(route["strategy"])) for route in routes}


def _writable_paths(csv_path: str | Path | None, names: Sequence[str]) -> dict[str, Path]:
    """Return the file of each strategy, after making sure that it can be written."""
    if csv_path is None:
        return {}
    if not isinstance(csv_path, str | Path):
        raise ConfigError(f"csv_path must be 'auto', a path or None, not {csv_path!r}.")
    if csv_path == "auto":
        from livermore.strategies import check_strategy_name

        for name in names:
            check_strategy_name(name)
        paths = {name: samples_path(name) for name in names}
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
    """Make the folder of a file, and make sure that the samples can be written to it."""
    from livermore.ml.dataset import check_samples_path, parquet_beside  # loads pyarrow

    try:
        check_samples_path(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        check_writable(path)
        check_writable(parquet_beside(path))
    except DatasetError as error:
        raise ConfigError(str(error)) from error
    except FileError as error:
        raise ConfigError(f"samples cannot be written to {error}") from error
    except OSError as error:
        raise ConfigError(
            f"samples cannot be written to {path}: {error.strerror or error}. Choose another csv_path, or make the "
            "folder writable."
        ) from error


def _grouped(samples: Sequence[Sample], names: Mapping[str, str]) -> Groups:
    """Group samples by the strategy that recorded them."""
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
    from livermore.ml.dataset import write_samples  # loads pyarrow

    files: list[Path] = []
    for name, samples in groups.items():
        try:
            files.append(write_samples(samples, paths[name]))
        except BaseException as error:
            # The run is over and may have taken hours: what is sound of all that is not written yet is kept.
            _save_partial(dict(list(groups.items())[len(files) :]), paths, error)
            raise
    # When all is written: a warning may be an error, and would then leave the rest unwritten.
    for name, samples in groups.items():
        remove_superseded(paths[name], samples)
    return files


def _save_partial(groups: Groups, paths: Mapping[str, Path], error: BaseException) -> None:
    """Save what is sound of the samples of a run that fails, and say where in a note on its exception."""
    from livermore.ml.dataset import sound_samples, write_samples

    for name, samples in groups.items():
        if name not in paths:
            continue
        target = partial_path(paths[name])
        saved = sound_samples(samples)
        left_out = len(samples) - len(saved)
        # A file of the user's may stand at the usual name; then the name is a longer one.
        for path in (target, target.with_suffix(".2.csv")):
            try:
                write_samples(saved or samples, path)
            except Exception as failure:
                error.add_note(f"{len(samples)} samples of {name} could not be saved to {path}: {failure}")
                continue
            error.add_note(
                f"{len(saved)} samples of {name}, recorded before the run ended early, are in {path}."
                if not left_out
                else f"{len(saved)} samples of {name} are in {path}; {left_out} that cannot be used, or have other "
                "names of features or label than the first, are left out."
            )
            break


def _warn_of_silent_routes(result: SessionResult) -> None:
    """Warn of routes that recorded nothing."""
    recorded = {sample["symbol"] for sample in result.data_points}
    silent = [f"{type(s).__name__} on {s.symbol}" for s in result.strategies if s.symbol not in recorded]
    if silent:
        warnings.warn(f"no sample was recorded by {', '.join(silent)}.", LivermoreWarning, stacklevel=3)


def no_samples(result: SessionResult) -> NoSamplesError:
    """Return the error for a backtest that recorded nothing, with what to check."""
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
