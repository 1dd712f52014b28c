"""The HTML reports: from result objects to pages. What they show is read off the results, never computed twice."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from livermore.dates import days
from livermore.ml.evidence import block_length_for
from livermore.ml.report import _figures
from livermore.ml.report._comparison import COMPARED
from livermore.ml.report._layout import number, plain
from livermore.ml.report._page import Column, Figure, Page, Row, Section, Table, Tile, Verdict, deliver, interval
from livermore.ml.report._training import METRIC_TITLES
from livermore.ml.result import TrainingResult

__all__ = ["compare_report_html", "gather_report_html", "train_report_html"]

EDGE_TITLES = {"yes": "There is an edge", "no": "There is no edge worth having", "cannot tell": "It cannot be told"}
HELP_TITLES = {"yes": "The model helped", "no": "The model did not help", "cannot tell": "It cannot be told"}
ADDED_TITLES = {"brier": ("Brier score", ".4f"), "log_loss": ("Log loss", ".4f"), "ece": ("Calibration error", ".3f")}
# Up to so many different labels are classes.
FEW_LABELS = 12


def train_report_html(result: TrainingResult, path: str | Path | None = None, *, embed: bool = False) -> str:
    """Return the report of a training as one HTML file that works offline.

    Parameters
    ----------
    result : TrainingResult
        What `train_model` returned. Sections whose figures it lacks are left out.
    path : path-like, optional
        Where to write it.
    embed : bool
        Whether to return it in a frame, for a notebook.

    Returns
    -------
    str
        The page.
    """
    data = result.data
    sections = (
        _ranking(result),
        _performance(result),
        _labels_of_training(result),
        _curves(result),
        _reliability(result),
        _thresholds(result),
        _importance(result),
        _drift(result),
        Section("Notes", lines=result.notes),
    )
    page = Page(
        kind=f"Model training · {result.task}",
        title=result.title or data.label_name,
        subtitle=f"{type(result.model).__name__}, label {data.label_name}",
        verdict=_verdict(result.evidence.get("verdict"), "edge", EDGE_TITLES),
        tiles=_training_tiles(result),
        sections=sections,
    )
    return deliver(page, path, embed=embed)


def gather_report_html(
    gathered: Mapping[str, Any], path: str | Path | None = None, *, name: str = "", embed: bool = False
) -> str:
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
    str
        The page.
    """
    samples = gathered["data_points"]
    labels = [sample["label"]["value"] for sample in samples]
    time = np.array([sample["time"] for sample in samples])
    label_name = samples[0]["label"]["name"]
    page = Page(
        kind="Data gathering",
        title=name or label_name,
        subtitle=f"Label {label_name}, {days(time.min(), time.max())}",
        tiles=[
            Tile("samples", f"{len(samples):,}"),
            Tile("features", f"{len(samples[0]['features'])}"),
            *_backtest_tiles(gathered.get("backtest_metrics", {})),
        ],
        sections=(_gathered_labels(time, labels), _gathered_symbols(samples), _gathered_features(samples)),
    )
    return deliver(page, path, embed=embed)


def compare_report_html(comparison: Mapping[str, Any], path: str | Path | None = None, *, embed: bool = False) -> str:
    """Return the report of a comparison as one HTML file that works offline.

    Parameters
    ----------
    comparison : dict
        What `compare_backtests` returned.
    path : path-like, optional
        Where to write it.
    embed : bool
        Whether to return it in a frame, for a notebook.

    Returns
    -------
    str
        The page.
    """
    equity = {key: np.asarray(values) for key, values in comparison["equity"].items()}
    by = comparison["by"]
    months = [row for row in by["month"] if row["n_model"] or row["n_baseline"]]
    sections = (
        Section(
            "With the model, without it, and by chance",
            "Random filters let as many trades through as the model did, in runs as long, at moments that have nothing "
            "to do with what the trades became. The last column is the share of them that did at least as well.",
            tables=[_compared_table(comparison)],
        ),
        Section("Account", "Profit is counted when a trade closes.", [_figures.equity_curves(equity)]),
        Section("Drawdown", figures=[_figures.drawdown_curves(equity)]),
        Section(
            "By month",
            figures=[_figures.grouped_differences(months)] if len(months) > 1 else [],
            tables=[_groups_table("Month", months)] if len(months) > 1 else [],
        ),
        Section("By side", tables=[_groups_table("Side", by["side"])] if len(by["side"]) > 1 else []),
        Section("By symbol", tables=[_groups_table("Symbol", by["symbol"])] if len(by["symbol"]) > 1 else []),
        Section("Notes", lines=comparison["notes"]),
    )
    baseline, model = comparison["baseline"], comparison["model"]
    page = Page(
        kind="Did the model help?",
        title=comparison["name"],
        subtitle=days(*comparison["interval"]),
        verdict=_verdict(comparison["verdict"], "helped", HELP_TITLES),
        tiles=[
            Tile("trades without model", f"{baseline['trades']:,}"),
            Tile("trades with model", f"{model['trades']:,}", f"coverage {comparison['coverage']:.0%}"),
            Tile("costs without model", f"{baseline['fees']:,.2f}"),
            Tile("costs with model", f"{model['fees']:,.2f}"),
            Tile("trials", f"{comparison['verdict']['trials']}"),
        ],
        sections=sections,
    )
    return deliver(page, path, embed=embed)


