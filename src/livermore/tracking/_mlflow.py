"""`to_mlflow`: a result as a run of MLflow."""

import os
import re
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping
from importlib import import_module
from itertools import islice
from pathlib import Path
from typing import Any

from livermore._version import __version__
from livermore.errors import ConfigError, MissingExtraError
from livermore.ml.artifacts import save_model
from livermore.ml.result import TrainingResult
from livermore.tracking._tracked import Tracked, tracked

__all__ = ["to_mlflow"]

#: Where runs are kept unless the user says otherwise, in the working directory: the default of MLflow itself.
STORE = "sqlite:///mlflow.db"
#: So many characters of a parameter or a tag are kept; every store of MLflow takes as many.
LONGEST = 500
#: So many parameters, tags and metrics go into one call: stores in data bases take no more.
MOST_AT_ONCE = 100
#: MLflow tells its makers what is used unless this is set before it is imported.
NO_TELEMETRY = "MLFLOW_DISABLE_TELEMETRY"


def to_mlflow(
    result: Any, experiment: str = "livermore", *, run_name: str | None = None, tracking_uri: str | None = None
) -> str:
    """Keep a result as a run of MLflow: parameters, metrics with their intervals, verdicts, report and model.

    Parameters
    ----------
    result : TrainingResult or Comparison
        What `train_model`, `compare_models` or `compare_backtests` returned.
    experiment : str
        The experiment; made if it does not exist.
    run_name : str, optional
        By default the name of the model or of the strategy.
    tracking_uri : str, optional
        Where MLflow keeps its runs. By default what MLflow has been told (``mlflow.set_tracking_uri``,
        ``MLFLOW_TRACKING_URI``), else the file ``mlflow.db`` and, for files, the folder ``mlruns`` of the working
        directory. Nothing is sent anywhere unless one of these names another machine.

    Returns
    -------
    str
        The id of the run.

    Raises
    ------
    ConfigError
        If the result is of another kind, or `experiment` is no name.
    MissingExtraError
        If MLflow is not installed (extra ``mlflow``).

    Notes
    -----
    Intervals are metrics with the suffixes ``_low`` and ``_high``; figures that are not finite are named in the tag
    ``livermore.undefined``. Values of more than 500 characters are cut. The artifacts are ``report.html`` and, of a
    training, the folder ``model`` as `save_model` writes it; to load it on another machine, trust it there first.

    MLflow's telemetry is switched off (``MLFLOW_DISABLE_TELEMETRY=true``) unless you have set that variable, or have
    imported MLflow before.

    Examples
    --------
    >>> from livermore.research import to_mlflow
    >>> to_mlflow({"accuracy": 0.9})
    Traceback (most recent call last):
    livermore.errors.ConfigError: a dict cannot be tracked: pass what train_model, compare_models or ...
    """
    kept = tracked(result)
    _check_name(experiment)
    client = _client(tracking_uri)
    run = client.create_run(_experiment_id(client, experiment), run_name=run_name or kept.name)
    run_id: str = run.info.run_id
    try:
        _log(client, run_id, kept)
        _log_files(client, run_id, result)
    except BaseException:
        client.set_terminated(run_id, "FAILED")
        raise
    client.set_terminated(run_id)
    return run_id


def _check_name(experiment: Any) -> None:
    if not isinstance(experiment, str) or not experiment.strip():
        raise ConfigError(f"experiment must be a name; it is {experiment!r}")


def _client(tracking_uri: str | None) -> Any:
    """Return a client of the store; what MLflow itself uses stays as it is."""
    os.environ.setdefault(NO_TELEMETRY, "true")
    try:
        mlflow = import_module("mlflow")
    except ImportError as error:
        raise MissingExtraError.of("mlflow", extra="mlflow") from error
    if tracking_uri is None and not mlflow.is_tracking_uri_set():
        tracking_uri = STORE
    return mlflow.MlflowClient(tracking_uri=tracking_uri)


def _experiment_id(client: Any, name: str) -> str:
    found = client.get_experiment_by_name(name)
    return str(client.create_experiment(name) if found is None else found.experiment_id)


def _log(client: Any, run_id: str, kept: Tracked) -> None:
    """Write parameters, tags and metrics."""
    from mlflow.entities import Metric, Param, RunTag

    tags = kept.tags | {"livermore.version": __version__}
    if kept.undefined:
        tags["livermore.undefined"] = ", ".join(kept.undefined)
    now = int(time.time() * 1000)
    for some in _batches(Metric(_key(name), value, now, 0) for name, value in kept.metrics.items()):
        client.log_batch(run_id, metrics=some)
    for some in _batches(Param(name, value) for name, value in _texts(kept.parameters)):
        client.log_batch(run_id, params=some)
    for some in _batches(RunTag(name, value) for name, value in _texts(tags)):
        client.log_batch(run_id, tags=some)


def _log_files(client: Any, run_id: str, result: Any) -> None:
    """Write the report, and the model of a training."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        result.to_html(folder / "report.html")
        client.log_artifact(run_id, str(folder / "report.html"))
        if isinstance(result, TrainingResult):
            save_model(result, folder / "model")
            for file in sorted(path for path in (folder / "model").iterdir() if path.is_file()):
                client.log_artifact(run_id, str(file), "model")


def _texts(values: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for name, value in values.items():
        yield _key(name), value if len(value) <= LONGEST else f"{value[: LONGEST - 1]}…"


def _key(name: str) -> str:
    """Return a name that every store takes."""
    return re.sub(r"[^\w./ -]", "_", name, flags=re.ASCII)[:250]


def _batches(items: Iterable[Any]) -> Iterator[list[Any]]:
    left = iter(items)
    while some := list(islice(left, MOST_AT_ONCE)):
        yield some
