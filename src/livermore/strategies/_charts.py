"""Lines that a strategy draws on its charts, kept with the result of the run."""

import math
from dataclasses import dataclass, field
from typing import Any, Protocol

__all__ = ["ChartsMixin", "StrategyCharts"]

LINE_STYLES = ("solid", "dotted")


@dataclass
class StrategyCharts:
    """What one strategy drew.

    Attributes
    ----------
    candle_lines : dict
        Title to ``{"title", "color", "data": [{"time", "value", "color"}]}``; time in seconds.
    extra_lines : dict
        Chart name to title to the same.
    candle_levels, extra_levels : dict
        Horizontal lines: ``{"title", "value", "color", "line_width", "line_style"}``.

    Examples
    --------
    >>> charts = StrategyCharts()
    >>> charts.candle_levels["target"] = {
    ...     "title": "target", "value": 45_000, "color": "green", "line_width": 1, "line_style": "solid"}
    >>> charts.candle_levels["target"]["value"], charts.extra_lines
    (45000, {})
    """

    candle_lines: dict[str, dict[str, Any]] = field(default_factory=dict)
    extra_lines: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)
    candle_levels: dict[str, dict[str, Any]] = field(default_factory=dict)
    extra_levels: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)


class _Charted(Protocol):
    charts: StrategyCharts
    vars: dict[str, Any]

    @property
    def current_candle(self) -> Any: ...

    def log(self, msg: str, log_type: str = "info") -> None: ...


class ChartsMixin:
    """The chart methods of `Strategy`."""

    charts: StrategyCharts

    def add_line_to_candle_chart(self: _Charted, title: str, value: float, color: str | None = None) -> None:
        """Add a point, at the current candle, to a line over the candles.

        Raises
        ------
        ValueError
            If `value` is not an int or float. NaN and infinity are kept, and logged once per line.
        """
        _add_point(self, self.charts.candle_lines, title, value, color)

    def add_extra_line_chart(
        self: _Charted, chart_name: str, title: str, value: float, color: str | None = None
    ) -> None:
        """Add a point, at the current candle, to a line on a chart of its own below the candles.

        Raises
        ------
        ValueError
            If `value` is not an int or float.
        """
        _add_point(self, self.charts.extra_lines.setdefault(chart_name, {}), title, value, color)

    def add_horizontal_line_to_candle_chart(
        self: _Charted,
        title: str,
        value: float,
        color: str | None = None,
        line_width: float = 1.5,
        line_style: str = "solid",
    ) -> None:
        """Set a horizontal line over the candles; the last call with a title counts.

        Raises
        ------
        ValueError
            If `value` is not an int or float, or `line_style` neither ``"solid"`` nor ``"dotted"``.
        """
        self.charts.candle_levels[title] = _level(title, value, color, line_width, line_style)

    def add_horizontal_line_to_extra_chart(
        self: _Charted,
        chart_name: str,
        title: str,
        value: float,
        color: str | None = None,
        line_width: float = 1.5,
        line_style: str = "solid",
    ) -> None:
        """Set a horizontal line on a chart of its own; the last call with a title counts.

        Raises
        ------
        ValueError
            If `value` is not an int or float, or `line_style` neither ``"solid"`` nor ``"dotted"``.
        """
        lines = self.charts.extra_levels.setdefault(chart_name, {})
        lines[title] = _level(title, value, color, line_width, line_style)


def _add_point(
    strategy: _Charted, lines: dict[str, dict[str, Any]], title: str, value: float, color: str | None
) -> None:
    _check_number(title, value)
    line = lines.setdefault(title, {"title": title, "color": color, "data": [], "warned": False})
    if not math.isfinite(value) and not line["warned"]:
        line["warned"] = True
        strategy.log(f"the chart line {title!r} was given {value}", "error")
    line["data"].append({"time": int(strategy.current_candle[0] / 1000), "value": value, "color": color})


def _level(title: str, value: float, color: str | None, line_width: float, line_style: str) -> dict[str, Any]:
    _check_number(title, value)
    if line_style not in LINE_STYLES:
        raise ValueError(f"line_style of {title!r} must be 'solid' or 'dotted', got {line_style!r}")
    return {"title": title, "value": value, "color": color, "line_width": line_width, "line_style": line_style}


def _check_number(title: str, value: object) -> None:
    if not isinstance(value, int | float):
        raise ValueError(f"value of the chart line {title!r} must be an int or float, got {value!r}")
