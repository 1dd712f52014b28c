"""The report of a walk-forward backtest: its schedule, what predictions out of sample are worth, its trades."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from livermore.dates import days, minute
from livermore.ml.report._context import context, sharpe_trust, trading_facts
from livermore.ml.report._document import (
    Block,
    Bullets,
    Column,
    Fact,
    Facts,
    Page,
    Paragraph,
    Row,
    Section,
    Table,
)
from livermore.ml.report._evidence import metric_facts, verdict_on_edge
from livermore.ml.report._html import HtmlReport, render_html
from livermore.ml.report._labels import SHOWN
from livermore.ml.report._model_usage import asking_notes
from livermore.ml.report._text import render_text

__all__ = ["render_walk_forward", "walk_forward_page", "walk_forward_report_html"]


def render_walk_forward(result: Mapping[str, Any]) -> str:
    """Return the report of a walk-forward backtest as text.

    Parameters
    ----------
    result : dict
        What `walk_forward` returned.

    Returns
    -------
    str
        The report.
    """
    return render_text(walk_forward_page(result))


def walk_forward_report_html(
    result: Mapping[str, Any], path: str | Path | None = None, *, embed: bool = False
) -> HtmlReport:
    """Return the report of a walk-forward backtest as one HTML file that works offline.

    Parameters
    ----------
    result : dict
        What `walk_forward` returned.
    path : path-like, optional
        Where to write it.
    embed : bool
        Whether to return it in a frame, for a notebook.

    Returns
    -------
    HtmlReport
        The page, a str.
    """
    return render_html(walk_forward_page(result), path, embed=embed)


def walk_forward_page(result: Mapping[str, Any]) -> Page:
    """Build the report of a walk-forward backtest."""
    notes = asking_notes(result["ml"])
    found, setting = result["out_of_sample"], result.get("setting", {})
    return Page(
        kind="Walk forward",
        title=result["name"],
        context=context(setting.get("markets", ()), setting, result.get("created")),
        sections=[
            _schedule(result),
            _out_of_sample(found),
            Section("Backtest", [Facts(trading_facts(result["metrics"], SHOWN, _days_of(result)))]),
            Section("Does it Pay?", [Paragraph(result["pays"]["text"])] if result.get("pays") else []),
            sharpe_trust([("From the first training on", result.get("sharpe_evidence"))]),
            _trainings(result["trainings"]),
        ],
        verdict=verdict_on_edge(None if found is None else found.get("verdict")),
        closing=[Section("Notes", [Bullets(notes)] if notes else [])],
    )


def _days_of(result: Mapping[str, Any]) -> tuple[float, float]:
    """Return start and end of the backtest, UTC seconds."""
    curve = result["equity_curve"][0]["data"]
    return curve[0]["time"], curve[-1]["time"]


def _schedule(result: Mapping[str, Any]) -> Section:
    schedule, trainings = result["models"].schedule, result["trainings"]
    window = "expanding" if schedule.window is None else f"rolling, {schedule.window.days} days"
    facts = [
        Fact("Trained every", str(schedule.every).removesuffix(", 0:00:00")),
        Fact("On", f"{window}; at least {schedule.min_samples:,} samples"),
        Fact("Trainings", f"{sum(row['trained'] for row in trainings):,} of {len(trainings):,}"),
    ]
    return Section("Schedule", [Facts(facts)])


def _out_of_sample(found: Mapping[str, Any] | None) -> Section:
    """Build what the predictions out of sample are worth, each metric with its interval."""
    title = "Out of Sample"
    if found is None:
        text = "No model could be trained before the last sample: nothing is out of sample."
        return Section(title, [Paragraph(text)])
    facts = [Fact("Samples predicted", f"{found['n']:,}"), Fact("From, to", days(*found["interval"]))]
    return Section(title, [Facts(facts), Facts(metric_facts(found["metrics"], found.get("intervals", {})))])


def _trainings(trainings: Sequence[Mapping[str, Any]]) -> Section:
    """Build the list of trainings that did not take place, and why."""
    missing = [row for row in trainings if not row["trained"]]
    rows = [Row((f"{minute(row['at'])} UTC", f"{row['n_samples']:,}", row["note"])) for row in missing]
    columns = [Column("Due at"), Column("Samples"), Column("Why not", "text")]
    blocks: list[Block] = [Table(columns, rows)] if rows else []
    return Section("Trainings that did not Take Place", blocks)