# --- Training ---------------------------------------------------------------------------------------------------------


def _training_tiles(result: TrainingResult) -> list[Tile]:
    data = result.data
    headline = result.headline
    spec = ".1%" if headline["greater_is_better"] else ".4g"
    return [
        Tile(headline["title"], number(headline["value"], spec), "test side"),
        Tile("training samples", f"{data.n_train:,}", days(*data.train_interval).replace(" → ", "\n→ ")),
        Tile("test samples", f"{data.n_test:,}", days(*data.test_interval).replace(" → ", "\n→ ")),
        Tile("purged", f"{data.n_purged:,}" if data.can_purge else "unknown"),
        Tile("features", f"{len(data.features)}"),
    ]


def _ranking(result: TrainingResult) -> Section:
    """Show the models that were compared, if there was more than one."""
    rows = [
        Row(
            (
                row["name"],
                number(row["loss"], ".4f"),
                number(row["statistic"], ".3f"),
                number(row["p_adjusted"], ".3f"),
                "" if row["rank"] == 1 else "cannot be told from the best" if row["tied"] else "worse",
            ),
            "mark" if row["rank"] == 1 else "",
        )
        for row in result.get("ranking", ())
    ]
    columns = (Column("Model"), Column("Loss"), Column("Statistic", "wide"), Column("p, adjusted"), Column("", "text"))
    return Section(
        "Models compared", "Out of fold, on the training side.", tables=[Table(columns, rows)] if rows else []
    )


def _performance(result: TrainingResult) -> Section:
    intervals = result.evidence.get("intervals", {})
    rows = []
    for name, (title, spec) in (METRIC_TITLES | ADDED_TITLES).items():
        if name in result.metrics:
            low, high = intervals.get(name, (math.nan, math.nan))
            rows.append(Row((title, number(result.metrics[name], spec), interval(low, high, spec))))
    columns = (Column("Metric"), Column("Test side"), Column("95 % interval", "stack"))
    tables = [Table(columns if intervals else columns[:2], [Row(row.cells[: 3 if intervals else 2]) for row in rows])]
    if "confusion_matrix" in result.metrics:
        tables.append(_confusion(result))
    return Section("Performance", tables=tables)


def _confusion(result: TrainingResult) -> Table:
    classes = result.metrics.get("classes", list(result.data.class_counts or ()))
    rows = [
        Row((f"Actual {label}", *(f"{count:,}" for count in counts)))
        for label, counts in zip(classes, result.metrics["confusion_matrix"], strict=True)
    ]
    return Table([Column("Confusion matrix"), *(Column(f"Predicted {label}") for label in classes)], rows)


def _labels_of_training(result: TrainingResult) -> Section:
    samples = result.samples
    counts = result.data.class_counts
    if samples is None:
        return Section("Labels", figures=[] if counts is None else [_figures.class_shares({"all": counts})])
    classes = None if counts is None else list(counts)
    time, y = (np.concatenate([getattr(samples.train, key), getattr(samples.test, key)]) for key in ("time", "y"))
    timeline = _figures.label_timeline(time, y, classes, int(samples.test.time.min()))
    return Section(
        "Labels", figures=[timeline, _balance({"training": samples.train.y, "test": samples.test.y}, classes)]
    )


def _balance(sides: Mapping[str, Any], classes: Sequence[int] | None) -> Figure:
    """Draw how the labels of each side are distributed."""
    if classes is None:
        return _figures.label_histogram(sides)
    return _figures.class_shares({name: {c: int((y == c).sum()) for c in classes} for name, y in sides.items()})


def _curves(result: TrainingResult) -> Section:
    """Draw what the predictions of the test side are worth."""
    samples = result.samples
    if samples is None or samples.test.values is None or samples.test.probabilities is None:
        return Section("Predictions")
    test = samples.test
    if result.data.class_counts is None:
        return Section("Predictions", figures=[_figures.prediction_scatter(test.y, samples.test.values)])
    if result.thresholds is None or len(np.unique(test.y)) < 2:  # only what has thresholds has one probability
        return Section("Predictions")
    probability = samples.test.probabilities[:, int(np.flatnonzero(test.classes == 1)[0])]
    length = block_length_for((test.y == 1) - probability)
    return Section(
        "How well it separates",
        "On the test side. Shaded: where 95 % of resamples in blocks of time lie.",
        [
            _figures.roc_curve(test.y, probability, length, result.metrics.get("roc_auc")),
            _figures.precision_recall_curve(test.y, probability, length),
        ],
    )


