"""The report of a training, as text: header, data, importance, fit, performance, calibration, impact, thresholds."""

import math
from pathlib import Path
from typing import Any

from livermore.dates import days
from livermore.ml.report._evidence import (
    between,
    calibration_lines,
    diagnostics_lines,
    feature_lines,
    ranking_lines,
    threshold_lines,
    verdict_lines,
)
from livermore.ml.report._layout import banner, heading, number, pair, paragraph, plain, shortened, table
from livermore.ml.result import TrainingResult

MEASURED_ON_TEST = (
    "The changes are measured on the test side, and nothing is decided by them: features that are chosen by them are "
    "chosen on it, and its figures are then no longer those of unseen data."
)
METRIC_TITLES = {
    "accuracy": ("Accuracy", ".1%"),
    "roc_auc": ("ROC AUC", ".3f"),
    "roc_auc_macro": ("ROC AUC (macro)", ".3f"),
    "mcc": ("MCC", "+.3f"),
    "brier": ("Brier score", ".4f"),
    "log_loss": ("Log loss", ".4f"),
    "ece": ("Calibration error", ".4f"),
    "mae": ("MAE", ".6g"),
    "rmse": ("RMSE", ".6g"),
    "r2": ("R²", "+.4f"),
    "spearman": ("Spearman ρ", "+.4f"),
}


