"""What a notebook shows of a data set."""

from collections import Counter

import numpy as np

from livermore.dates import minute
from livermore.formatting import number, plain, share
from livermore.ml.dataset._dataset import Dataset
from livermore.ml.dataset._summary import markets_of
from livermore.notebook import html_table

__all__ = ["dataset_html"]

#: So many features, and classes, are listed.
MOST_FEATURES, MOST_CLASSES = 60, 12


def dataset_html(data: Dataset) -> str:
    """Return how many samples there are, of when, with which labels, and the range of each feature, as two tables."""
    return html_table(f"{len(data):,} samples", ("", ""), _facts(data)) + html_table(
        _features_title(data), ("feature", "lowest", "median", "highest", "missing"), _features(data)
    )


def _facts(data: Dataset) -> list[tuple[str, str]]:
    facts = [("label", data.label_name)]
    counts = Counter(data.labels)
    if len(counts) <= MOST_CLASSES:
        facts += [(f"{data.label_name} = {label}", share(count, len(data))) for label, count in sorted(counts.items())]
    if len(data):
        facts += [("from", f"{minute(data.time[0])} UTC"), ("to", f"{minute(data.time[-1])} UTC")]
    facts.append(("known when labels became known", "no" if data.label_time is None else "yes"))
    markets = [" ".join(filter(None, market)) for market in markets_of(data)]
    if markets:
        facts.append(("markets", ", ".join(markets[:10]) + ("" if len(markets) <= 10 else f" and {len(markets) - 10}")))
    return facts


def _features_title(data: Dataset) -> str:
    count = len(data.feature_names)
    return f"{count:,} features" + ("" if count <= MOST_FEATURES else f", the first {MOST_FEATURES}")


def _features(data: Dataset) -> list[tuple[str, ...]]:
    rows = []
    for name, column in zip(data.feature_names[:MOST_FEATURES], data.X.T, strict=False):
        known = column[~np.isnan(column)]
        figures = (known.min(), np.median(known), known.max()) if known.size else (np.nan,) * 3
        missing = 1 - known.size / len(column) if len(column) else np.nan
        rows.append((name, *(plain(float(figure)) for figure in figures), number(missing, ".1%")))
    return rows