def _reliability(result: TrainingResult) -> Section:
    buckets = result.tables.get("calibration")
    if not buckets:
        return Section("Reliability")
    with_interval = all("low" in bucket for bucket in buckets)
    rows = [
        Row(
            (
                bucket["range"],
                f"{bucket['n']:,}",
                number(bucket["expected"], ".1%"),
                number(bucket["actual_rate"], ".1%"),
                *([interval(bucket["low"], bucket["high"], ".0%")] if with_interval else []),
            ),
            "faint" if bucket.get("thin") else "",
        )
        for bucket in buckets
    ]
    columns = [Column("Predicted", "short"), Column("Samples"), Column("Mean", "wide"), Column("Came true")]
    if with_interval:
        columns.append(Column("95 % interval"))
    return Section("Reliability", figures=[_figures.reliability(buckets)], tables=[Table(columns, rows)])


def _thresholds(result: TrainingResult) -> Section:
    judged = result.evidence.get("threshold_table")
    rows = judged or result.thresholds
    if not rows:
        return Section("Thresholds")
    where = "On out-of-fold predictions of the training side." if judged else "On the test side."
    support = result.metrics.get("support")
    base = None if judged or not support else support[1] / sum(support)
    return Section(
        "Thresholds", where, figures=[_figures.threshold_curve(rows, base)], tables=[_thresholds_table(rows)]
    )


def _thresholds_table(rows: Sequence[Mapping[str, Any]]) -> Table:
    columns = [Column("From"), Column("Signals"), Column("Coverage", "wide"), Column("Precision")]
    with_interval, with_money = "low" in rows[0], "net_return" in rows[0]
    columns += [Column("95 % interval", "wide")] if with_interval else []
    columns += [Column("Net return, 95 % interval", "stack")] if with_money else []
    cells = []
    for row in rows:
        texts = [
            f"{row['threshold']:.2f}",
            f"{row['allowed']:,}",
            f"{row['coverage']:.1%}",
            number(row["precision"], ".1%"),
        ]
        texts += [interval(row["low"], row["high"], ".0%")] if with_interval else []
        if with_money:
            between = interval(row["net_low"], row["net_high"], "+.2%")
            texts.append(f"{number(row['net_return'], '+.3%')}\n{between}")
        cells.append(Row(texts, "mark" if row.get("chosen") else "faint" if row.get("thin") else ""))
    return Table(columns, cells)


def _importance(result: TrainingResult) -> Section:
    verdicts = result.evidence.get("feature_verdicts", {})
    scores = result.evidence.get("feature_scores")
    if scores:
        rows = [
            (row["feature"], row["importance"], row["standard_error"], verdicts.get(row["feature"], ""))
            for row in scores
        ]
        text = "How much worse the model predicts when the feature is shuffled, on purged folds of the training side."
        return _importance_section(rows, text, "loss added by shuffling")
    if result.feature_impact:
        sign = -1.0 if result.headline["greater_is_better"] else 1.0
        rows = [
            (row["feature"], sign * row["delta"], row.get("standard_error", math.nan), verdicts.get(row["feature"], ""))
            for row in result.feature_impact
        ]
        rows.sort(key=lambda row: -row[1])
        title = result.headline["title"]
        text = f"How much {title} on the test side suffers when the model is refitted without the feature."
        return _importance_section(rows, text, "lost without the feature")
    return Section("Importance")


def _importance_section(rows: Sequence[tuple[str, float, float, str]], text: str, title: str) -> Section:
    judged = any(verdict for *_, verdict in rows)
    columns = [Column("Feature"), Column("Importance"), Column("± 2 std. errors")]
    columns += [Column("Verdict")] if judged else []
    cells = [
        Row((name, f"{value:+.4f}", number(2 * error, ".4f"), *([verdict] if judged else [])))
        for name, value, error, verdict in rows
    ]
    return Section("Importance", text, [_figures.importance_bars(rows, title)], [Table(columns, cells)])


def _drift(result: TrainingResult) -> Section:
    diagnoses = [row for row in result.evidence.get("diagnostics", ()) if math.isfinite(row["psi"])]
    if not diagnoses:
        return Section("Feature drift")
    rows = [
        Row((row["feature"], f"{row['psi']:.2f}", row["stationarity"], row["advice"]), "" if row["flags"] else "faint")
        for row in sorted(diagnoses, key=lambda row: -row["psi"])
    ]
    columns = [Column("Feature"), Column("PSI"), Column("Stationarity", "text"), Column("What to do", "text")]
    return Section(
        "Feature drift and stationarity",
        "Population stability between the training and the test side.",
        [_figures.drift_bars({row["feature"]: row["psi"] for row in diagnoses})],
        [Table(columns, rows)],
    )


