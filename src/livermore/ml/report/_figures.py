"""The plots of the HTML reports: from arrays and result rows to plotly's ``data`` and ``layout``, as plain dicts.

Nothing is estimated here; bands and intervals come from the results. Colours are named ("$accent"), and the page fills
them in for its light and dark scheme: one accent for what the reader came for, grey for all else.
"""

import html
import itertools
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from livermore.dates import minute
from livermore.formatting import number
from livermore.ml.report._document import Figure
from livermore.ml.report._labels import BASELINE, WITH_MODEL

if TYPE_CHECKING:
    from livermore.ml.evidence import Curve, TenthsOfPredictions

__all__ = [
    "class_shares",
    "drawdown_curves",
    "drift_bars",
    "equity_curves",
    "grouped_differences",
    "importance_bars",
    "label_histogram",
    "label_timeline",
    "precision_recall_curve",
    "prediction_scatter",
    "reliability",
    "roc_curves",
    "threshold_curve",
]

Array = npt.NDArray[Any]
Results = Sequence[Mapping[str, Any]]

ACCENT, SOFT, MUTED, BAND, INK, LINE = "$accent", "$accent-soft", "$muted", "$band", "$ink", "$line"
# From the accent to grey, for classes beyond the second.
SHADES = (ACCENT, MUTED, "#b7791f", "#2f855a", "#9b4d96", "#c05621")
WARNING = "#c05621"
N_BINS = 36
MOST_BARS = 30
SHADED = "Shaded: where 95 % of block-bootstrap resamples lie."


def label_timeline(time: Array, y: Array, classes: Sequence[int] | None, test_start: int | None = None) -> Figure:
    """Draw when samples were recorded, by label; a line marks where the test set begins (times in UTC seconds)."""
    edges = np.linspace(time.min(), time.max() + 1, N_BINS + 1)
    middle = [minute((a + b) / 2) for a, b in itertools.pairwise(edges)]
    if classes is None:
        counts = np.histogram(time, edges)[0]
        data = [_bars(middle, counts, "samples", ACCENT)]
    else:
        shades = _shades(classes)
        data = [_bars(middle, np.histogram(time[y == c], edges)[0], f"y = {c}", shades[c]) for c in classes]
    layout = layout_of(yaxis={"title": {"text": "samples"}}, barmode="stack", bargap=0.08)
    if test_start is not None:
        layout |= _mark_at(minute(test_start), "test set")
    return Figure("timeline", {"data": data, "layout": layout})


def class_shares(counts: Mapping[str, Mapping[int, int]]) -> Figure:
    """Draw the share of each class, for one or more groups of samples: group to class to count."""
    classes = sorted({label for group in counts.values() for label in group})
    shades = _shades(classes)
    data = []
    for label in classes:
        shares = [group.get(label, 0) / max(sum(group.values()), 1) for group in counts.values()]
        data.append(
            {
                "type": "bar",
                "orientation": "h",
                "y": list(counts),
                "x": shares,
                "name": f"y = {label}",
                "marker": {"color": shades[label]},
                "text": [f"{share:.0%}" if share >= 0.06 else "" for share in shares],
                "textposition": "inside",
                "insidetextanchor": "middle",
                "insidetextfont": {"color": "#ffffff"},
                "hovertemplate": "%{y}, %{fullData.name}: %{x:.1%}<extra></extra>",
            }
        )
    layout = layout_of(barmode="stack", xaxis={"tickformat": ".0%", "range": [0, 1]}, yaxis={"automargin": True})
    return Figure("classes", {"data": data, "layout": layout}, height=90 + 50 * len(counts))


def label_histogram(parts: Mapping[str, Array]) -> Figure:
    """Draw how a continuous label is distributed, in each part."""
    values = np.concatenate(list(parts.values()))
    low, high = np.quantile(values, [0.005, 0.995])
    edges = np.linspace(low, high if high > low else low + 1, 41)
    middle = (edges[:-1] + edges[1:]) / 2
    data = []
    for (name, part), shade in zip(parts.items(), (MUTED, ACCENT), strict=False):
        share = np.histogram(part, edges)[0] / max(len(part), 1)
        data.append(_line(middle, share, name, shade) | {"line": {"color": shade, "width": 2, "shape": "hvh"}})
    layout = layout_of(
        yaxis={"tickformat": ".0%", "title": {"text": "share of samples"}}, xaxis={"title": {"text": "label"}}
    )
    return Figure("classes", {"data": data, "layout": layout})


