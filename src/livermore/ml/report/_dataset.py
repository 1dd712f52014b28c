"""The summary of a gathering, as text: what the backtest did, and what it recorded."""

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from livermore.dates import minute
from livermore.ml.report._layout import banner, heading, number, pair, paragraph, plain

# Up to so many different labels are counted one by one.
FEW = 12
FIGURES = (
    ("Net profit", "net_profit", ",.2f", 1.0),
    ("Net profit (%)", "net_profit_percentage", ".2f", 1.0),
    ("Annual return (%)", "annual_return", ".2f", 1.0),
    ("Max drawdown (%)", "max_drawdown", ".2f", 1.0),
    ("Win rate (%)", "win_rate", ".1f", 100.0),
    ("Sharpe ratio", "sharpe_ratio", ".2f", 1.0),
)


def render_gathering(
    groups: Mapping[str, Sequence[Mapping[str, Any]]],
    metrics: Mapping[str, Any],
    *,
    n_open: int = 0,
    files: Sequence[Path] = (),
) -> str:
    """Return the summary of a gathering as text.

    Parameters
    ----------
    groups : dict of str to sequence of dict
        The labelled samples of each strategy, at least one each.
    metrics : dict
        The backtest's metrics.
    n_open : int
        Samples that had features and no label when the backtest ended.
    files : sequence of Path
        Where the samples were written.
    """
    return "\n".join(
        [
            *banner(f"DATA GATHERING  ·  {', '.join(groups)}"),
            *_backtest(metrics),
            *(line for name, samples in groups.items() for line in _dataset(samples, name if len(groups) > 1 else "")),
            *([pair("Left open, not labelled", f"{n_open:,}")] if n_open else []),
            *heading("SAVED"),
            *(
                [pair("Samples", str(file)) for file in files]
                or paragraph("Nowhere. Pass csv_path=… to keep the samples.")
            ),
            "",
        ]
    )


def _backtest(metrics: Mapping[str, Any]) -> list[str]:
    """Return what the backtest did."""
    lines = [*heading("BACKTEST"), pair("Trades", f"{metrics.get('total', 0):,}")]
    if not metrics.get("total"):
        return [
            *lines,
            *paragraph(
                "No trade was opened. That is right for strategies that record by barriers or time windows alone."
            ),
        ]
    return lines + [
        pair(name, number(metrics[key] * factor, spec)) for name, key, spec, factor in FIGURES if key in metrics
    ]


def _dataset(samples: Sequence[Mapping[str, Any]], name: str) -> list[str]:
    """Return what one strategy recorded; it is named where there are several."""
    times = [sample["time"] for sample in samples]
    symbols = sorted({sample["symbol"] for sample in samples if "symbol" in sample})
    lines = [
        *heading(f"DATASET  {name}".rstrip()),
        pair("Samples", f"{len(samples):,}"),
        pair("Features per sample", f"{len(samples[0]['features'])}"),
        pair("From", f"{minute(min(times))} UTC"),
        pair("To", f"{minute(max(times))} UTC"),
    ]
    if len(symbols) > 1:
        lines.append(pair("Symbols", ", ".join(symbols)))
    return lines + _labels(samples)


def _labels(samples: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return counts and shares of each label, or the range where there are many."""
    values = [sample["label"]["value"] for sample in samples]
    lines = ["", pair("Label", samples[0]["label"]["name"])]
    if all(isinstance(value, float) for value in values) or len(set(values)) > FEW:
        positive = sum(value > 0 for value in values) / len(values)
        return [
            *lines,
            pair("Mean", plain(sum(values) / len(values))),
            pair("Min, max", f"{plain(min(values))}, {plain(max(values))}"),
            pair("Above zero", f"{positive:.1%}"),
        ]
    counts = sorted(Counter(values).items())
    return lines + [pair(f"y = {label}", f"{count:,} ({count / len(values):.1%})") for label, count in counts]
