"""Shards on disk: the samples of one task as Parquet, and beside them a report in JSON, written last.

    <folder>/<exchange> <symbol>/<key>.parquet
    <folder>/<exchange> <symbol>/<key>.json

The key is a hash of all that the samples depend on. Where the report is, the shard is complete.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from livermore._version import __version__
from livermore.files import write_together
from livermore.ml.dataset import Dataset, Sample, shard_bytes
from livermore.scale._task import GatherTask

__all__ = ["ShardReport", "shard_path", "stored_report", "write_shard"]

# Part of each key: raised when the same task would give other samples, or another report.
FORMAT = 1


@dataclass(frozen=True, kw_only=True)
class ShardReport:
    """What the driver learns of a task that is done.

    Attributes
    ----------
    path : str
        The Parquet file; it does not exist if no sample was gathered.
    n_samples : int
        Samples of the part.
    size : int
        Bytes of the Parquet file.
    open_at_finish : int
        Samples of the part that had no label at the end of the run.
    state_at_start, state_at_finish : str or None
        Hash of the strategy's state at the seams; None if there is no seam, or the state cannot be told.
    head, tail : sequence of (int, str)
        Label time (UTC seconds) and hash of the samples that begin in the bars after the seam at the start, and after
        that at the finish.
    """

    path: str
    n_samples: int
    size: int = 0
    open_at_finish: int = 0
    state_at_start: str | None = None
    state_at_finish: str | None = None
    head: Sequence[tuple[int, str]] = ()
    tail: Sequence[tuple[int, str]] = ()


def shard_path(task: GatherTask, candles_key: str) -> Path:
    """Return where the shard of a task is: its name is a hash of all that its samples depend on.

    Parameters
    ----------
    task : GatherTask
        What is gathered.
    candles_key : str
        Hash of the candles.
    """
    universe = task.universe
    content = {
        "format": FORMAT,
        "version": __version__,
        "strategy": universe.strategy_key,
        "config": universe.config,
        "hyperparameters": universe.hyperparameters,
        "routes": [universe.exchange, task.symbol, universe.timeframe, universe.data_routes],
        "period": [universe.start, task.start, task.finish, task.run_start, task.run_finish],
        "candles": candles_key,
    }
    key = hashlib.sha256(json.dumps(content, sort_keys=True, default=str).encode()).hexdigest()[:32]
    return Path(universe.folder) / quote(f"{universe.exchange} {task.symbol}", safe=" ") / f"{key}.parquet"


def stored_report(path: Path) -> ShardReport | None:
    """Return the report of a shard that an earlier run completed, or None."""
    try:
        report = ShardReport(**json.loads(path.with_suffix(".json").read_bytes()))
        size = path.stat().st_size if report.n_samples else 0
    except (OSError, ValueError, TypeError):
        return None
    return report if size == report.size else None


def write_shard(path: Path, samples: list[Sample], about: Mapping[str, Any]) -> ShardReport:
    """Write samples and report, the report last; `about` holds what the report says beyond path and number."""
    content = shard_bytes(Dataset.from_samples(samples)) if samples else b""
    report = ShardReport(path=str(path), n_samples=len(samples), size=len(content), **about)
    path.parent.mkdir(parents=True, exist_ok=True)
    if content:
        write_together({path: content})
    write_together({path.with_suffix(".json"): json.dumps(asdict(report)).encode()})
    return report
