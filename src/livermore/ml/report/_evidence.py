"""The sections of the training report that say how far its figures can be trusted."""

import math
from typing import Any

from livermore.ml.report._layout import heading, number, pair, paragraph, shortened, table
from livermore.ml.result import TrainingResult

EDGE_TITLES = {"yes": "Yes", "no": "No", "cannot tell": "Cannot tell"}


def calibration_lines(buckets: list[dict[str, Any]]) -> list[str]:
    """Return the buckets over [0, 1] with mean prediction, frequency and interval."""
    rows = [
        (
            bucket["range"],
            str(bucket["n"]),
            f"{bucket['expected']:.1%}",
            f"{bucket['actual_rate']:.1%}",
            between(bucket["low"], bucket["high"], ".0%"),
            "thin" if bucket["thin"] else "",
        )
        for bucket in buckets
    ]
    return [
        *table(("Confidence", "Count", "Predicted", "Actual rate", "95 % interval", ""), rows),
        "",
        *paragraph(
            "Of a calibrated model the predicted mean lies in the interval of the actual rate. Thin: fewer than ten "
            "independent samples, too few to tell."
        ),
    ]


def threshold_lines(result: TrainingResult) -> list[str]:
    """Return the thresholds on out-of-fold predictions, and the chosen one on the test side."""
    rows, chosen = result.evidence["threshold_table"], result.evidence["threshold"]
    with_money = "net_return" in rows[0]
    titles = (
        "Threshold",
        "Allowed",
        "Precision",
        "95 % interval",
        "Coverage",
        *(("Net return",) if with_money else ()),
        "",
    )
    lines = [
        *heading("PRECISION vs CONFIDENCE THRESHOLD  (out of fold, training side)"),
        *table(titles, [_threshold_row(row, with_money) for row in rows]),
        "",
    ]
    if chosen["threshold"] is None:
        return [*lines, *paragraph("No threshold lets ten independent samples pass: none is chosen.")]
    low, high = chosen["stable_band"]
    test = chosen["test"]
    by = "net return over all signals" if chosen["by"] == "money" else "precision gained over all signals"
    lines += [pair("Chosen", f"{chosen['threshold']:.2f}, by {by}; {low:.2f} to {high:.2f} do about as well")]
    if test is not None:
        gained = f"{number(test['lift'], '+.1%')} ({between(test['lift_low'], test['lift_high'], '+.1%')})"
        lines += [
            pair("There, on the test side", f"{number(test['precision'], '.1%')} of {test['allowed']} signals"),
            pair("Above the base rate by", gained),
        ]
    return [
        *lines,
        "",
        *paragraph(
            "Allowed: signals of at least that probability. Precision: the share of them that is of class 1. The "
            "choice is made on samples that the models had not seen, and not on the test side, whose figure is "
            "therefore fair."
        ),
    ]


def feature_lines(result: TrainingResult) -> list[str]:
    """Return the verdicts on features."""
    scores, verdicts = result.evidence.get("feature_scores"), result.evidence.get("feature_verdicts", {})
    if not scores:
        return []
    rows = [
        (
            shortened(score["feature"]),
            f"{score['importance']:+.5f}",
            f"± {score['standard_error']:.5f}",
            number(score["p_value"], ".3g"),
            verdicts[score["feature"]],
        )
        for score in scores
    ]
    return [
        *heading("FEATURE VERDICTS  (your estimator, training side only)"),
        *table(("Feature", "Loss without it", "Std. error", "p", "Verdict"), rows),
        "",
        *paragraph(
            "How much the prediction's loss grows when the feature's values are shuffled, on folds that walk forward. "
            "Verdicts are corrected for the number of features: of those that help or hurt, one in twenty is expected "
            "to be noise. Features that say the same share their credit and may each look idle."
        ),
    ]


def diagnostics_lines(result: TrainingResult) -> list[str]:
    """Return what is noticeable about features, and what to do about it."""
    found = result.evidence.get("diagnostics")
    if found is None:
        return []
    flagged = [row for row in found if row["flags"]]
    lines = [*heading("DIAGNOSTICS OF THE FEATURES")]
    if not flagged:
        return [*lines, *paragraph(f"Nothing noticeable in {len(found)} features.")]
    for row in flagged:
        lines += paragraph(f"{row['feature']} ({', '.join(row['flags'])}): {row['advice']}", "· ")
    return lines


def ranking_lines(result: TrainingResult) -> list[str]:
    """Return the ranking of the models that were compared."""
    ranking = result.evidence.get("ranking")
    if not ranking:
        return []
    rows = [
        (
            shortened(row["name"]),
            f"{row['loss']:.5g}",
            number(row["statistic"], ".3f"),
            number(row["p_adjusted"], ".3g"),
            f"{row['behind']:.2g} ± {row['behind_error']:.2g}" if row["rank"] > 1 else "",
            "tied" if row["tied"] and row["rank"] > 1 else "",
        )
        for row in ranking
    ]
    return [
        *heading("MODELS COMPARED  (out of fold, training side)"),
        *table(("Model", "Loss", "Skill", "p", "Behind the best", ""), rows),
        "",
        *paragraph(
            f"The first was trained and tested, the others never saw the test side. p is corrected for "
            f"{len(ranking)} models. Tied: cannot be told from the best."
        ),
    ]


def verdict_lines(result: TrainingResult) -> list[str]:
    """Return the plain verdict."""
    verdict = result.evidence.get("verdict")
    if verdict is None:
        return []
    return [
        *heading("VERDICT"),
        pair("Is there an edge?", EDGE_TITLES[verdict["edge"]]),
        "",
        *paragraph(verdict["text"]),
    ]


def between(low: float, high: float, spec: str) -> str:
    """Return an interval, a dash if it is undefined."""
    if math.isnan(low) or math.isnan(high):
        return "–"
    return f"{format(low, spec)} … {format(high, spec)}"


def _threshold_row(row: dict[str, Any], with_money: bool) -> tuple[str, ...]:
    """Return one line of the threshold table."""
    remarks = [name for name in ("thin", "chosen") if row[name]]
    return (
        f"{row['threshold']:.2f}",
        str(row["allowed"]),
        number(row["precision"], ".1%"),
        between(row["low"], row["high"], ".0%") if row["allowed"] else "–",
        f"{row['coverage']:.1%}",
        *((number(row["net_return"], "+.3%"),) if with_money else ()),
        ", ".join(remarks),
    )
