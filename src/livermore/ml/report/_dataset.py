"""The report of a gathering: what the backtest did, and what it recorded."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from livermore.dates import minute
from livermore.formatting import NOTHING, number, plain, share
from livermore.ml.report import _figures
from livermore.ml.report._context import context, trading_facts
from livermore.ml.report._document import (
    Block,
    Column,
    Fact,
    Facts,
    Figures,
    Page,
    Paragraph,
    Row,
    Section,
    Table,
)
from livermore.ml.report._html import HtmlReport, render_html
from livermore.ml.report._labels import MOST_CLASSES
from livermore.ml.report._text import render_text
from livermore.ml.report._training import label_distribution

__all__ = ["gather_report_html", "gathering_page", "render_gathering"]

Samples = Sequence[Mapping[str, Any]]

ALL_TIME = (-math.inf, math.inf)
MARKET = ("exchange", "symbol", "timeframe")
SHOWN = ("net_profit", "net_profit_percentage", "annual_return", "max_drawdown", "win_rate", "sharpe_ratio")
IN_TILES = ("net_profit_percentage", "win_rate", "sharpe_ratio")


def render_gathering(
    groups: Mapping[str, Samples],
    metrics: Mapping[str, Any],
    *,
    n_open: int = 0,
    files: Sequence[Path] = (),
    interval: tuple[float, float] = ALL_TIME,
) -> str:
    """Return the summary of a gathering as text.

    Parameters
    ----------
    groups : dict of str to sequence of dict
        The labelled samples of each strategy, at least one each.
    metrics : dict
        The backtest's metrics.
    n_open : int
        Samples that had features and no label when the backtest ended.
    files : sequence of Path
        Where the samples were written.
    interval : tuple of float, optional
        Start and end of the backtest in UTC seconds: figures per year are left out if it is too short for them.

    Returns
    -------
    str
        The summary.
    """
    saved: Block = Paragraph("Nowhere. Pass csv_path=… to keep the samples.")
    if files:
        saved = Facts([Fact("Samples", str(file)) for file in files])
    page = gathering_page(groups, metrics, title=", ".join(groups), n_open=n_open, interval=interval)
    return render_text(replace(page, closing=[Section("Saved", [saved])]))


def gather_report_html(
    gathered: Mapping[str, Any], path: str | Path | None = None, *, name: str = "", embed: bool = False
) -> HtmlReport:
    """Return the report of a gathering as one HTML file that works offline.

    Parameters
    ----------
    gathered : dict
        What `gather_ml_data` returned.
    path : path-like, optional
        Where to write it.
    name : str
        What it is called; by default the label's name.
    embed : bool
        Whether to return it in a frame, for a notebook.

    Returns
    -------
    HtmlReport
        The page, a str.

    Examples
    --------
    >>> from livermore.testing import example_backtest
    >>> from livermore.research import gather_ml_data
    >>> gathered = gather_ml_data(**example_backtest(), csv_path=None, verbose=False)
    >>> page = gather_report_html(gathered, name="Example")
    >>> page.lower().startswith("<!doctype html>")
    True
    """
    samples = gathered["data_points"]
    title = name or samples[0]["label"]["name"]
    return render_html(
        gathering_page({title: samples}, gathered.get("backtest_metrics", {}), title=title), path, embed=embed
    )


def gathering_page(
    groups: Mapping[str, Samples],
    metrics: Mapping[str, Any],
    *,
    title: str,
    n_open: int = 0,
    interval: tuple[float, float] = ALL_TIME,
) -> Page:
    """Build the report of a gathering from the samples of each strategy."""
    several = len(groups) > 1
    everything = [sample for samples in groups.values() for sample in samples]
    sections = [_backtest(metrics, interval)]
    for name, samples in groups.items():
        sections.append(_dataset(samples, name if several else "", 0 if several else n_open))
    if several and n_open:
        sections.append(Section("Left Open", [Facts([_left_open(n_open)])]))
    return Page(
        kind="Data gathering",
        title=title,
        context=context([[sample.get(key, "") for key in MARKET] for sample in everything], {}),
        tiles=_tiles(everything, metrics, interval),
        sections=sections,
    )


def _tiles(samples: Samples, metrics: Mapping[str, Any], interval: tuple[float, float]) -> list[Fact]:
    tiles = [
        Fact("Samples", f"{len(samples):,}"),
        Fact("Features", f"{len(samples[0]['features'])}"),
        Fact("Trades", f"{metrics.get('total', 0):,}"),
    ]
    return tiles + (trading_facts(metrics, _known(metrics, IN_TILES), interval) if metrics.get("total") else [])


def _backtest(metrics: Mapping[str, Any], interval: tuple[float, float]) -> Section:
    """Build what the backtest did."""
    facts = [Fact("Trades", f"{metrics.get('total', 0):,}")]
    if metrics.get("total"):
        return Section("Backtest", [Facts(facts + trading_facts(metrics, _known(metrics, SHOWN), interval))])
    text = "No trade was opened. That is right for strategies that record by barriers or time windows alone."
    return Section("Backtest", [Facts(facts), Paragraph(text)])


def _known(metrics: Mapping[str, Any], names: Sequence[str]) -> list[str]:
    return [name for name in names if name in metrics]


def _dataset(samples: Samples, name: str, n_open: int) -> Section:
    """Build what one strategy recorded; it is named where there are several."""
    times = [sample["time"] for sample in samples]
    facts = [
        Fact("Samples", f"{len(samples):,}"),
        Fact("Features per sample", f"{len(samples[0]['features'])}"),
        Fact("From", f"{minute(min(times))} UTC"),
        Fact("To", f"{minute(max(times))} UTC"),
        *([_left_open(n_open)] if n_open else []),
    ]
    return Section("Dataset", [Facts(facts), *_labels(samples), *_symbols(samples), _features(samples)], name)


def _left_open(n_open: int) -> Fact:
    return Fact("Left open, not labelled", f"{n_open:,}")


def _labels(samples: Samples) -> list[Block]:
    """Return the share of each label, or mean and range where there are many."""
    values = [sample["label"]["value"] for sample in samples]
    time, y = np.array([sample["time"] for sample in samples]), np.array([float(value) for value in values])
    name = Fact("Label", samples[0]["label"]["name"])
    classes = None
    if len(set(values)) <= MOST_CLASSES and not all(isinstance(value, float) for value in values):
        classes = sorted({int(value) for value in values})
    facts = [
        Fact("Mean", plain(y.mean())),
        Fact("Min, max", f"{plain(y.min())}, {plain(y.max())}"),
        Fact("Above zero", share(int((y > 0).sum()), y.size)),
    ]
    if classes is not None:
        facts = [Fact(f"y = {label}", share(count, y.size)) for label, count in sorted(Counter(values).items())]
    figures = [_figures.label_timeline(time, y, classes), label_distribution({"all": y}, classes)]
    return [Facts([name, *facts]), Figures(figures)]


def _symbols(samples: Samples) -> list[Block]:
    counts = Counter(sample["symbol"] for sample in samples if sample.get("symbol"))
    if len(counts) < 2:
        return []
    rows = [Row((symbol, f"{n:,}", number(n / len(samples), ".1%"))) for symbol, n in counts.most_common()]
    return [Table([Column("Symbol"), Column("Samples"), Column("Share")], rows)]


def _features(samples: Samples) -> Table:
    """Return the range of each feature, and how often it is missing."""
    rows = []
    for name in sorted(samples[0]["features"]):
        recorded = (sample["features"].get(name) for sample in samples)
        values = np.array([math.nan if value is None else float(value) for value in recorded])
        missing = np.isnan(values)
        quantiles = [NOTHING] * 3 if missing.all() else map(plain, np.nanquantile(values, [0.0, 0.5, 1.0]).tolist())
        rows.append(Row((name, *quantiles, number(missing.mean(), ".1%")), "faint" if missing.all() else ""))
    return Table([Column(title) for title in ("Feature", "Lowest", "Median", "Highest", "Missing")], rows)