def render_training(result: TrainingResult, saved_to: Path | str | None = None) -> str:
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
    """
    sections = (
        _header,
        _dataset,
        ranking_lines,
        _importance,
        _fit,
        _performance,
        _calibration,
        _impact,
        _thresholds,
        feature_lines,
        diagnostics_lines,
        verdict_lines,
        _notes,
    )
    lines = [line for section in sections for line in section(result)]
    return "\n".join([*lines, *_saved(saved_to)])


def _header(result: TrainingResult) -> list[str]:
    title = f"  ·  {result.title}" if result.title else ""
    return banner(f"MODEL TRAINING{title}  [{result.task.upper()}]")


def _dataset(result: TrainingResult) -> list[str]:
    data = result.data
    lines = [
        *heading("DATASET"),
        pair("Label", data.label_name),
        pair("Samples", f"{data.n_samples:,} ({len(data.features)} features)"),
        pair("Train set", f"{data.n_train:,}  {days(*data.train_interval)}"),
        pair("Test set", f"{data.n_test:,}  {days(*data.test_interval)}"),
        pair("Purged", f"{data.n_purged:,}" if data.can_purge else "unknown: the samples have no label_time"),
    ]
    lines += [pair(f"y = {label}", _share(count, data.n_samples)) for label, count in (data.class_counts or {}).items()]
    lines += [pair(f"Label {name}", plain(value)) for name, value in (data.label_moments or {}).items()]
    lines += [
        pair(f"Missing: {shortened(f.name)}", _share(f.missing, data.n_train)) for f in data.features if f.missing
    ]
    weights = result.tables.get("class_weights")
    if weights is not None:
        suggestion = " / ".join(f"{label}: {weight:.2f}" for label, weight in weights.items())
        lines += [
            pair("Suggested class weights", suggestion),
            "",
            *paragraph(
                "They are not applied. If you want them, set them on your estimator: class_weight={0: …, 1: …}."
            ),
        ]
    return lines


def _importance(result: TrainingResult) -> list[str]:
    found = result.feature_importance
    if found is None:
        return []
    f_title, score = result.importance_titles["f"], result.importance_titles["score"]
    rows = [_importance_row(place, k, found) for place, k in enumerate(found["_order"], start=1)]
    guide = {
        "RFE": "Recursive elimination with a linear support vector machine: 1 is the feature dropped last.",
        f_title: "F statistic of the feature and the label, one feature at a time. Higher is more.",
        "|Corr|": "Absolute Pearson correlation with the label. Higher is more.",
        "CV-Impact": f"Mean {score} of an RBF support vector machine over five chronological folds, less the same "
        f"without the feature. Positive: the feature helps. With all features: {number(found['cv_baseline'], '.3f')}.",
        "Score": "Mean of the four ranks. Lower is more consistently important.",
    }
    return [
        *heading("FEATURE IMPORTANCE  (four proxies, training side only)"),
        *table(("Feature", "Rank", "RFE", f_title, "|Corr|", "CV-Impact", "Score"), rows),
        "",
        "  Column guide:",
        *(line for name, text in guide.items() for line in paragraph(text, f"{name:<10} ")),
        "",
        *paragraph(
            "These are proxies: fixed small models that stand in for yours. They say which features carry something, "
            "not how your estimator uses it, and among correlated features they divide the credit arbitrarily. How "
            "sure the ranks are they do not say."
        ),
    ]


def _importance_row(place: int, k: int, found: dict[str, Any]) -> tuple[str, ...]:
    """Return one line of the importance table."""
    name = found["feature_names"][k]
    return (
        shortened(name),
        str(place),
        f"{found['rfe_ranking'][k]:.0f}",
        number(found["anova_f_values"][k], ".2f"),
        number(found["correlations"][k], ".3f"),
        number(found["cv_impacts"][name], "+.4f"),
        f"{found['consensus_ranks'][name]:.2f}",
    )


def _fit(result: TrainingResult) -> list[str]:
    seconds = result.seconds.get("fit")
    took = "" if seconds is None else f" in {seconds:.2f} s"
    return [
        *heading("FIT"),
        *paragraph(f"{type(result.model).__name__}, fitted on {result.data.n_train:,} samples{took}."),
    ]


def _performance(result: TrainingResult) -> list[str]:
    figures = [(name, value) for name, value in result.metrics.items() if name in METRIC_TITLES]
    lines = [
        *heading("MODEL PERFORMANCE  (test side)"),
        *(pair(METRIC_TITLES[name][0], _with_interval(result, name, value)) for name, value in figures),
    ]
    undefined = [METRIC_TITLES[name][0] for name, value in figures if math.isnan(value)]
    if undefined:
        lines += ["", *paragraph(f"– : {', '.join(undefined)} is undefined here: a class is missing on one side.")]
    if "confusion_matrix" in result.metrics:
        return lines + _classes(result)
    return [
        *lines,
        "",
        *paragraph(
            "MAE and RMSE are in the label's unit: lower is better. R² below 0 is worse than predicting the mean."
        ),
        *paragraph("Spearman ρ compares ranks: what matters when predictions are used to order or to gate."),
    ]


def _with_interval(result: TrainingResult, name: str, value: float) -> str:
    """Return a metric, and its interval where there is one."""
    spec = METRIC_TITLES[name][1]
    low, high = result.evidence.get("intervals", {}).get(name, (math.nan, math.nan))
    shown = number(value, spec)
    return shown if math.isnan(low) else f"{shown:<12}95 % interval {between(low, high, spec)}"


def _classes(result: TrainingResult) -> list[str]:
    """Return the confusion matrix and the scores of each class."""
    metrics = result.metrics
    classes = metrics.get("classes", list(result.data.class_counts or ()))
    counts = [
        (f"Actual {label}", *map(str, row)) for label, row in zip(classes, metrics["confusion_matrix"], strict=True)
    ]
    scores = [
        (str(label), *(f"{metrics[key][k]:.3f}" for key in ("precision", "recall", "f1")), str(metrics["support"][k]))
        for k, label in enumerate(classes)
    ]
    return [
        "",
        *table(("Confusion matrix", *(f"Predicted {label}" for label in classes)), counts),
        "",
        *table(("Class", "Precision", "Recall", "F1", "Support"), scores),
    ]


def _calibration(result: TrainingResult) -> list[str]:
    buckets = result.tables.get("calibration")
    if buckets is None:
        return []
    if buckets and "low" in buckets[0]:
        return [*heading("PROBABILITY CALIBRATION  (test side, class 1)"), *calibration_lines(buckets)]
    rows = [(b["range"], str(b["n"]), f"{b['actual_rate']:.1%}", f"{b['diff']:+.1%}") for b in buckets]
    return [
        *heading("PROBABILITY CALIBRATION  (test side, class 1)"),
        *table(("Confidence", "Count", "Actual rate", "vs expected"), rows),
        "",
        *paragraph(
            "Of a calibrated model the actual rate is near the middle of each bucket. A bucket of few samples says "
            "little: with 25, chance alone moves the rate by 20 points either way. Probabilities below 0.3 are not "
            "shown."
        ),
    ]


def _impact(result: TrainingResult) -> list[str]:
    rows = result.feature_impact
    if not rows:
        return []
    headline, judged = result.headline, result.evidence.get("feature_verdicts", {})
    titles = ("Without", headline["title"], "Change", "Std. error", "Verdict")
    lines = [
        (
            shortened(row["feature"]),
            _figure(row["metric"], headline),
            _figure(row["delta"], headline, "+"),
            "–" if math.isnan(row["standard_error"]) else f"± {_figure(row['standard_error'], headline)}",
            judged.get(row["feature"], ""),
        )
        for row in rows
    ]
    # Verdicts are those of the training side; without them there is no such column.
    width = len(titles) if judged else len(titles) - 1
    from_training = "The verdicts are those of the training side, below. " if judged else ""
    return [
        *heading("FEATURE IMPACT  (refitted without each feature, test side)"),
        pair(f"{headline['title']}, all features", _figure(headline["value"], headline)),
        "",
        *table(titles[:width], [line[:width] for line in lines]),
        "",
        *paragraph(from_training + MEASURED_ON_TEST),
    ]


def _figure(value: float, headline: dict[str, Any], sign: str = "") -> str:
    """Return a figure of the headline metric: a share as percentage, an error in the label's unit."""
    if headline["greater_is_better"]:
        return number(value, f"{sign}.1%")
    scale = headline["value"]
    decimals = 4 - math.floor(math.log10(scale)) if scale > 0 else 6
    return number(value, f"{sign}.{max(decimals, 0)}f")


