"""The report of a training: data, feature importance, fit, performance, impact. `_evidence` has the rest."""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from livermore.dates import days
from livermore.formatting import NOTHING, interval, number, plain, share
from livermore.ml.artifacts import read_manifest
from livermore.ml.report import _figures
from livermore.ml.report._context import context
from livermore.ml.report._document import (
    Block,
    Bullets,
    Column,
    Fact,
    Facts,
    Figure,
    Figures,
    Page,
    Paragraph,
    Row,
    Section,
    Table,
)
from livermore.ml.report._evidence import (
    baselines,
    calibration,
    diagnostics,
    feature_verdicts,
    metric_facts,
    ranking,
    thresholds,
    verdict_on_edge,
)
from livermore.ml.report._html import HtmlReport, render_html
from livermore.ml.report._labels import METRICS
from livermore.ml.report._text import render_text

if TYPE_CHECKING:
    from livermore.ml.result import TrainingResult

__all__ = ["render_training", "train_report_html", "training_page"]


def render_training(result: "TrainingResult", saved_to: Path | str | None = None) -> str:
    """Return the report of a training as text.

    Parameters
    ----------
    result : TrainingResult
        What training found.
    saved_to : path-like, optional
        The folder that the model was saved to.

    Returns
    -------
    str
        The sections in the documented order; those that this task does not have are left out.

    Examples
    --------
    >>> from livermore.testing import example_training
    >>> result = example_training()
    >>> "MODEL PERFORMANCE" in render_training(result)
    True
    """
    return render_text(training_page(result, [_saved(saved_to)]))


