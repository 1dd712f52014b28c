"""Figures of simulated sets as Markdown, each with its standard error and the bound that it must keep."""

import math

import numpy as np

from simulations.runs import Cell, Figures, Measure

__all__ = ["summary", "table"]


def table(cells: list[Cell], figures: dict[str, list[Figures]]) -> str:
    """Return a Markdown table: a row for each cell, a column for each measure.

    A bound follows its figure; a figure that is outside of it by more than two standard errors is bold.
    """
    titles = list(dict.fromkeys(measure.title for cell in cells for measure in cell.measures))
    rows = [["", *titles, "sets"], ["---"] * (len(titles) + 2)]
    for cell in cells:
        found = figures.get(cell.name, [])
        entries = {measure.title: _entry(measure, found) for measure in cell.measures}
        rows.append([cell.name, *(entries.get(title, "") for title in titles), f"{len(found):,}"])
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def summary(values: list[float], counted: bool) -> tuple[float, float]:
    """Return the mean and its standard error.

    Where values are counts of yes and no, the error is never 0: one more set might differ.
    """
    found = np.asarray(values)
    mean, n = float(found.mean()), found.size
    if counted and set(values) <= {0.0, 1.0}:
        near = (found.sum() + 1) / (n + 2)
        return mean, math.sqrt(near * (1 - near) / n)
    return mean, float(found.std(ddof=1) / math.sqrt(n)) if n > 1 else math.nan


def _entry(measure: Measure, figures: list[Figures]) -> str:
    values = [float(value) for row in figures if (value := row.get(measure.key)) is not None]
    if not values:
        return "–"
    mean, error = summary(values, measure.percent)
    text = f"{100 * mean:.1f} ± {100 * error:.1f} %" if measure.percent else f"{mean:.3g} ± {error:.1g}"
    if len(values) < len(figures):
        text += f" of {len(values)}"
    bound = _bound(measure)
    text += f" ({bound})" if bound else ""
    return text if _kept(measure, mean, error) else f"**{text}**"


def _bound(measure: Measure) -> str:
    def shown(value: float) -> str:
        return f"{100 * value:.0f} %" if measure.percent else f"{value:g}"

    if measure.low is not None and measure.high is not None:
        return f"{shown(measure.low)} to {shown(measure.high)}"
    if measure.low is not None:
        return f"≥ {shown(measure.low)}"
    return "" if measure.high is None else f"≤ {shown(measure.high)}"


def _kept(measure: Measure, mean: float, error: float) -> bool:
    """Return whether a bound is kept, within two standard errors."""
    low = -math.inf if measure.low is None else measure.low
    high = math.inf if measure.high is None else measure.high
    margin = 2 * error if math.isfinite(error) else 0.0
    return low - margin <= mean <= high + margin