def roc_curves(curves: "Mapping[int, Curve]") -> Figure:
    """Draw the ROC curve of each class against all others; the band is drawn where there is one curve only."""
    shades = _shades(list(curves)) if len(curves) > 1 else dict.fromkeys(curves, ACCENT)
    data = []
    for label, curve in curves.items():
        name = f"area {number(curve.area, '.3f')}"
        if len(curves) == 1:
            data += _band(curve.x, curve.low, curve.high, "95 %")
            data.append(_line(curve.x, curve.x, "chance", MUTED, dash="dot"))
        else:
            name = f"y = {label}, {name}"
        data.append(_line(curve.x, curve.y, name, shades[label]))
    if len(curves) > 1:
        data.insert(0, _line([0, 1], [0, 1], "chance", MUTED, dash="dot"))
    layout = layout_of(xaxis=_unit("false positive rate"), yaxis=_unit("true positive rate"))
    return Figure("roc", {"data": data, "layout": layout}, title="ROC", caption=SHADED if len(curves) == 1 else "")


def precision_recall_curve(curve: "Curve", base_rate: float) -> Figure:
    """Draw precision over recall of class 1 with its band."""
    shown = slice(2, None)  # the precision of the first few signals is all noise
    data = [
        *_band(curve.x[shown], curve.low[shown], curve.high[shown], "95 %"),
        _line([0, 1], [base_rate, base_rate], f"base rate {number(base_rate, '.1%')}", MUTED, dash="dot"),
        _line(curve.x[shown], curve.y[shown], "precision", ACCENT),
    ]
    layout = layout_of(xaxis=_unit("recall"), yaxis=_unit("precision"))
    return Figure("precision_recall", {"data": data, "layout": layout}, title="Precision and recall", caption=SHADED)


def reliability(buckets: Results) -> Figure:
    """Draw how often each predicted probability came true, with intervals; `buckets` is the result's calibration."""
    expected = [bucket["expected"] for bucket in buckets]
    actual = [bucket["actual_rate"] for bucket in buckets]
    points = {
        "type": "scatter",
        "mode": "markers",
        "x": expected,
        "y": actual,
        "name": "came true",
        "marker": {"color": ACCENT, "size": _sizes([bucket["n"] for bucket in buckets])},
        "customdata": [bucket["n"] for bucket in buckets],
        "hovertemplate": "predicted %{x:.1%}, came true %{y:.1%}, %{customdata} samples<extra></extra>",
    }
    if all("low" in bucket for bucket in buckets):
        points["error_y"] = _error_bars(actual, buckets, "low", "high")
    data = [_line([0, 1], [0, 1], "calibrated", MUTED, dash="dot"), points]
    return Figure(
        "reliability",
        {"data": data, "layout": layout_of(xaxis=_unit("predicted"), yaxis=_unit("came true"))},
        caption="Larger dots hold more samples; bars are 95 % intervals. On the dotted line, a probability means what "
        "it says.",
    )


def threshold_curve(rows: Results, base_rate: float | None = None) -> Figure:
    """Draw what a signal brings from each threshold on: net return if payoffs are known, else precision."""
    by_money = all("net_return" in row for row in rows)
    figure, low, high = ("net_return", "net_low", "net_high") if by_money else ("precision", "low", "high")
    drawn = [row for row in rows if row["allowed"] and np.isfinite(row[figure])]
    at = [row["threshold"] for row in drawn]
    values = [row[figure] for row in drawn]
    data: list[dict[str, Any]] = []
    if all(low in row for row in drawn):
        data += _band(at, [row[low] for row in drawn], [row[high] for row in drawn], "95 %")
    zero = 0.0 if by_money else base_rate
    if zero is not None and at:
        data.append(_line([at[0], at[-1]], [zero, zero], "nothing" if by_money else "base rate", MUTED, dash="dot"))
    data.append(
        _line(at, values, "net return per signal" if by_money else "precision", ACCENT)
        | {
            "mode": "lines+markers",
            "customdata": [[row["allowed"], row["coverage"]] for row in drawn],
            "hovertemplate": "from %{x:.2f}: %{y:.2%}, %{customdata[0]} signals (%{customdata[1]:.0%})<extra></extra>",
        }
    )
    layout = layout_of(
        xaxis={"title": {"text": "threshold"}, "tickformat": ".2f"},
        yaxis={
            "tickformat": ".2%" if by_money else ".0%",
            "title": {"text": "net return" if by_money else "precision"},
        },
    )
    chosen = [row["threshold"] for row in rows if row.get("chosen") and row["threshold"] is not None]
    return Figure("thresholds", {"data": data, "layout": layout | (_mark_at(chosen[0], "chosen") if chosen else {})})


