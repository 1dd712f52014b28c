"""The reports of a project: pages in one folder, named by time and subject, with one plotting library for all."""

import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path

from livermore.files import write_atomically
from livermore.ml.report._document import Column, Row, Table
from livermore.ml.report._html import HtmlReport, plotly_file, render_linked
from livermore.ml.report._text import render_blocks

__all__ = ["ReportFolder", "StoredReport", "render_reports"]

ASSETS = "assets"
NAME = re.compile(r"(\d{8}T\d{6}\.\d{3})Z-(.+)\.html")
# A symbol such as BTC/USDT:USDT is no name of a file. A name may have 255 bytes, and a letter takes up to 4.
NOT_IN_NAMES = re.compile(r"[^\w.-]+")
LONGEST_SUBJECT = 50
# The description of a page stands before its styles.
HEAD = 4096


@dataclass(frozen=True)
class StoredReport:
    """A report in a folder.

    Attributes
    ----------
    path : Path
        The page.
    time : datetime
        When it was written, UTC.
    what : str
        What it is about, such as ``TrendFilter-comparison``.
    size : int
        Bytes of the page, without the plotting library.
    verdict : str
        The headline of its verdict; empty if it has none.

    Examples
    --------
    >>> import tempfile
    >>> from livermore.ml.report import universe_report_html
    >>> folder = ReportFolder(tempfile.mkdtemp())
    >>> path = folder.add(universe_report_html("TrendFilter", {"BTC-USDT": 30}), "TrendFilter universe")
    >>> (report,) = folder.reports()
    >>> report.path == path, report.what, report.size > 0
    (True, 'TrendFilter-universe', True)
    """

    path: Path
    time: datetime
    what: str
    size: int
    verdict: str


class ReportFolder:
    """A folder of reports.

    Parameters
    ----------
    path : path-like
        The folder; it is made when the first report is added.

    Examples
    --------
    >>> import tempfile
    >>> from livermore.ml.report import universe_report_html
    >>> folder = ReportFolder(tempfile.mkdtemp())
    >>> path = folder.add(universe_report_html("TrendFilter", {"BTC-USDT": 30}), "BTC/USDT samples")
    >>> [(report.what, report.verdict) for report in folder.reports()]
    [('BTC-USDT-samples', '')]
    """

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path)

    def add(self, report: HtmlReport, what: str) -> Path:
        """Write a report under a new name, and the plotting library if it is not there yet.

        Parameters
        ----------
        report : HtmlReport
            What `to_html` of a result returned.
        what : str
            What it is about. Signs that a name of a file should not have become hyphens.

        Returns
        -------
        Path
            The page. Names sort by time, and no report replaces another one.

        Raises
        ------
        OSError
            If the folder cannot be made or written to.
        """
        self.path.mkdir(parents=True, exist_ok=True)
        text = render_linked(report.page, self._library())
        path = self._reserve(what)
        try:
            write_atomically(path, text.encode())
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        return path

    def reports(self) -> list[StoredReport]:
        """Return the reports of the folder, newest first; files with other names are left out."""
        paths = sorted(self.path.glob("*.html"), key=lambda path: path.name, reverse=True)
        return [report for path in paths if (report := _read(path)) is not None]

    def _library(self) -> str:
        """Write the plotting library if it is not there; returns its address, relative to the pages."""
        name, content = plotly_file()
        path = self.path / ASSETS / name
        if not path.is_file():
            path.parent.mkdir(exist_ok=True)
            write_atomically(path, content)
        return f"{ASSETS}/{name}"

    def _reserve(self, what: str) -> Path:
        """Create an empty file under a name that no other process has taken."""
        subject = NOT_IN_NAMES.sub("-", what).strip("-.")[:LONGEST_SUBJECT] or "report"
        time = datetime.now(UTC)
        while True:
            path = self.path / f"{time:%Y%m%dT%H%M%S}.{time.microsecond // 1000:03}Z-{subject}.html"
            try:
                path.open("xb").close()
            except FileExistsError:
                time += timedelta(milliseconds=1)
            else:
                return path


def render_reports(reports: Sequence[StoredReport]) -> str:
    """Return a list of reports as text, in the order given.

    Parameters
    ----------
    reports : sequence of StoredReport
        Of `ReportFolder.reports`.

    Examples
    --------
    >>> isinstance(render_reports([]), str)
    True
    """
    if not reports:
        return "there are no reports"
    rows = [
        Row(
            (
                f"{report.time:%Y-%m-%d %H:%M:%S}",
                report.what,
                f"{report.size / 1e3:,.0f} kB",
                report.verdict,
            )
        )
        for report in reports
    ]
    columns = [Column("Written (UTC)"), Column("What", "text"), Column("Size"), Column("Verdict", "text")]
    return render_blocks([Table(columns, rows)])


def _read(path: Path) -> StoredReport | None:
    """Return a report; None if the file is none, or still empty."""
    found = NAME.fullmatch(path.name)
    # Linux allows names with bytes that are no text; `add` writes none, and pages cannot show them.
    if found is None or not path.name.isprintable():
        return None
    with suppress(ValueError, OSError):
        time = datetime.strptime(found[1], "%Y%m%dT%H%M%S.%f").replace(tzinfo=UTC)
        if size := path.stat().st_size:
            return StoredReport(path, time, found[2], size, _verdict(path))
    return None


def _verdict(path: Path) -> str:
    """Return the description in the head of a page."""
    with path.open(encoding="utf-8", errors="replace") as file:
        head = _Head()
        head.feed(file.read(HEAD))
    return head.description


class _Head(HTMLParser):
    """Reads the description of a page."""

    description = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take the content of ``<meta name="description">``."""
        found = dict(attrs)
        if tag == "meta" and found.get("name") == "description":
            self.description = found.get("content") or ""
