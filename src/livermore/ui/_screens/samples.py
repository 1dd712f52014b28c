"""Samples: labels over time, and of each feature its range, what is missing, and whether it is stationary."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from livermore.dates import days
from livermore.formatting import NOTHING, number, p_value, plain, share
from livermore.ml.dataset import Dataset
from livermore.ml.evidence import stationarity
from livermore.ml.report._labels import MOST_CLASSES
from livermore.typing import Array
from livermore.ui._charts import line_series, rolling_mean
from livermore.ui._project import sample_files
from livermore.ui._screen import Asked, Screen, Shown, choose

__all__ = ["SCREEN"]

#: Features that are tested; the tests take a few ms each.
MOST_TESTED = 300
#: Points of a chart.
MOST_POINTS = 2000


class SampleFile(NamedTuple):
    """A file of samples, as the list shows it; without a size, `written` says why it cannot be read."""

    name: str
    size: int | None
    written: str


class FeatureRow(NamedTuple):
    """What is shown of one feature, as text."""

    name: str
    low: str
    median: str
    high: str
    missing: str
    reading: str
    adf: str
    kpss: str


def show(asked: Asked) -> Shown:
    """Show a list of all files of samples."""
    return Shown("samples", "Samples", {"files": [_listed(*item) for item in sample_files(asked.root).items()]})


def show_file(asked: Asked) -> Shown:
    """Show what one file holds."""
    name = asked["file"]
    data = Dataset.from_file(choose(sample_files(asked.root), name, "file of samples"))
    rows = [_feature(column, data.X[:, k]) for k, column in enumerate(data.feature_names[:MOST_TESTED])]
    return Shown(
        "samples_file",
        Path(name).name,
        {
            "file": name,
            "facts": _facts(data),
            "features": rows,
            "untested": max(len(data.feature_names) - MOST_TESTED, 0),
            "label": data.label_name,
        },
    )


def chart(asked: Asked) -> Mapping[str, Any]:
    """Return the mean label over the last samples, at each sample."""
    data = Dataset.from_file(choose(sample_files(asked.root), asked["file"], "file of samples"))
    y = np.array([float(label) for label in data.labels])
    window = max(10, min(200, len(y) // 20))
    mean = rolling_mean(y, window)
    step = max(1, len(mean) // MOST_POINTS)
    line = line_series(data.time[window - 1 :][::step].tolist(), mean[::step], f"mean label of the last {window}")
    return {"panes": [[line]]}


def _listed(name: str, path: Path) -> SampleFile:
    try:
        found = path.stat()
    except OSError as error:
        return SampleFile(name, None, f"cannot be read: {error.strerror}")
    return SampleFile(name, found.st_size, f"{datetime.fromtimestamp(found.st_mtime, UTC):%Y-%m-%d %H:%M}")


def _facts(data: Dataset) -> Sequence[tuple[str, str]]:
    """Return names and values of what is said of a data set."""
    y = [float(label) for label in data.labels]
    facts = [
        ("Samples", f"{len(y):,}"),
        ("Days", days(int(data.time.min()), int(data.time.max())) if y else NOTHING),
        ("Features", f"{len(data.feature_names):,}"),
        ("Label", data.label_name),
    ]
    counts = Counter(y)
    if len(counts) <= MOST_CLASSES:
        facts += [(f"Label {plain(value)}", share(count, len(y))) for value, count in sorted(counts.items())]
    else:
        facts.append(("Label, mean", plain(float(np.mean(y)))))
    if data.symbol is not None:
        facts.append(("Symbols", ", ".join(sorted(set(data.symbol.tolist()))[:20])))
    facts.append(("Time of label known", "yes" if data.label_time is not None else "no: nothing can be purged"))
    return facts


def _feature(name: str, values: Array) -> FeatureRow:
    known = values[np.isfinite(values)]
    missing = number(1 - known.size / max(values.size, 1), ".1%")
    if not known.size:
        return FeatureRow(name, NOTHING, NOTHING, NOTHING, missing, "cannot tell", NOTHING, NOTHING)
    reading, adf, kpss = stationarity(known)
    low, median, high = map(plain, np.quantile(known, [0.0, 0.5, 1.0]).tolist())
    return FeatureRow(name, low, median, high, missing, reading, p_value(adf), p_value(kpss))


SCREEN = Screen("/samples", "Samples", {"/samples": show, "/samples/file": show_file}, {"/samples/chart": chart})
