"""The report of a comparison of backtests, as text."""

from collections.abc import Mapping, Sequence
from typing import Any

from livermore.dates import day
from livermore.ml.report._layout import banner, heading, number, pair, paragraph, table

__all__ = ["COMPARED", "render_comparison"]

#: How the compared figures are shown: title, format, factor.
COMPARED = {
    "expectancy": ("Expectancy per trade, %", ".3f", 1.0),
    "win_rate": ("Win rate, %", ".1f", 100.0),
    "sharpe_ratio": ("Sharpe ratio", ".2f", 1.0),
    "max_drawdown": ("Max drawdown, %", ".2f", 1.0),
    "annual_return": ("Annual return, %", ".2f", 1.0),
}
ANSWERS = {"yes": "yes", "no": "no", "cannot tell": "it cannot be told"}


def render_comparison(comparison: Mapping[str, Any]) -> str:
    """Return the report of a comparison as text.

    Parameters
    ----------
    comparison : dict
        What `compare_backtests` returned.
    """
    first, last = map(day, comparison["interval"])
    baseline, model, by = comparison["baseline"], comparison["model"], comparison["by"]
    lines = [
        *banner(f"DID THE MODEL HELP?  ·  {comparison['name']}"),
        "",
        pair("Days", f"{first} → {last}"),
        pair("Trades without model", f"{baseline['trades']:,}, costs {baseline['fees']:,.2f}"),
        pair("Trades with model", f"{model['trades']:,}, costs {model['fees']:,.2f}"),
        pair("Of these in both", f"{comparison['matched']:,} (coverage {comparison['coverage']:.1%})"),
        *heading("FIGURES"),
        *_figures(comparison),
        "",
        *paragraph(
            "Difference: with the model less without, with its 95 % interval. p random: the share of random filters "
            f"({comparison['random']['draws']:,} drawn) that do at least as well; they let as many trades through as "
            "the model, in runs as long, at moments that have nothing to do with what the trades became."
        ),
    ]
    for title, key in (("BY MONTH", "month"), ("BY SIDE", "side"), ("BY SYMBOL", "symbol")):
        lines += [*heading(title), *_groups(by[key])] if len(by[key]) > 1 else []
    lines += [*heading("VERDICT"), *paragraph(f"Did it help: {ANSWERS[comparison['verdict']['helped']]}.")]
    lines += [line for text in comparison["verdict"]["text"].split("\n") for line in paragraph(text)]
    if comparison["notes"]:
        lines += [*heading("NOTES"), *(line for note in comparison["notes"] for line in paragraph(note, "· "))]
    return "\n".join([*lines, ""])


def _figures(comparison: Mapping[str, Any]) -> list[str]:
    rows = []
    for name, (title, spec, factor) in COMPARED.items():
        found = comparison["difference"][name]
        low, high = (number(factor * found[key], f"+{spec}") for key in ("low", "high"))
        rows.append(
            (
                title,
                number(factor * comparison["baseline"][name], spec),
                number(factor * comparison["model"][name], spec),
                number(factor * found["value"], f"+{spec}"),
                f"{low} to {high}",
                number(found["p_random"], ".3f"),
            )
        )
    return table(("", "Without", "With", "Diff.", "95 % interval", "p random"), rows)


def _groups(groups: Sequence[Mapping[str, Any]]) -> list[str]:
    rows = [
        (
            str(group["group"]),
            f"{group['n_baseline']:,}",
            f"{group['n_model']:,}",
            number(group["expectancy_baseline"], ".3f"),
            number(group["expectancy_model"], ".3f"),
            "few" if group["thin"] else "",
        )
        for group in groups
    ]
    return table(("", "Trades", "With model", "Expectancy, %", "With model, %", ""), rows)
