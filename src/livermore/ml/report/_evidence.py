"""The sections of the training report that say how far its figures can be trusted."""

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from livermore.formatting import NOTHING, interval, number, p_equals, p_value
from livermore.ml.report import _figures
from livermore.ml.report._document import (
    Block,
    Bullets,
    Column,
    Fact,
    Facts,
    Figures,
    Paragraph,
    Row,
    Section,
    Table,
    Verdict,
)
from livermore.ml.report._labels import EDGE_HEADLINES, METRICS, PREDICTS_ONLY, VERDICTS

if TYPE_CHECKING:
    from livermore.ml.result import TrainingResult

__all__ = [
    "baselines",
    "calibration",
    "diagnostics",
    "feature_verdicts",
    "metric_facts",
    "ranking",
    "thresholds",
    "verdict_on_edge",
]


def metric_facts(metrics: Mapping[str, Any], intervals: Mapping[str, tuple[float, float]]) -> list[Fact]:
    """Return the metrics of predictions, each with its 95 % interval where there is one."""
    facts = []
    for name, label in METRICS.items():
        if name in metrics:
            low, high = intervals.get(name, (None, None))
            between = interval(low, high, label.spec)
            detail = "" if between == NOTHING else f"95 % interval {between}"
            facts.append(Fact(label.title, number(metrics[name], label.spec), detail))
    return facts


def verdict_on_edge(found: Mapping[str, Any] | None) -> Verdict | None:
    """Return the answer to whether there is an edge, as `livermore.ml.evidence.verdict` found it."""
    if found is None:
        return None
    edge, predicts = found["edge"], found["predicts"]
    headline = PREDICTS_ONLY if (edge, predicts) == ("cannot tell", "yes") else EDGE_HEADLINES[edge]
    return Verdict("Is there an edge?", VERDICTS[edge], headline, [found["text"]])


def baselines(found: Mapping[str, Any] | None) -> Section:
    """Build the answers to whether the model predicts and pays, and what can be had without it."""
    title, about = "Predicts, Pays, and What a Baseline Can Do", "(forward in time)"
    if found is None or not found["baselines"]:
        return Section(title, [])
    predicts, pays = found["details"]["predicts"], found["details"]["pays"]
    facts = [Fact("Predicts the label", VERDICTS[found["predicts"]], p_equals(found["p_value"]))]
    if found["p_value"] != found["p_value_single"]:
        facts.append(Fact("This trial alone", p_equals(found["p_value_single"])))
    low, high = predicts["interval"]
    facts.append(
        Fact(
            "Mean score",
            number(predicts["effect"], "+.3f"),
            f"95 % interval {interval(low, high, '+.3f')}; 0: no skill",
        )
    )
    facts.append(Fact("Pays", VERDICTS[found["pays"]], "" if pays["p_value"] is None else p_equals(pays["p_value"])))
    if pays["n_taken"]:
        net_low, net_high = pays["interval"]
        between = interval(net_low, net_high, "+.3%")
        facts += [
            Fact("Net return per signal taken", number(pays["net_return"], "+.3%"), f"95 % interval {between}"),
            Fact("Break-even cost per trade", number(pays["break_even_cost"], "+.3%"), "beyond the costs counted"),
        ]
    if pays["every_signal"] is not None:
        p_of_all = p_equals(pays["every_signal_p_value"])
        facts.append(Fact("Every signal taken", number(pays["every_signal"], "+.3%"), p_of_all))
    rows = [
        Row(
            (
                row["title"],
                NOTHING if row["name"] == "constant" else number(row["skill"], "+.1%"),
                NOTHING if row["name"] == "constant" else p_value(row["p_value"]),
                p_value(row["p_beyond"]),
            )
        )
        for row in found["baselines"]
    ]
    columns = [Column(name) for name in ("Baseline", "Error removed", "p of that", "Model beyond it, p")]
    text = (
        "Each baseline is fitted again before each block, as the model is. Error removed: share of the squared error "
        "of a constant. The last column is the model's own skill beyond the baseline, on the same samples and not "
        "corrected for other trials; against the constant and past labels it is what the verdict rests on."
    )
    return Section(title, [Facts(facts), Table(columns, rows), Paragraph(text)], about)


