"""The report of a gathering on many symbols: samples of each symbol, and what could not be gathered."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from livermore.formatting import number
from livermore.ml.report._document import Bullets, Column, Fact, Page, Row, Section, Table
from livermore.ml.report._html import HtmlReport, render_html

__all__ = ["universe_report_html"]


def universe_report_html(
    name: str,
    counts: Mapping[str, int],
    failures: Sequence[tuple[str, str]] = (),
    silent: Sequence[str] = (),
    path: str | Path | None = None,
    *,
    embed: bool = False,
) -> HtmlReport:
    """Return the report of a gathering on many symbols as one HTML file.

    Parameters
    ----------
    name : str
        What it is called.
    counts : mapping of str to int
        The number of samples of each symbol.
    failures : sequence of (str, str)
        Symbols that could not be gathered, with the error of each.
    silent : sequence of str
        Symbols that were gathered and recorded no sample.
    path : path-like, optional
        Where to write it.
    embed : bool
        Whether to return it in a frame, for a notebook.

    Returns
    -------
    HtmlReport
        The page, a str.

    Examples
    --------
    >>> page = universe_report_html("TrendFilter", {"BTC-USDT": 30, "ETH-USDT": 10}, [("X-USDT", "no candles")])
    >>> "75.0%" in page, "X-USDT: no candles" in page
    (True, True)
    """
    total = sum(counts.values())
    rows = [
        Row((symbol, f"{count:,}", number(count / total, ".1%")))
        for symbol, count in sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    ]
    errors = [f"{symbol}: {error}" for symbol, error in failures]
    page = Page(
        kind="Data gathering, many symbols",
        title=name,
        tiles=[
            Fact("Samples", f"{total:,}"),
            Fact("Symbols", f"{len(counts):,}"),
            Fact("Without a sample", f"{len(silent):,}"),
            Fact("Failed", f"{len(failures):,}"),
        ],
        sections=[
            Section("Not Gathered", [Bullets(errors)] if errors else []),
            Section("Without a Sample", [Bullets([", ".join(silent)])] if silent else []),
            Section("Symbols", [Table([Column("Symbol"), Column("Samples"), Column("Share")], rows)]),
        ],
    )
    return render_html(page, path, embed=embed)
