"""The report of a comparison of two backtests: without the model (baseline) and with it."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from livermore.dates import days
from livermore.formatting import NOTHING, interval, number, p_value
from livermore.ml.report import _figures
from livermore.ml.report._candle_chart import candle_chart
from livermore.ml.report._context import context, sharpe_trust
from livermore.ml.report._document import (
    Block,
    Bullets,
    Column,
    Fact,
    Facts,
    Figures,
    Page,
    Paragraph,
    Row,
    Section,
    Table,
    Verdict,
)
from livermore.ml.report._html import HtmlReport, render_html
from livermore.ml.report._labels import BASELINE, HELP_HEADLINES, TRADING_FIGURES, VERDICTS, WITH_MODEL
from livermore.ml.report._text import render_text

__all__ = ["compare_report_html", "comparison_page", "render_comparison"]

VARIANTS = ((WITH_MODEL, "model"), (BASELINE, "baseline"))
COMPARED = ("expectancy", "win_rate", "sharpe_ratio", "max_drawdown", "annual_return")


def render_comparison(comparison: Mapping[str, Any]) -> str:
    """Return the report of a comparison as text.

    Parameters
    ----------
    comparison : dict
        What `compare_backtests` returned.

    Returns
    -------
    str
        The report.
    """
    return render_text(comparison_page(comparison))


def compare_report_html(
    comparison: Mapping[str, Any], path: str | Path | None = None, *, embed: bool = False
) -> HtmlReport:
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
    HtmlReport
        The page, a str.
    """
    return render_html(comparison_page(comparison), path, embed=embed)


def comparison_page(comparison: Mapping[str, Any]) -> Page:
    """Build the report of a comparison."""
    notes, verdict = comparison["notes"], comparison["verdict"]
    return Page(
        kind="Did the model help?",
        title=comparison["name"],
        context=[Fact("Days", days(*comparison["interval"])), *_context(comparison)],
        tiles=[
            *_trades(comparison),
            Fact("Coverage", number(comparison["coverage"], ".1%"), "of the baseline's trades"),
            Fact("Trials", f"{verdict['trials']:,}", "on these days"),
        ],
        sections=[
            _compared(comparison),
            sharpe_trust([(title, comparison[key].get("sharpe_evidence")) for title, key in VARIANTS]),
            _account(comparison),
            _decisions(comparison.get("decisions", ())),
            *_groups(comparison["by"]),
            _sanity(comparison.get("sanity")),
        ],
        verdict=Verdict(
            "Did the model help?",
            VERDICTS[verdict["helped"]],
            HELP_HEADLINES[verdict["helped"]],
            [line for line in verdict["text"].split("\n") if line],
        ),
        closing=[Section("Notes", [Bullets(notes)] if notes else [])],
    )


def _context(comparison: Mapping[str, Any]) -> list[Fact]:
    setting = comparison.get("setting", {})
    return context(setting.get("markets", ()), setting, comparison.get("created"))


def _trades(comparison: Mapping[str, Any]) -> list[Fact]:
    return [
        Fact(
            f"Trades, {title.lower()}",
            f"{comparison[key]['trades']:,}",
            f"costs {number(comparison[key]['fees'], ',.2f')}",
        )
        for title, key in ((BASELINE, "baseline"), (WITH_MODEL, "model"))
    ]


def _compared(comparison: Mapping[str, Any]) -> Section:
    """Build the table of figures: each difference above its 95 % interval."""
    variants = f"{BASELINE}\n{WITH_MODEL.lower()}"
    columns = ["", variants, "Random\nmean", "Difference\n95 % interval", "p random"]
    rows = []
    for name in COMPARED:
        label, found = TRADING_FIGURES[name], comparison["difference"][name]
        factor, spec = label.factor, label.spec
        between = interval(factor * found["low"], factor * found["high"], f"+{spec}")
        values = (comparison["baseline"][name], comparison["model"][name])
        difference = number(factor * found["value"], f"+{spec}")
        rows.append(
            Row(
                (
                    label.title,
                    "\n".join(number(factor * value, spec) for value in values),
                    number(factor * comparison["random"][name]["mean"], spec),
                    difference if between == NOTHING else f"{difference}\n{between}",
                    NOTHING if difference == NOTHING else p_value(found["p_random"]),
                )
            )
        )
    both = f"{comparison['matched']:,} (coverage {number(comparison['coverage'], '.1%')})"
    text = (
        "Difference: with the model less baseline. p random: the share of random filters "
        f"({comparison['random']['draws']:,} drawn) that do at least as well; they accept as many trades as the model, "
        "in runs as long, at times that are unrelated to the outcomes. All figures are of closed trades: expectancy is "
        "a share of the trade's size, and drawdown that of closed profit by day. backtest() has expectancy as a share "
        "of the account, and the drawdown of the daily equity, which knows open profit."
    )
    facts = Facts([*_trades(comparison), Fact("Trades of both", both)])
    return Section("Figures", [facts, Table([Column(title) for title in columns], rows), Paragraph(text)])


