"""The report on whether a model transfers to symbols that it never saw."""

from pathlib import Path
from typing import TYPE_CHECKING

from livermore.dates import days
from livermore.formatting import estimate, interval, number, p_equals
from livermore.ml.report._document import Column, Fact, Page, Paragraph, Row, Section, Table, Verdict
from livermore.ml.report._html import HtmlReport, render_html
from livermore.ml.report._labels import VERDICTS
from livermore.ml.report._text import render_text

if TYPE_CHECKING:
    from livermore.ml.evidence import ForwardTest
    from livermore.ml.pooling import Pooling
    from livermore.ml.transfer import Transfer

__all__ = ["render_transfer", "transfer_report_html"]

# With more symbols than this, the table shows so many at each end.
MOST_SYMBOLS, SHOWN = 30, 10
HEADLINES = {
    "yes": "It predicts symbols that it never saw",
    "no": "It does not predict symbols that it never saw",
    "cannot tell": "It cannot be told whether it predicts symbols that it never saw",
}


def render_transfer(found: "Transfer") -> str:
    """Return the report as text.

    Parameters
    ----------
    found : Transfer
        What `livermore.research.transfer` returned.

    Returns
    -------
    str
        The report.
    """
    return render_text(_page(found))


def transfer_report_html(found: "Transfer", path: str | Path | None = None, *, embed: bool = False) -> HtmlReport:
    """Return the report as one HTML file that works offline.

    Parameters
    ----------
    found : Transfer
        What `livermore.research.transfer` returned.
    path : path-like, optional
        Where to write it.
    embed : bool
        Whether to return it in a frame, for a notebook.

    Returns
    -------
    HtmlReport
        The page, a str.
    """
    return render_html(_page(found), path, embed=embed)


def _page(found: "Transfer") -> Page:
    """Build the report."""
    return Page(
        kind="Does it transfer?",
        title=found.estimator,
        context=[Fact("Test days", days(*found.interval))],
        tiles=[
            Fact("Symbols", f"{len(found.symbols):,}"),
            Fact("Test samples", f"{found.n_test:,}"),
            Fact("Skill, unseen symbols", number(found.unseen.effect, "+.3f")),
            Fact("Skill, seen symbols", number(found.seen.effect, "+.3f")),
        ],
        sections=[_pooling(found.pooling), _symbols(found)],
        verdict=Verdict(
            "Does it transfer?",
            VERDICTS[found.transfers],
            HEADLINES[found.transfers],
            [
                f"Trained on other symbols: mean score {_skill(found.unseen)}.",
                f"The same samples, trained on all symbols: mean score {_skill(found.seen)}.",
                f"{found.n_folds} models were trained with symbols left out, on what was known of the others before "
                f"the test days ({found.n_train:,} samples in all); {found.n_test:,} samples were predicted. The "
                "p-values are not corrected for other evaluations.",
            ],
        ),
    )


def _symbols(found: "Transfer") -> Section:
    """Build the table of symbols."""
    few = len(found.symbols) <= MOST_SYMBOLS
    rows = [
        Row(
            (
                row.symbol,
                f"{row.n:,}",
                number(row.measured, "+.3f"),
                number(row.skill, "+.3f"),
                interval(row.low, row.high, "+.3f"),
            )
        )
        for row in (found.symbols if few else (*found.symbols[:SHOWN], *found.symbols[-SHOWN:]))
    ]
    if not few:
        rows.insert(SHOWN, Row((f"{len(found.symbols) - 2 * SHOWN:,} others", "", "", "", ""), "faint"))
    text = (
        "Measured: mean score over its root mean square; 0 is no skill. Expected: the same, drawn towards the mean of "
        "all symbols by the share of the differences that is noise. The skill itself differs between symbols with a "
        f"standard deviation of {number(found.spread, '.3f')}. That of all symbols together is larger, since their "
        "scores are summed by time, and noise of their own cancels."
    )
    columns = ("Symbol", "Samples", "Measured", "Expected", "95 % interval")
    return Section("Skill per Symbol", [Table([Column(name) for name in columns], rows), Paragraph(text)], "(left out)")


def _pooling(found: "Pooling") -> Section:
    """Build the comparison of one model for all symbols with one each."""
    title = "One Model for All Symbols, or One Each?"
    left_out = (
        f" {found.n_left_out:,} symbols have no model of their own: too few samples, or all of one class."
        if found.n_left_out
        else ""
    )
    if not found.n:
        return Section(title, [Paragraph(f"That cannot be told.{left_out}")])
    said = {
        "one for all": "One model for all predicts better.",
        "one each": "One model for each symbol predicts better.",
        "cannot tell": "Which predicts better cannot be told.",
    }[found.better]
    text = (
        f"{said} Mean loss of {found.n:,} samples of {found.n_symbols:,} symbols (Brier score, or squared error): "
        f"{number(found.loss_for_all, '.4g')} with one model, {number(found.loss_each, '.4g')} with one each; "
        f"difference {estimate(found.difference, found.low, found.high, '+.4f')}, {p_equals(found.p_value)}.{left_out}"
    )
    return Section(title, [Paragraph(text)])


def _skill(test: "ForwardTest") -> str:
    """Return a skill with its interval and p-value, for use in a sentence."""
    return f"{estimate(test.effect, test.effect_low, test.effect_high, '+.3f')}, {p_equals(test.p)}"