def _thresholds(result: TrainingResult) -> list[str]:
    if result.thresholds is None:
        return []
    if result.evidence.get("threshold_table"):
        return threshold_lines(result)
    support = result.metrics["support"]
    rows = [
        (f"{t['threshold']:.2f}", str(t["allowed"]), number(t["precision"], ".1%"), f"{t['coverage']:.1%}")
        for t in result.thresholds
    ]
    return [
        *heading("PRECISION vs CONFIDENCE THRESHOLD  (test side, class 1)"),
        *table(("Threshold", "Allowed", "Precision", "Coverage"), rows),
        "",
        pair("Base rate (no filter)", f"{support[1] / sum(support):.1%}"),
        "",
        *paragraph("Allowed: signals of at least that probability. Precision: the share of them that is of class 1."),
        *paragraph(
            "A useful threshold has a precision clearly above the base rate and still lets enough through. The best of "
            "eight rows flatters itself, and rows with few signals most of all."
        ),
    ]


def _notes(result: TrainingResult) -> list[str]:
    if not result.notes:
        return []
    return [*heading("NOTES"), *(line for note in result.notes for line in paragraph(note, "· "))]


def _saved(folder: Path | str | None) -> list[str]:
    """Say where the model was saved."""
    if folder is None:
        return [*heading("SAVED"), *paragraph("Nowhere. Pass save_to=… to keep the model."), ""]
    return [*heading("SAVED"), pair("Model", str(Path(folder) / "model.pkl")), pair("Folder", str(folder)), ""]


def _share(count: int, total: int) -> str:
    """Return a count and its share."""
    return f"{count:,} ({count / total:.1%})"
