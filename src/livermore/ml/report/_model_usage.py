"""How a backtest's models were asked, as text: what was skipped and why, and the days that they knew already."""

from collections.abc import Mapping, Sequence
from typing import Any

from livermore.dates import days, minute
from livermore.ml.report._layout import banner, heading, number, pair, paragraph, table

__all__ = ["asking_notes", "render_asking", "render_walk_forward"]

PARTS = {
    "before_training": "Days before the training",
    "in_sample": "Days of the training",
    "out_of_sample": "Days behind the training",
}
FIGURES = (
    ("Trades", "total", ",.0f", 1.0),
    ("Win rate, %", "win_rate", ".1f", 100.0),
    ("Net profit, %", "net_profit_percentage", ".2f", 1.0),
    ("Sharpe ratio", "sharpe_ratio", ".2f", 1.0),
    ("Max drawdown, %", "max_drawdown", ".2f", 1.0),
)
SHOWN_METRICS = ("accuracy", "roc_auc", "mcc", "roc_auc_macro", "r2", "mae", "rmse", "spearman")


def render_asking(ml: Mapping[str, Any]) -> str:
    """Return as text how models were asked.

    Parameters
    ----------
    ml : dict
        The key ``ml`` of what `backtest` returned.
    """
    lines = heading("MODELS ASKED")
    for row in ml["models"]:
        lines += _model(row)
    lines += [line for note in asking_notes(ml) for line in paragraph(note, "· ")]
    if ml["in_sample"] is not None:
        lines += [*heading("IN SAMPLE AND OUT OF SAMPLE"), *_parts(ml)]
    return "\n".join([*lines, ""])


def asking_notes(ml: Mapping[str, Any] | None, *, in_sample: bool = True) -> list[str]:
    """Return, as sentences, what must be known of how models were asked; none if all is well.

    Parameters
    ----------
    ml : dict or None
        The key ``ml`` of what `backtest` returned.
    in_sample : bool
        Whether to tell how often models were asked about days of their training.
    """
    notes = []
    for row in () if ml is None else ml["models"]:
        who = f"{row['strategy']} on {row['symbol']}" + (f" (model {row['model']})" if row["model"] else "")
        if row["skipped"]:
            notes.append(f"{who}: {row['skipped']:,} of {row['asked']:,} questions were skipped: {_reasons(row)}.")
        elif row["found"]:
            notes.append(f"{who}: asked all the same about values that training never saw: {_reasons(row)}.")
        if row["without_model"]:
            notes.append(f"{who}: {row['without_model']:,} of {row['asked']:,} questions came before the first model.")
        if row["in_sample"] and in_sample:
            notes.append(f"{who}: {row['in_sample']:,} of {row['asked']:,} questions were about days of the training.")
    return notes


def render_walk_forward(result: Mapping[str, Any]) -> str:
    """Return the report of a walk-forward backtest as text.

    Parameters
    ----------
    result : dict
        What `walk_forward` returned.
    """
    schedule, found = result["models"].schedule, result["out_of_sample"]
    window = "expanding" if schedule.window is None else f"rolling, {schedule.window.days} days"
    lines = [
        *banner(f"WALK FORWARD  ·  {result['name']}"),
        *heading("SCHEDULE"),
        pair("Trained every", str(schedule.every).removesuffix(", 0:00:00")),
        pair("On", f"{window}; at least {schedule.min_samples:,} samples"),
        pair("Trainings", f"{sum(row['trained'] for row in result['trainings']):,} of {len(result['trainings']):,}"),
        *heading("OUT OF SAMPLE"),
    ]
    if found is None:
        lines += paragraph("No model could be trained before the last sample: nothing is out of sample.")
    else:
        lines += [
            pair("Samples predicted", f"{found['n']:,}"),
            pair("From, to", days(*found["interval"])),
            *(pair(key, number(found["metrics"][key], ".4f")) for key in SHOWN_METRICS if key in found["metrics"]),
        ]
    lines += [*heading("BACKTEST"), *(pair(title, text) for title, text in _figures(result["metrics"]))]
    if result["ml"] is not None:
        lines += [line for note in asking_notes(result["ml"]) for line in paragraph(note, "· ")]
    return "\n".join([*lines, ""])


def _model(row: Mapping[str, Any]) -> list[str]:
    lines = [
        pair("Strategy", f"{row['strategy']} on {row['symbol']}"),
        pair("Model", str(row["version"] or row["folder"] or "of its own making")),
        pair("Asked", f"{row['asked']:,} times"),
        pair("Policy", f"{row['policy']}, margin {row['margin']:g} widths of the range in training"),
    ]
    for example in row["examples"][:3]:
        lines.append(
            pair(
                f"  {minute(example['time'])}",
                f"{example['feature']} {example['reason']}: {example['value']:g}",
            )
        )
    return lines


def _reasons(row: Mapping[str, Any]) -> str:
    return ", ".join(f"{found['feature']} {found['reason']} ({found['count']:,})" for found in row["found"])


def _parts(ml: Mapping[str, Any]) -> list[str]:
    there = [name for name in PARTS if ml[name] is not None]
    columns: Sequence[Sequence[tuple[str, str]]] = [_figures(ml[name]["metrics"]) for name in there]
    stretches = [days(*ml[name]["interval"]) for name in there]
    rows = [("Days", *stretches)]
    rows += [(FIGURES[k][0], *(column[k][1] for column in columns)) for k in range(len(FIGURES))]
    return table(("", *(PARTS[name] for name in there)), rows)


def _figures(metrics: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [
        (title, number(None if metrics.get(key) is None else metrics[key] * factor, spec))
        for title, key, spec, factor in FIGURES
    ]