def _account(comparison: Mapping[str, Any]) -> Section:
    """Build the plots of the account."""
    equity = {key: np.asarray(values) for key, values in comparison["equity"].items()}
    return Section(
        "Account",
        [
            Figures([_figures.equity_curves(equity)]),
            Figures([_figures.drawdown_curves(equity)]),
        ],
        "(profit is counted when a trade closes)",
    )


def _decisions(rows: Sequence[Mapping[str, Any]]) -> Section:
    """Build the numbers of decisions and the chart of each route."""
    counts = Table(
        [Column("Route"), *map(Column, ("Asked", "Taken", "Refused", "Held", "Lowest\ntaken"))],
        [
            Row(
                (
                    f"{row['symbol']}\n{row['timeframe']}, {row['bars']:,} bars",
                    *(f"{row[name]:,}" for name in ("asked", "taken", "refused", "held")),
                    number(row["lowest_taken"], ".3f"),
                )
            )
            for row in rows
        ],
    )
    text = (
        "Asked: bars on which the strategy asked for a prediction. Refused: trades of the baseline that were not made "
        "with the model though no position was held. Held: not made since a trade was running. Lowest taken: "
        "the lowest prediction with which a trade was opened, where those of all refused signals are below it."
    )
    charts = [Figures([candle_chart(row, place)]) for place, row in enumerate(rows) if len(row["candles"])]
    return Section("Decisions", [*charts, counts, Paragraph(text)] if rows else [], "(with the model)")


def _groups(by: Mapping[str, Sequence[Mapping[str, Any]]]) -> list[Section]:
    """Build the comparisons by month, side and symbol, where there is more than one of them."""
    months = [row for row in by["month"] if row["n_model"] or row["n_baseline"]]
    sections = []
    for title, groups in (("Month", months), ("Side", by["side"]), ("Symbol", by["symbol"])):
        figures = [Figures([_figures.grouped_differences(groups)])] if title == "Month" else []
        blocks: list[Block] = [*figures, _groups_table(title, groups)] if len(groups) > 1 else []
        sections.append(Section(f"By {title.lower()}", blocks))
    return sections


def _sanity(sanity: Mapping[str, Any] | None) -> Section:
    """Build what is left of the edge one bar late, at other costs, and for larger accounts."""
    title, remark = "Can it be Traded?", "(with the model)"
    if sanity is None:
        return Section(title, [], remark)
    rows = [
        Row(
            (
                row["name"],
                number(10_000 * row["cost"], ".1f"),
                number(100 * row["net_return"], "+.3f"),
                interval(100 * row["low"], 100 * row["high"], "+.3f"),
                number(row["profit"], "+,.2f"),
            )
        )
        for row in sanity["costs"]
    ]
    columns = (Column("Costs", "text"), *map(Column, ("Per side\n(bp)", "Per trade\n(%)", "95 % interval", "Profit")))
    text = (
        "The trades are held fixed; slippage is a cost of each fill. Per trade: the mean over all trades, each as a "
        "share of its size."
    )
    lines = Bullets(sanity["text"].split("\n"))
    return Section(title, [lines, Table(list(columns), rows), Paragraph(text)], remark)


def _groups_table(title: str, groups: Sequence[Mapping[str, Any]]) -> Table:
    """Return trades and expectancy of each group, baseline above with model."""
    rows = [
        Row(
            (
                str(group["group"]),
                f"{group['n_baseline']:,}\n{group['n_model']:,}",
                f"{number(group['expectancy_baseline'], '.3f')}\n{number(group['expectancy_model'], '.3f')}",
                number(group["difference"], "+.3f"),
                "few" if group["thin"] else "",
            ),
            "faint" if group["thin"] else "",
        )
        for group in groups
    ]
    variants = f"{BASELINE.lower()}\n{WITH_MODEL.lower()}"
    columns = (title, f"Trades\n{variants}", f"Expectancy (%)\n{variants}", "Difference", "")
    return Table([Column(name) for name in columns], rows)