def train_report_html(result: "TrainingResult", path: str | Path | None = None, *, embed: bool = False) -> HtmlReport:
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
    HtmlReport
        The page, a str.

    Examples
    --------
    >>> from livermore.testing import example_training
    >>> result = example_training()
    >>> train_report_html(result).lower().startswith("<!doctype html>")
    True
    """
    return render_html(training_page(result), path, embed=embed)


def training_page(result: "TrainingResult", closing: Sequence[Section] = ()) -> Page:
    """Build the report of a training; `closing` are sections that come last."""
    data = result.data
    headline = result.headline
    return Page(
        kind="Model training",
        title=result.title or data.label_name,
        tag=result.task,
        context=[
            Fact("Estimator", type(result.model).__name__),
            Fact("Label", data.label_name),
            *context(data.markets, {}, result.created),
        ],
        tiles=[
            Fact(headline["title"], _headline_figure(headline["value"], headline), "test set"),
            *_sizes(result),
            Fact("Features", f"{len(data.features):,}"),
        ],
        sections=[
            _dataset(result),
            ranking(result.evidence.get("ranking", ()), result.evidence.get("overfitting")),
            _importance(result),
            _fit(result),
            baselines(result.evidence.get("verdict")),
            _performance(result),
            calibration(result),
            _impact(result),
            thresholds(result),
            feature_verdicts(result.evidence),
            diagnostics(result.evidence),
        ],
        verdict=verdict_on_edge(result.evidence.get("verdict")),
        closing=[Section("Notes", [Bullets(result.notes)] if result.notes else []), *closing],
    )


# --- Data -------------------------------------------------------------------------------------------------------------


def _sizes(result: "TrainingResult") -> list[Fact]:
    data = result.data
    return [
        Fact("Train set", f"{data.n_train:,}", days(*data.train_interval)),
        Fact("Test set", f"{data.n_test:,}", days(*data.test_interval)),
        Fact("Purged", f"{data.n_purged:,}" if data.can_purge else "unknown: the samples have no label_time"),
    ]


def _dataset(result: "TrainingResult") -> Section:
    data = result.data
    facts = [
        Fact("Label", data.label_name),
        Fact("Samples", f"{data.n_samples:,} ({len(data.features)} features)"),
        *_sizes(result),
        *(Fact(f"y = {label}", share(n, data.n_samples)) for label, n in (data.class_counts or {}).items()),
        *(Fact(f"Label {name}", plain(value)) for name, value in (data.label_moments or {}).items()),
        *(Fact(f"Missing: {f.name}", share(f.missing, data.n_train)) for f in data.features if f.missing),
    ]
    blocks: list[Block] = [Facts(facts), Figures(_label_figures(result))]
    weights = result.tables.get("class_weights")
    if weights is not None:
        suggestion = " / ".join(f"{label}: {number(weight, '.2f')}" for label, weight in weights.items())
        blocks += [
            Facts([Fact("Suggested class weights", suggestion)]),
            Paragraph("They are not applied. If you want them, set them on your estimator: class_weight={0: …, 1: …}."),
        ]
    return Section("Dataset", blocks)


def _label_figures(result: "TrainingResult") -> list[Figure]:
    """Draw when samples were recorded, and how the labels of both parts are distributed."""
    samples, counts = result.samples, result.data.class_counts
    if samples is None:
        return [] if counts is None else [_figures.class_shares({"all": counts})]
    parts = {"training": samples.train, "test": samples.test}
    classes = None if counts is None else list(counts)
    time, y = (np.concatenate([getattr(part, key) for part in parts.values()]) for key in ("time", "y"))
    return [
        _figures.label_timeline(time, y, classes, int(samples.test.time.min())),
        label_distribution({name: part.y for name, part in parts.items()}, classes),
    ]


def label_distribution(parts: Mapping[str, Any], classes: Sequence[int] | None) -> Figure:
    """Draw how the labels of each part of the data are distributed."""
    if classes is None:
        return _figures.label_histogram(parts)
    return _figures.class_shares({name: {c: int((y == c).sum()) for c in classes} for name, y in parts.items()})


# --- Model ------------------------------------------------------------------------------------------------------------


def _importance(result: "TrainingResult") -> Section:
    found = result.feature_importance
    if found is None:
        return Section("Feature Importance", [])
    f_title, score = result.importance_titles["f"], result.importance_titles["score"]
    columns = [Column(title) for title in ("Feature", "Rank", "RFE", f_title, "|Corr|", "CV-Impact", "Score")]
    rows = [_importance_row(place, k, found) for place, k in enumerate(found["_order"], start=1)]
    guide = [
        Fact("RFE", "Recursive elimination with a linear support vector machine: 1 is the feature dropped last."),
        Fact(f_title, "F statistic of the feature and the label, one feature at a time. Higher is more."),
        Fact("|Corr|", "Absolute Pearson correlation with the label. Higher is more."),
        Fact(
            "CV-Impact",
            f"Mean {score} of an RBF support vector machine over five chronological folds, less the same without the "
            f"feature. Positive: the feature helps. With all features: {number(found['cv_baseline'], '.3f')}.",
        ),
        Fact("Score", "Mean of the four ranks. Lower is more consistently important."),
    ]
    caution = Paragraph(
        "These are proxies: fixed small models that stand in for yours. They say which features carry something, not "
        "how your estimator uses it, and among correlated features they divide the credit arbitrarily. How sure the "
        "ranks are they do not say."
    )
    return Section(
        "Feature Importance", [Table(columns, rows), Facts(guide), caution], "(four proxies, training set only)"
    )


def _importance_row(place: int, k: int, found: dict[str, Any]) -> Row:
    name = found["feature_names"][k]
    return Row(
        (
            name,
            str(place),
            f"{found['rfe_ranking'][k]:.0f}",
            number(found["anova_f_values"][k], ".2f"),
            number(found["correlations"][k], ".3f"),
            # A difference of two means that are equal is zero but for rounding.
            number(round(found["cv_impacts"][name], 12) + 0.0, "+.4f"),
            f"{found['consensus_ranks'][name]:.2f}",
        )
    )


def _fit(result: "TrainingResult") -> Section:
    seconds = result.seconds.get("fit")
    took = "" if seconds is None else f" in {number(seconds, '.2f')} s"
    text = f"{type(result.model).__name__}, fitted on {result.data.n_train:,} samples{took}."
    return Section("Fit", [Paragraph(text)])


def _performance(result: "TrainingResult") -> Section:
    blocks: list[Block] = [Facts(metric_facts(result.metrics, result.evidence.get("intervals", {})))]
    if result.evidence.get("intervals_note"):
        blocks.append(Paragraph(result.evidence["intervals_note"]))
    undefined = [
        label.title for name, label in METRICS.items() if name in result.metrics and math.isnan(result.metrics[name])
    ]
    if undefined:
        blocks.append(
            Paragraph(f"{NOTHING} : {', '.join(undefined)} is undefined here: a class is missing in one of both sets.")
        )
    if "confusion_matrix" in result.metrics:
        blocks += _classes(result)
    else:
        blocks.append(
            Paragraph(
                "MAE and RMSE are in the label's unit: lower is better. R² below 0 is worse than predicting the mean. "
                "Spearman ρ compares ranks: what matters when predictions are used to order or to gate."
            )
        )
    return Section("Model Performance", [*blocks, *_curves(result)], "(test set)")


def _classes(result: "TrainingResult") -> list[Block]:
    """Return the confusion matrix and the scores of each class."""
    metrics = result.metrics
    classes = metrics.get("classes", list(result.data.class_counts or ()))
    counts = [
        Row((f"Actual {label}", *(f"{n:,}" for n in row)))
        for label, row in zip(classes, metrics["confusion_matrix"], strict=True)
    ]
    scores = [
        Row(
            (
                str(c),
                *(number(metrics[key][k], ".3f") for key in ("precision", "recall", "f1")),
                f"{metrics['support'][k]:,}",
            )
        )
        for k, c in enumerate(classes)
    ]
    return [
        Table([Column("Confusion matrix"), *(Column(f"Predicted {label}") for label in classes)], counts),
        Table([Column(title) for title in ("Class", "Precision", "Recall", "F1", "Support")], scores),
    ]


def _curves(result: "TrainingResult") -> list[Block]:
    """Draw what the predictions for the test set are worth."""
    curves, test = result.curves, None if result.samples is None else result.samples.test
    if test is None or test.values is None or not curves:
        return []
    if "tenths" in curves:
        return [Figures([_figures.prediction_scatter(test.y, test.values, curves["tenths"])])]
    figures = [_figures.roc_curves(curves["roc"])]
    if "precision_recall" in curves:
        figures.append(_figures.precision_recall_curve(curves["precision_recall"], float((test.y == 1).mean())))
        return [Figures(figures)]
    rows = [
        Row((f"{label} against all others", number(c.area, ".3f"), interval(c.area_low, c.area_high, ".3f")))
        for label, c in curves["roc"].items()
    ]
    table = Table([Column("Class"), Column("ROC AUC"), Column("95 % interval")], rows)
    return [table, Figures(figures)]


def _impact(result: "TrainingResult") -> Section:
    title, rows = "Feature Impact", result.feature_impact
    if not rows:
        return Section(title, [])
    headline = result.headline
    columns = [Column("Without"), Column(headline["title"]), Column("Change"), Column("Std. error")]
    table = Table(columns, [_impact_row(row, headline) for row in rows])
    return Section(
        title,
        [
            Facts([Fact(f"{headline['title']}, all features", _headline_figure(headline["value"], headline))]),
            *([] if result.evidence.get("feature_scores") else [Figures([_impact_bars(rows, headline)])]),
            table,
            Paragraph(
                "The changes are measured on the test set, and nothing is decided by them: features that are chosen by "
                "them are chosen on it, and its figures are then no longer those of unseen data."
            ),
        ],
        "(refitted without each feature, test set)",
    )


def _impact_row(row: Mapping[str, Any], headline: Mapping[str, Any]) -> Row:
    error = row.get("standard_error", math.nan)
    return Row(
        (
            row["feature"],
            _headline_figure(row["metric"], headline),
            _headline_figure(row["delta"], headline, "+"),
            NOTHING if math.isnan(error) else f"± {_headline_figure(error, headline)}",
        )
    )


def _impact_bars(rows: Sequence[Mapping[str, Any]], headline: Mapping[str, Any]) -> Figure:
    sign = -1.0 if headline["greater_is_better"] else 1.0
    bars = [(row["feature"], sign * row["delta"], row.get("standard_error", math.nan), "") for row in rows]
    return _figures.importance_bars(sorted(bars, key=lambda bar: -bar[1]), "lost without the feature")


def _headline_figure(value: float, headline: Mapping[str, Any], sign: str = "") -> str:
    """Return a figure of the headline metric: a share as percentage, an error in the label's unit."""
    if headline["greater_is_better"]:
        return number(value, f"{sign}.1%")
    scale = headline["value"]
    decimals = 4 - math.floor(math.log10(scale)) if scale > 0 else 6
    return number(value, f"{sign}.{max(decimals, 0)}f")


def _saved(folder: Path | str | None) -> Section:
    """Say where the model was saved."""
    if folder is None:
        return Section("Saved", [Paragraph("Nowhere. Pass save_to=… to keep the model.")])
    manifest = read_manifest(Path(folder))
    facts = [Fact("Model", str(Path(folder) / "model.pkl")), Fact("Folder", str(folder))]
    if manifest is not None:
        facts.append(Fact("Model version", manifest.version))
    return Section("Saved", [Facts(facts)])