def importance_bars(rows: Sequence[tuple[str, float, float, str]], title: str) -> Figure:
    """Draw importance by feature: (name, value, standard error, verdict), best first; bars span two standard errors."""
    shown = list(rows[:MOST_BARS])[::-1]
    shade = {"helps": ACCENT, "hurts": WARNING}
    data = [
        {
            "type": "bar",
            "orientation": "h",
            "y": [_short(name) for name, *_ in shown],
            "x": [value for _, value, _, _ in shown],
            "marker": {"color": [shade.get(judged, MUTED) for *_, judged in shown]},
            "error_x": {
                "type": "data",
                "array": [2 * error for _, _, error, _ in shown],
                "color": INK,
                "thickness": 1,
                "width": 3,
            },
            "customdata": [[html.escape(name), judged] for name, _, _, judged in shown],
            "hovertemplate": "%{customdata[0]}: %{x:.4f}, %{customdata[1]}<extra></extra>",
        }
    ]
    layout = layout_of(xaxis={"title": {"text": title}}, yaxis={"automargin": True}, showlegend=False)
    return Figure("importance", {"data": data, "layout": layout}, height=_height(shown))


def drift_bars(stability: Mapping[str, float], drifted: Collection[str]) -> Figure:
    """Draw the population stability index (PSI) of each feature between the training and the test set."""
    shown = sorted(stability.items(), key=lambda item: item[1])[-MOST_BARS:]
    shades = [WARNING if name in drifted else MUTED for name, _ in shown]
    data = [
        {
            "type": "bar",
            "orientation": "h",
            "y": [_short(name) for name, _ in shown],
            "x": [value for _, value in shown],
            "marker": {"color": shades},
            "hovertemplate": "%{y}: %{x:.3f}<extra></extra>",
        }
    ]
    layout = layout_of(
        xaxis={"title": {"text": "PSI"}, "rangemode": "tozero"},
        yaxis={"automargin": True},
        showlegend=False,
    )
    caption = "Coloured: features that the test of drift finds changed."
    return Figure("drift", {"data": data, "layout": layout}, height=_height(shown), caption=caption)


