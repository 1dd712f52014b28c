"""Reports: a list, and each in a frame of its own, with its own scripts and without access to these pages."""

import re
from pathlib import Path

from livermore.ml.report import StoredReport
from livermore.research import list_reports
from livermore.research._save_report import REPORTS
from livermore.ui._screen import Asked, NotInProjectError, Screen, Shown, choose

__all__ = ["SCREEN", "library_file", "report_file", "reports_about"]

LIBRARY = re.compile(r"plotly-[0-9a-f]{12}\.js")


def show(asked: Asked) -> Shown:
    """Show a list of all reports."""
    values = {"reports": list_reports(asked.root), "about": "", "empty": "There are no reports."}
    return Shown("reports", "Reports", values)


def show_report(asked: Asked) -> Shown:
    """Show one report."""
    report = choose(_by_name(asked.root), asked["name"], "report")
    return Shown("report", report.what, {"report": report})


def reports_about(root: Path, subject: str) -> list[StoredReport]:
    """Return the reports whose name says what they are about, newest first."""
    return [report for report in list_reports(root) if subject in report.what]


def report_file(root: Path, name: str) -> str:
    """Return the page of a report.

    Raises
    ------
    NotInProjectError
        If it is none of the project's reports, or leads to a file elsewhere.
    """
    path = choose(_by_name(root), name, "report").path
    _check_inside(path, root)
    return path.read_text(encoding="utf-8", errors="replace")


def library_file(root: Path, name: str) -> bytes:
    """Return the plotting library that reports of this release, or an earlier one, draw with."""
    path = root / REPORTS / "assets" / name
    if not LIBRARY.fullmatch(name) or not path.is_file():
        raise NotInProjectError(f"there is no file {name[:100]!r}")
    _check_inside(path, root)
    return path.read_bytes()


def _by_name(root: Path) -> dict[str, StoredReport]:
    return {report.path.name: report for report in list_reports(root)}


def _check_inside(path: Path, root: Path) -> None:
    if not path.resolve().is_relative_to((root / REPORTS).resolve()):
        raise NotInProjectError(f"{path.name} leads to a file outside of the folder of reports")


SCREEN = Screen("/reports", "Reports", {"/reports": show, "/reports/report": show_report})