def ranking(found: Sequence[Mapping[str, Any]], overfitting: float | None = None) -> Section:
    """Build the ranking of the models that were compared, if more than one was."""
    if not found:
        return Section("Models Compared", [])
    rows = [
        Row(
            (
                row["name"],
                number(row["score"], "+.4f"),
                number(row["loss"], ".5g"),
                number(row["statistic"], ".3f"),
                p_value(row["p_adjusted"]),
                "" if row["rank"] == 1 else f"{number(row['behind'], '.2g')} ± {number(row['behind_error'], '.2g')}",
                "chosen" if row["rank"] == 1 else "tied" if row["tied"] else "",
            ),
            "mark" if row["rank"] == 1 else "",
        )
        for row in found
    ]
    columns = [Column(title) for title in ("Model", "Score", "Loss", "Skill", "p", "Below the best", "")]
    tied = (
        "Which of them cannot be told from the best is not known: pip install 'livermore[arch]'."
        if found[0]["tied"] is None
        else "Tied: in the model confidence set, which holds the best one with 95 % confidence."
    )
    text = Paragraph(
        "Score: of predictions made forward in time, against a constant and past labels. The first was trained and "
        "judged on later samples, which the others never saw. p: such a score by chance, corrected for "
        f"{len(found)} models. {tied}"
    )
    blocks: list[Block] = [Table(columns, rows), text]
    if overfitting is not None:
        blocks.append(
            Paragraph(
                f"The model that is best in one half of the time is below the median in the other half with a "
                f"probability of {number(overfitting, '.0%')} (probability of overfitting; 50% is chance)."
            )
        )
    return Section("Models Compared", blocks, "(forward in time, earlier samples)")


def calibration(result: "TrainingResult") -> Section:
    """Build the comparison of predicted probabilities with what came true."""
    title, about = "Probability Calibration", "(test set, class 1)"
    buckets = result.tables.get("calibration")
    if not buckets:
        return Section(title, [])
    if "low" not in buckets[0]:
        return Section(title, _calibration_of_jesse(buckets), about)
    rows = [
        Row(
            (
                bucket["range"],
                f"{bucket['n']:,}",
                number(bucket["expected"], ".1%"),
                number(bucket["actual_rate"], ".1%"),
                interval(bucket["low"], bucket["high"], ".0%"),
                "few" if bucket["thin"] else "",
            ),
            "faint" if bucket["thin"] else "",
        )
        for bucket in buckets
    ]
    columns = [Column(name) for name in ("Confidence", "Count", "Predicted", "Actual rate", "95 % interval", "")]
    text = (
        "For a calibrated model the mean prediction lies in the interval of the actual rate. Few: fewer than ten "
        "independent samples, too few to tell."
    )
    return Section(title, [Table(columns, rows), Paragraph(text), Figures([_figures.reliability(buckets)])], about)


def _calibration_of_jesse(buckets: Sequence[Mapping[str, Any]]) -> list[Block]:
    """Return the buckets without intervals, as Jesse shows them."""
    rows = [
        Row((b["range"], f"{b['n']:,}", number(b["actual_rate"], ".1%"), number(b["diff"], "+.1%"))) for b in buckets
    ]
    text = (
        "For a calibrated model the actual rate is near the middle of each bucket. A bucket of few samples "
        "says little: with 25, chance alone moves the rate by 20 points either way. Probabilities below 0.3 are not "
        "shown."
    )
    columns = [Column(title) for title in ("Confidence", "Count", "Actual rate", "vs expected")]
    return [Table(columns, rows), Paragraph(text), Figures([_figures.reliability(buckets)])]