def prediction_scatter(y: Array, predicted: Array, tenths: "TenthsOfPredictions") -> Figure:
    """Draw labels over predictions, and the mean label of each tenth of the predictions with two standard errors."""
    order = np.argsort(predicted, kind="stable")
    few = order[:: max(1, order.size // 2000)]
    data = [
        {
            "type": "scatter",
            "mode": "markers",
            "x": predicted[few],
            "y": y[few],
            "name": "samples",
            "marker": {"color": MUTED, "size": 3, "opacity": 0.35},
            "hoverinfo": "skip",
        },
        {
            "type": "scatter",
            "mode": "lines+markers",
            "x": tenths.predicted,
            "y": tenths.actual,
            "name": "mean of each tenth",
            "line": {"color": ACCENT, "width": 2},
            "error_y": {"type": "data", "array": tenths.error, "color": ACCENT, "thickness": 1, "width": 3},
            "hovertemplate": "predicted %{x:.4g}, was %{y:.4g}<extra></extra>",
        },
    ]
    layout = layout_of(xaxis={"title": {"text": "predicted"}}, yaxis={"title": {"text": "label"}})
    return Figure("scatter", {"data": data, "layout": layout})


def equity_curves(equity: Mapping[str, Array]) -> Figure:
    """Draw the account without and with the model, within the band of random filters; see `PairedComparison.equity`."""
    at = [minute(time) for time in equity["time"]]
    data = [
        *_band(at, equity["random_low"] - 1, equity["random_high"] - 1, "random filters, 95 %", fill=BAND),
        _line(at, equity["random_median"] - 1, "random, median", MUTED, dash="dot"),
        _line(at, equity["without"] - 1, BASELINE.lower(), INK),
        _line(at, equity["with_model"] - 1, WITH_MODEL.lower(), ACCENT),
    ]
    layout = layout_of(yaxis={"tickformat": ".0%", "title": {"text": "return"}}, hovermode="x unified")
    return Figure("equity", {"data": data, "layout": layout})


def drawdown_curves(equity: Mapping[str, Array]) -> Figure:
    """Draw how far the account is below its peak, without and with the model."""
    at = [minute(time) for time in equity["time"]]
    data = [
        _line(at, equity["without"] / np.maximum.accumulate(equity["without"]) - 1, BASELINE.lower(), INK),
        _line(at, equity["with_model"] / np.maximum.accumulate(equity["with_model"]) - 1, WITH_MODEL.lower(), ACCENT)
        | {"fill": "tozeroy", "fillcolor": SOFT},
    ]
    layout = layout_of(yaxis={"tickformat": ".0%", "title": {"text": "drawdown"}}, hovermode="x unified")
    return Figure("drawdown", {"data": data, "layout": layout}, height=220)


def grouped_differences(rows: Results) -> Figure:
    """Draw expectancy without and with the model by month: rows of `group`, `baseline`, `model`."""
    groups = [row["group"] for row in rows]
    data = [
        _bars(groups, [row["expectancy_baseline"] for row in rows], BASELINE.lower(), MUTED),
        _bars(groups, [row["expectancy_model"] for row in rows], WITH_MODEL.lower(), ACCENT),
    ]
    layout = layout_of(
        barmode="group", yaxis={"title": {"text": "expectancy, %"}}, xaxis={"type": "category", "nticks": 12}
    )
    return Figure("months", {"data": data, "layout": layout})


def layout_of(**more: Any) -> dict[str, Any]:
    """Return the layout that all plots share, with changes."""
    axis = {"gridcolor": LINE, "zerolinecolor": LINE, "linecolor": LINE, "automargin": True}
    layout: dict[str, Any] = {
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"family": "system-ui, sans-serif", "size": 12, "color": INK},
        "margin": {"l": 8, "r": 8, "t": 30, "b": 8, "pad": 2},
        "legend": {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom", "font": {"size": 11}},
        "hoverlabel": {"font": {"size": 12}},
    }
    axes: dict[str, Any] = {"xaxis": {}, "yaxis": {}} | {name: more.pop(name) for name in list(more) if "axis" in name}
    for name, given in axes.items():
        layout[name] = axis | given
        if "title" in layout[name]:
            layout[name]["title"] = layout[name]["title"] | {"standoff": 6, "font": {"size": 12, "color": MUTED}}
    return layout | more


def _bars(x: Any, y: Any, name: str, color: str) -> dict[str, Any]:
    return {"type": "bar", "x": x, "y": y, "name": name, "marker": {"color": color}}


def _line(x: Any, y: Any, name: str, color: str, dash: str = "solid") -> dict[str, Any]:
    line = {"color": color, "width": 1 if dash == "dot" else 2, "dash": dash}
    return {"type": "scatter", "mode": "lines", "x": x, "y": y, "name": name, "line": line}


def _band(x: Any, low: Any, high: Any, name: str, fill: str = SOFT) -> list[dict[str, Any]]:
    """Return two lines without colour and what is between them."""
    hidden = {"type": "scatter", "mode": "lines", "x": x, "line": {"width": 0}, "hoverinfo": "skip"}
    return [
        hidden | {"y": low, "showlegend": False},
        hidden | {"y": high, "name": name, "fill": "tonexty", "fillcolor": fill},
    ]


def _unit(title: str) -> dict[str, Any]:
    """Return an axis from 0 to 1."""
    return {"title": {"text": title}, "range": [0, 1], "tickformat": ".1f"}


def rule(at: Any, *, horizontal: bool) -> dict[str, Any]:
    """Return a dotted line across the plot."""
    along, across = ("y", "x") if horizontal else ("x", "y")
    return {
        "type": "line",
        f"{along}0": at,
        f"{along}1": at,
        f"{across}0": 0,
        f"{across}1": 1,
        f"{across}ref": "paper",
        "line": {"color": MUTED, "width": 1, "dash": "dot"},
    }


def _mark_at(at: Any, text: str) -> dict[str, Any]:
    """Return a dotted vertical line with a word on it."""
    label = {
        "x": at,
        "y": 1,
        "yref": "paper",
        "text": text,
        "showarrow": False,
        "xanchor": "left",
        "yanchor": "top",
        "font": {"size": 11, "color": MUTED},
        "xshift": 3,
        "bgcolor": "$ground",
        "opacity": 0.85,
    }
    return {"shapes": [rule(at, horizontal=False)], "annotations": [label]}


def _error_bars(values: Sequence[float], rows: Results, low: str, high: str) -> dict[str, Any]:
    return {
        "type": "data",
        "symmetric": False,
        "array": [row[high] - value for value, row in zip(values, rows, strict=True)],
        "arrayminus": [value - row[low] for value, row in zip(values, rows, strict=True)],
        "color": ACCENT,
        "thickness": 1,
        "width": 3,
    }


def _sizes(counts: Sequence[int]) -> list[float]:
    """Return diameters whose areas grow with the counts."""
    most = max(counts, default=1)
    return [5 + 11 * float(np.sqrt(count / most)) for count in counts]


def _shades(classes: Sequence[int]) -> dict[int, str]:
    """Give each class a colour: the highest the accent."""
    return {label: SHADES[k % len(SHADES)] for k, label in enumerate(sorted(classes, reverse=True))}


def _short(name: str) -> str:
    """Return a name that fits beside the bars. Plotly reads markup, and a name must not become a link."""
    return html.escape(name if len(name) <= 18 else name[:17] + "…")


def _height(rows: Sequence[Any]) -> int:
    """Return a height in pixels that gives each row of a bar chart its room."""
    return 90 + 26 * max(len(rows), 2)