# --- Gathering --------------------------------------------------------------------------------------------------------


def _gathered_labels(time: Any, labels: Sequence[Any]) -> Section:
    y = np.array([float(label) for label in labels])
    classes = None
    if len(set(labels)) <= FEW_LABELS and not any(isinstance(label, float) for label in labels):
        classes = sorted({int(label) for label in labels})
    figures = [_figures.label_timeline(time, y, classes), _balance({"all": y}, classes)]
    if classes is None:
        return Section("Labels", figures=figures)
    counts = Counter(int(label) for label in labels)
    rows = [Row((f"y = {c}", f"{counts[c]:,}", f"{counts[c] / len(labels):.1%}")) for c in classes]
    return Section(
        "Labels", figures=figures, tables=[Table([Column("Label"), Column("Samples"), Column("Share")], rows)]
    )


def _gathered_symbols(samples: Sequence[Mapping[str, Any]]) -> Section:
    counts = Counter(sample["symbol"] for sample in samples if sample.get("symbol"))
    if len(counts) < 2:
        return Section("Symbols")
    rows = [Row((symbol, f"{n:,}", f"{n / len(samples):.1%}")) for symbol, n in counts.most_common()]
    return Section("Symbols", tables=[Table([Column("Symbol"), Column("Samples"), Column("Share")], rows)])


def _gathered_features(samples: Sequence[Mapping[str, Any]]) -> Section:
    rows = []
    for name in sorted(samples[0]["features"]):
        recorded = (sample["features"].get(name) for sample in samples)
        values = np.array([math.nan if value is None else float(value) for value in recorded])
        missing = np.isnan(values)
        if missing.all():
            rows.append(Row((name, "–", "–", "–", f"{missing.mean():.1%}"), "faint"))
            continue
        low, middle, high = np.nanquantile(values, [0.0, 0.5, 1.0])
        rows.append(Row((name, plain(low), plain(middle), plain(high), f"{missing.mean():.1%}")))
    columns = (Column("Feature"), Column("Lowest"), Column("Median"), Column("Highest"), Column("Missing", "wide"))
    return Section("Features", tables=[Table(columns, rows)])


def _backtest_tiles(metrics: Mapping[str, Any]) -> list[Tile]:
    if not metrics.get("total"):
        return [Tile("trades", "0")]
    return [
        Tile("trades", f"{metrics['total']:,}"),
        Tile("net profit", number(metrics.get("net_profit_percentage"), ".2f") + " %"),
        Tile("win rate", number(metrics.get("win_rate"), ".1%")),
        Tile("Sharpe ratio", number(metrics.get("sharpe_ratio"), ".2f")),
    ]


# --- Comparing --------------------------------------------------------------------------------------------------------


def _compared_table(comparison: Mapping[str, Any]) -> Table:
    columns = (
        Column(""),
        Column("Baseline"),
        Column("Model"),
        Column("Random, mean", "wide"),
        Column("Difference, 95 % interval", "stack"),
        Column("p random"),
    )
    rows = []
    for name, (title, spec, factor) in COMPARED.items():
        found = comparison["difference"][name]
        between = interval(factor * found["low"], factor * found["high"], "+" + spec)
        rows.append(
            Row(
                (
                    title,
                    number(factor * comparison["baseline"][name], spec),
                    number(factor * comparison["model"][name], spec),
                    number(factor * comparison["random"][name]["mean"], spec),
                    f"{number(factor * found['value'], '+' + spec)}\n{between}",
                    number(found["p_random"], ".3f"),
                )
            )
        )
    return Table(columns, rows)


def _groups_table(title: str, groups: Sequence[Mapping[str, Any]]) -> Table:
    columns = (
        Column(title),
        Column("Trades"),
        Column("With model"),
        Column("Expectancy, %"),
        Column("With model, %"),
        Column("Difference", "wide"),
    )
    rows = [
        Row(
            (
                group["group"],
                f"{group['n_baseline']:,}",
                f"{group['n_model']:,}",
                number(group["expectancy_baseline"], ".3f"),
                number(group["expectancy_model"], ".3f"),
                number(group["difference"], "+.3f"),
            ),
            "faint" if group["thin"] else "",
        )
        for group in groups
    ]
    return Table(columns, rows)


def _verdict(verdict: Mapping[str, Any] | None, key: str, titles: Mapping[str, str]) -> Verdict | None:
    if verdict is None:
        return None
    return Verdict(titles[verdict[key]], [line for line in verdict["text"].split("\n") if line])