def thresholds(result: "TrainingResult") -> Section:
    """Build the table of thresholds: out of fold with the chosen one, or without evidence those of the test set."""
    title = "Precision vs Confidence Threshold"
    judged = result.evidence.get("threshold_table")
    if judged:
        figure = Figures([_figures.threshold_curve(judged)])
        blocks = [_judged_thresholds(judged), *_chosen(result.evidence["threshold"]), figure]
        return Section(title, blocks, "(out of fold, training set)")
    if result.thresholds is None:
        return Section(title, [])
    support = result.metrics["support"]
    base = support[1] / sum(support)
    rows = [
        Row((f"{t['threshold']:.2f}", f"{t['allowed']:,}", number(t["precision"], ".1%"), number(t["coverage"], ".1%")))
        for t in result.thresholds
    ]
    return Section(
        title,
        [
            Table([Column(name) for name in ("Threshold", "Allowed", "Precision", "Coverage")], rows),
            Facts([Fact("Base rate (no filter)", number(base, ".1%"))]),
            Paragraph(
                "Allowed: signals of at least that probability. Precision: the share of them that is of class 1. A "
                "useful threshold has a precision clearly above the base rate and still lets enough through. The best "
                "of eight rows flatters itself, and rows with few signals most of all."
            ),
            Figures([_figures.threshold_curve(result.thresholds, base)]),
        ],
        "(test set, class 1)",
    )


def _judged_thresholds(found: Sequence[Mapping[str, Any]]) -> Table:
    """Return the thresholds, each figure above its 95 % interval."""
    with_money = "net_return" in found[0]
    columns = [Column("Threshold"), Column("Allowed\ncoverage"), Column("Precision\n95 % interval")]
    columns += [Column("Net return\n95 % interval")] if with_money else []
    rows = []
    for row in found:
        remarks = ", ".join(remark for key, remark in (("thin", "few"), ("chosen", "chosen")) if row[key])
        precision = _stacked(row["precision"], ".1%", row["low"], row["high"], ".0%") if row["allowed"] else NOTHING
        allowed = f"{row['allowed']:,}\n{number(row['coverage'], '.1%')}"
        if row["threshold"] is None:
            cells = ["none taken", allowed, NOTHING, *([number(0.0, "+.3%")] if with_money else [])]
            rows.append(Row([*cells, remarks], "mark" if row["chosen"] else ""))
            continue
        cells = [f"{row['threshold']:.2f}", allowed, precision]
        if with_money:
            cells.append(_stacked(row["net_return"], "+.3%", row["net_low"], row["net_high"], "+.2%"))
        rows.append(Row([*cells, remarks], "mark" if row["chosen"] else "faint" if row["thin"] else ""))
    return Table([*columns, Column("")], rows)


def _stacked(value: float, spec: str, low: float, high: float, interval_spec: str) -> str:
    """Return a figure and below it its interval."""
    between = interval(low, high, interval_spec)
    return number(value, spec) if between == NOTHING else f"{number(value, spec)}\n{between}"


def _chosen(chosen: Mapping[str, Any]) -> list[Block]:
    """Say which threshold was chosen, and what it is worth on the test set."""
    by = "net return over all signals" if chosen["by"] == "money" else "precision gained over all signals"
    if chosen["none_is_best"]:
        return [Paragraph(f"No threshold has a positive {by}: to take no signal is best.")]
    if chosen["threshold"] is None:
        return [Paragraph("No threshold lets ten independent samples pass: none is chosen.")]
    low, high = chosen["stable_band"]
    facts = [Fact("Chosen", f"{chosen['threshold']:.2f}, by {by}; {low:.2f} to {high:.2f} do about as well")]
    test = chosen["test"]
    if test is not None and not test["allowed"]:
        facts.append(Fact("There, on the test set", "no signal passes"))
    elif test is not None:
        gained = f"{number(test['lift'], '+.1%')} ({interval(test['lift_low'], test['lift_high'], '+.1%')})"
        facts += [
            Fact("There, on the test set", f"{number(test['precision'], '.1%')} of {test['allowed']:,} signals"),
            Fact("Above the base rate by", gained),
        ]
    text = (
        "Allowed: signals of at least that probability. Precision: the share of them that is of class 1. The choice is "
        "made on samples that the models had not seen, and not on the test set, whose figure is therefore fair."
    )
    return [Facts(facts), Paragraph(text)]


