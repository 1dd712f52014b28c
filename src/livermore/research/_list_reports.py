"""`list_reports`: the reports of a project."""

from pathlib import Path
from typing import TYPE_CHECKING

from livermore.research._save_report import REPORTS

if TYPE_CHECKING:
    from livermore.ml.report import StoredReport

__all__ = ["list_reports"]


def list_reports(folder: Path | str = ".") -> "list[StoredReport]":
    """List the reports of a project, newest first.

    Parameters
    ----------
    folder : path-like
        The project folder.

    Returns
    -------
    list of StoredReport
        With `path`, `time`, `what`, `size` (bytes) and `verdict` of each; empty if there is no report. Only names that
        `save_report` gives are listed.

    Examples
    --------
    >>> list_reports("nowhere")
    []
    """
    from livermore.ml.report import ReportFolder

    return ReportFolder(Path(folder) / REPORTS).reports()
