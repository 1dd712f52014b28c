"""How a backtest used its models: what was skipped and why, and the days that the models were trained on."""

from collections.abc import Mapping
from typing import Any

from livermore.dates import days, minute
from livermore.formatting import number
from livermore.ml.report._context import trading_facts
from livermore.ml.report._document import Block, Bullets, Column, Fact, Facts, Page, Row, Section, Table
from livermore.ml.report._labels import SHOWN
from livermore.ml.report._text import render_text

__all__ = ["asking_notes", "render_asking"]

PARTS = {
    "before_training": "Days before the training",
    "in_sample": "Days of the training",
    "out_of_sample": "Days after the training",
}


def render_asking(ml: Mapping[str, Any]) -> str:
    """Return as text how a backtest used its models.

    Parameters
    ----------
    ml : dict
        The key ``ml`` of what `backtest` returned.

    Returns
    -------
    str
        The report.
    """
    notes = asking_notes(ml)
    sections = [Section("Model", [_model(row)], f"{row['strategy']} on {row['symbol']}") for row in ml["models"]]
    parts = Section("In Sample and Out of Sample", [] if ml["in_sample"] is None else [_parts(ml)])
    return render_text(
        Page("Models in use", "", sections=[*sections, Section("Notes", [Bullets(notes)] if notes else []), parts])
    )


def asking_notes(ml: Mapping[str, Any] | None, *, in_sample: bool = True) -> list[str]:
    """Return, as sentences, what must be known of how models were used; none if all is well.

    Parameters
    ----------
    ml : dict or None
        The key ``ml`` of what `backtest` returned.
    in_sample : bool
        Whether to say how often models predicted on days of their training.

    Returns
    -------
    list of str
        A sentence for each observation.

    Examples
    --------
    >>> asking_notes(None)
    []
    """
    notes = []
    for row in () if ml is None else ml["models"]:
        who = f"{row['strategy']} on {row['symbol']}" + (f" (model {row['model']})" if row["model"] else "")
        if row.get("other_market"):
            notes.append(f"{who}: {row['other_market']}. What the model's report says was not measured here.")
        if row["skipped"]:
            notes.append(f"{who}: {row['skipped']:,} of {row['asked']:,} questions were skipped: {_reasons(row)}.")
        elif row["found"]:
            notes.append(f"{who}: asked all the same about values that training never saw: {_reasons(row)}.")
        if row["without_model"]:
            notes.append(f"{who}: {row['without_model']:,} of {row['asked']:,} questions came before the first model.")
        if row["in_sample"] and in_sample:
            notes.append(f"{who}: {row['in_sample']:,} of {row['asked']:,} questions were about days of the training.")
    return notes


def _model(row: Mapping[str, Any]) -> Block:
    facts = [
        Fact("Model", str(row["version"] or row["folder"] or "an object of the strategy's own")),
        Fact("Predictions asked for", f"{row['asked']:,}"),
        Fact("Policy", f"{row['policy']}, margin {row['margin']:g} widths of the range in training"),
    ]
    examples = [
        Fact(
            f"  {minute(example['time'])}", f"{example['feature']} {example['reason']}: {number(example['value'], 'g')}"
        )
        for example in row["examples"][:3]
    ]
    return Facts(facts + examples)


def _reasons(row: Mapping[str, Any]) -> str:
    return ", ".join(f"{found['feature']} {found['reason']} ({found['count']:,})" for found in row["found"])


def _parts(ml: Mapping[str, Any]) -> Table:
    """Put the parts of the backtest side by side: before, during and after the training."""
    present = [name for name in PARTS if ml[name] is not None]
    columns = [trading_facts(ml[name]["metrics"], SHOWN, ml[name]["interval"]) for name in present]
    rows = [Row(("Days", *(days(*ml[name]["interval"]).replace(" → ", "\n→ ") for name in present)))]
    rows += [Row((facts[0].name, *(fact.value for fact in facts))) for facts in zip(*columns, strict=True)]
    return Table([Column(""), *(Column(PARTS[name]) for name in present)], rows)