def feature_verdicts(evidence: Mapping[str, Any]) -> Section:
    """Build the verdicts on the features: a row for each cluster of correlated ones, all on the same folds."""
    title, scores, note = "Feature Verdicts", evidence.get("feature_scores"), evidence.get("feature_note")
    if not scores:
        return Section(title, [Paragraph(note)] if note else [])
    rows = [
        Row(
            (
                score["feature"],
                _with_error(score["importance"], score["standard_error"]),
                p_value(score["p_value"]),
                NOTHING if score["left_out"] is None else _with_error(score["left_out"], score["left_out_error"]),
                NOTHING if score["left_out"] is None else p_value(score["left_out_p_value"]),
                score["verdict"],
            ),
            "faint" if score["verdict"] == "cannot tell" else "mark",
        )
        for score in scores
    ]
    bars = [(score["feature"], score["importance"], score["standard_error"], score["verdict"]) for score in scores]
    text = (
        "By how much the loss of predictions grows when the values of the features are shuffled, and in refits without "
        "them, with standard errors, on folds that walk forward. Correlated features are judged as one. Helps or "
        "hurts: both ways agree, shuffling after a correction for the number of rows, of which one in twenty is "
        "expected to be noise. Refits are made only of what shuffling finds."
    )
    columns = [Column(name) for name in ("Features", "Shuffled", "p", "Left out", "p", "Verdict")]
    figure = _figures.importance_bars(bars, "loss added by shuffling")
    return Section(
        title, [Table(columns, rows), Paragraph(text), Figures([figure])], "(your estimator, earlier samples only)"
    )


def _with_error(value: float, error: float) -> str:
    """Return a figure with its standard error."""
    return f"{number(value, '+.4f')}\n± {number(error, '.4f')}"


def diagnostics(evidence: Mapping[str, Any]) -> Section:
    """Build what is noticeable about features, and what to do about it."""
    title, found = "Diagnostics of the Features", evidence.get("diagnostics")
    if found is None:
        return Section(title, [])
    flagged = [f"{row['feature']} ({', '.join(row['flags'])}): {row['advice']}" for row in found if row["flags"]]
    blocks: list[Block] = [Bullets(flagged) if flagged else Paragraph(f"Nothing noticeable in {len(found)} features.")]
    rows = [
        Row(
            (row["feature"], p_value(row["drift_p_value"]), number(row["psi"], ".2f"), row["stationarity"]),
            "" if row["flags"] else "faint",
        )
        for row in sorted(found, key=lambda row: -row["psi"] if math.isfinite(row["psi"]) else math.inf)
    ]
    columns = [Column("Feature"), Column("Drift, p"), Column("PSI"), Column("Stationarity", "text")]
    stability = {row["feature"]: row["psi"] for row in found if math.isfinite(row["psi"])}
    drifted = {row["feature"] for row in found if "drift" in row["flags"]}
    figures = [_figures.drift_bars(stability, drifted)] if stability else []
    text = Paragraph(
        "Drift, p: of no change of level or spread between the training and the test set; it takes the memory of the "
        "feature into account, and is corrected for the number of features. PSI: population stability index, which "
        "does not, and is large by chance where samples are few. Stationarity: of the training set, by the ADF and "
        "KPSS tests together."
    )
    return Section(title, [*blocks, Table(columns, rows), text, Figures(figures)])
