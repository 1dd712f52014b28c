"""The chart of a route's candles with what the model decided: trades, refused signals, predictions, threshold.

The packed plotting library has no candlesticks, so that bodies are bars and wicks are lines.
"""

import html
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from livermore.dates import days, minute
from livermore.formatting import number, plain
from livermore.ml.report._document import Figure
from livermore.ml.report._figures import ACCENT, INK, MUTED, SHADES, WARNING, layout_of, rule
from livermore.typing import Floats

__all__ = ["candle_chart"]

Trades = Sequence[Mapping[str, Any]]

#: Columns of the candles.
TIME, OPEN, CLOSE, HIGH, LOW = range(5)
#: Of so many classes the probabilities are drawn.
MOST_LINES = 3


def candle_chart(decisions: Mapping[str, Any], place: int = 0) -> Figure:
    """Draw candles with trades and refused signals, and the predictions below.

    Parameters
    ----------
    decisions : mapping
        One of the ``decisions`` of `compare_backtests`.
    place : int
        Which one it is: part of the figure's name.
    """
    candles = decisions["candles"]
    predictions = {name: values for name, values in decisions["predictions"].items() if name != "time"}
    data = [*_candles(candles), *_trades(decisions["trades"]), *_refused(decisions["refused_signals"])]
    pane: dict[str, Any] = {}
    if predictions:
        data += _predictions(decisions["predictions"]["time"], predictions)
        pane = _pane(predictions, decisions["lowest_taken"])
    layout = layout_of(
        xaxis={"type": "date", "anchor": "y2" if predictions else "y"},
        yaxis={"title": {"text": "price"}, "domain": [0.36, 1] if predictions else [0, 1]},
        barmode="overlay",
        bargap=0.25,
        hovermode="closest",
        **pane,
    )
    return Figure(
        f"candles_{place}",
        {"data": data, "layout": layout},
        title=f"{decisions['symbol']} {decisions['timeframe']}",
        caption=_caption(decisions),
        height=470,
    )


def _candles(candles: Floats) -> list[dict[str, Any]]:
    """Return wicks as one line with gaps, and bodies as floating bars: hollow where the price rose."""
    at = _minutes(candles[:, TIME])
    gap: list[Any] = [None] * len(at)
    ends = zip(candles[:, LOW].tolist(), candles[:, HIGH].tolist(), gap, strict=True)
    wicks = {
        "type": "scatter",
        "mode": "lines",
        "x": [value for time in at for value in (time, time, None)],
        "y": [value for three in ends for value in three],
        "line": {"color": MUTED, "width": 1},
        "hoverinfo": "skip",
        "showlegend": False,
    }
    rises = candles[:, CLOSE] >= candles[:, OPEN]
    return [wicks, *(_bodies(candles[chosen], fill) for chosen, fill in ((rises, "$ground"), (~rises, MUTED)))]


def _bodies(candles: Floats, fill: str) -> dict[str, Any]:
    return {
        "type": "bar",
        "x": _minutes(candles[:, TIME]),
        "y": np.abs(candles[:, CLOSE] - candles[:, OPEN]),
        "base": np.minimum(candles[:, OPEN], candles[:, CLOSE]),
        "marker": {"color": fill, "line": {"color": MUTED, "width": 1}},
        "customdata": candles[:, [OPEN, HIGH, LOW, CLOSE]],
        "hovertemplate": "%{x}<br>open %{customdata[0]}, high %{customdata[1]}, low %{customdata[2]}, "
        "close %{customdata[3]}<extra></extra>",
        "showlegend": False,
    }


def _trades(trades: Trades) -> list[dict[str, Any]]:
    """Return a line from entry to exit for each trade, and a marker at its entry."""
    outcomes = (
        ("gained", [t for t in trades if t["return"] > 0], ACCENT),
        ("lost", [t for t in trades if t["return"] <= 0], WARNING),
    )
    lines = [
        {
            "type": "scatter",
            "mode": "lines",
            "x": [x for t in chosen for x in (*_minutes([t["opened"], t["closed"]]), None)],
            "y": [y for t in chosen for y in (t["entry_price"], t["exit_price"], None)],
            "name": f"trades that {outcome}",
            "line": {"color": color, "width": 2},
            "hoverinfo": "skip",
        }
        for outcome, chosen, color in outcomes
        if chosen
    ]
    sides = (("long", "triangle-up"), ("short", "triangle-down"))
    entries = [_entries([t for t in trades if t["side"] == side], side, sign, INK) for side, sign in sides]
    return [*lines, *(found for found in entries if found["x"])]


def _refused(signals: Trades) -> list[dict[str, Any]]:
    marks = _entries(signals, "refused signals", "x-thin-open", INK)
    return [marks] if signals else []


def _entries(trades: Trades, name: str, symbol: str, color: str) -> dict[str, Any]:
    """Return a marker at the entry of each trade."""
    return {
        "type": "scatter",
        "mode": "markers",
        "x": _minutes([trade["opened"] for trade in trades]),
        "y": [trade["entry_price"] for trade in trades],
        "name": name,
        "marker": {"symbol": symbol, "size": 8, "color": color, "line": {"width": 2 if "open" in symbol else 0}},
        "text": [
            f"{trade['side']}, {plain(trade['entry_price'])} → {plain(trade['exit_price'])}: "
            f"{number(trade['return'], '+.2%')}"
            for trade in trades
        ],
        "hovertemplate": f"{name}<br>%{{x}}<br>%{{text}}<extra></extra>",
    }


def _predictions(times: Any, predictions: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the predictions of each class in the lower pane."""
    at = _minutes(times)
    shades = dict(zip(sorted(predictions, reverse=True)[:MOST_LINES], SHADES, strict=False))
    return [
        {
            "type": "scatter",
            "mode": "lines+markers",
            "x": at,
            "y": np.round(predictions[name], 4),
            "yaxis": "y2",
            "name": "prediction" if name == "prediction" else f"probability of {html.escape(name)}",
            "line": {"color": shade, "width": 1},
            "marker": {"color": shade, "size": 3},
            "showlegend": len(predictions) > 1,
            "hovertemplate": "%{x}: %{y:.3f}<extra></extra>",
        }
        for name, shade in shades.items()
    ]


def _pane(predictions: Mapping[str, Any], lowest_taken: float | None) -> dict[str, Any]:
    """Return the axis of the lower pane, and the line of the lowest prediction that was taken."""
    name = "prediction" if "prediction" in predictions else "probability"
    axis = {"title": {"text": name}, "domain": [0, 0.27], "anchor": "x"}
    shapes = [] if lowest_taken is None else [rule(lowest_taken, horizontal=True) | {"yref": "y2"}]
    return {"yaxis2": axis, "shapes": shapes}


def _caption(decisions: Mapping[str, Any]) -> str:
    """Say which bars are shown, and what the signs mean."""
    candles = decisions["candles"]
    shown, bars = len(candles), decisions["bars"]
    text = ""
    if shown < bars:
        part = days(candles[0, TIME] / 1000, candles[-1, TIME] / 1000)
        text = f"{shown:,} of {bars:,} bars, those with the most trades and refused signals: {part}. "
    text += "Hollow candles rose. Triangles: entries, with a line to the exit. Crosses: refused signals."
    if decisions["lowest_taken"] is not None:
        text += f" Dotted: the lowest prediction that was taken, {number(decisions['lowest_taken'], '.3f')}."
    return text


def _minutes(times: Any) -> list[str]:
    """Return times in UTC ms as text."""
    return [minute(time / 1000) for time in times]
