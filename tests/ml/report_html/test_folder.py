"""The folder of a project's reports: no two names are equal, one library serves all, and any file may lie there."""

import copy
import os
import pickle
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from livermore.ml.report import ReportFolder, compare_report_html, render_reports, universe_report_html
from livermore.ml.report import _folder as module


@pytest.fixture
def page():
    return universe_report_html("TrendFilter", {"BTC-USDT": 30, "ETH-USDT": 10})


class OneMoment(datetime):
    """A clock that stands still."""

    @classmethod
    def now(cls, tz=None):
        return cls(2026, 11, 28, 23, 59, 59, 998_500, tzinfo=UTC)


def test_reports_of_one_moment_keep_their_order_and_all_stay(tmp_path, page, monkeypatch):
    monkeypatch.setattr(module, "datetime", OneMoment)
    folder = ReportFolder(tmp_path)
    paths = [folder.add(page, "samples") for _ in range(4)]
    assert [path.name for path in paths] == sorted(path.name for path in paths)
    assert paths[0].name == "20261128T235959.998Z-samples.html"
    assert paths[2].name == "20261129T000000.000Z-samples.html"  # the day ends between two reports
    assert [report.path for report in folder.reports()] == paths[::-1]


def test_writers_at_the_same_time_lose_nothing(tmp_path, page, monkeypatch):
    monkeypatch.setattr(module, "datetime", OneMoment)
    folder = ReportFolder(tmp_path / "reports")
    with ThreadPoolExecutor(8) as pool:
        paths = list(pool.map(lambda _: folder.add(page, "samples"), range(24)))
    assert len(set(paths)) == 24
    assert all(path.read_text().rstrip().endswith("</html>") for path in paths)
    assert len(folder.reports()) == 24


@settings(max_examples=40)
@given(what=st.text(max_size=200))
@example(what=80 * "\N{GOTHIC LETTER AHSA}")
@example(what="../../.x")
def test_any_subject_gives_a_name_that_is_found_again(what, tmp_path_factory):
    folder = ReportFolder(tmp_path_factory.mktemp("reports"))
    path = folder.add(universe_report_html("x", {"A": 1}), what)
    assert path.parent == folder.path
    assert [report.path for report in folder.reports()] == [path]


def test_the_library_is_written_once_and_again_if_it_is_lost(tmp_path, page):
    folder = ReportFolder(tmp_path)
    folder.add(page, "a")
    (library,) = (tmp_path / "assets").iterdir()
    before = library.stat().st_mtime_ns
    folder.add(page, "b")
    assert library.stat().st_mtime_ns == before
    library.unlink()
    folder.add(page, "c")
    assert library.is_file()


def test_a_linked_page_is_small_and_allows_no_script_but_its_own(tmp_path, compared):
    path = ReportFolder(tmp_path).add(compared.to_html(), "BothWays-comparison")
    text = path.read_text()
    (library,) = (tmp_path / "assets").iterdir()
    assert len(text) < 300_000
    assert f'src="assets/{library.name}"' in text
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', text)[1]
    (nonce,) = re.findall(r"'nonce-([\w-]+)'", policy)
    assert text.count(f'<script nonce="{nonce}" src=') == 1
    assert "'self'" not in policy
    assert "unsafe-inline" not in policy.split("style-src")[0]
    assert nonce not in ReportFolder(tmp_path).add(compared.to_html(), "again").read_text()
    # What is sent to others stays one file.
    assert "assets/" not in compare_report_html(compared).split("<script")[1]


def test_the_list_shows_the_headline_of_the_verdict(tmp_path, compared):
    folder = ReportFolder(tmp_path)
    folder.add(compared.to_html(), "BothWays-comparison")
    (report,) = folder.reports()
    assert report.what == "BothWays-comparison"
    assert report.verdict in compared.to_html()
    assert report.verdict.endswith(("helped", "did not help"))
    assert report.what in render_reports([report])


def test_files_that_are_no_reports_are_left_out(tmp_path, page):
    folder = ReportFolder(tmp_path)
    assert folder.reports() == []
    path = folder.add(page, "mine")
    (tmp_path / "notes.html").write_text("<p>mine</p>")
    (tmp_path / "20261399T000000.000Z-month-13.html").write_text("<p>no such day</p>")
    (tmp_path / "20261128T000000.000Z-killed.html").touch()
    (tmp_path / "20261128T000000.001Z-folder.html").mkdir()
    (tmp_path / "20001128T000000.002Z-bytes.html").write_bytes(b'<meta name="description" \xff\x00<<meta content')
    assert [report.what for report in folder.reports()] == ["mine", "bytes"]
    assert folder.reports()[0].path == path


def test_control_characters_of_a_page_do_not_reach_the_terminal(tmp_path):
    text = '<meta name="description" content="\x1b[2Jgone">'
    (tmp_path / "20261128T000000.000Z-x.html").write_text(text)
    assert "\x1b" not in render_reports(ReportFolder(tmp_path).reports())


@pytest.mark.skipif(os.name == "nt", reason="needs modes of folders")
def test_a_failed_write_leaves_no_empty_report(tmp_path, page, monkeypatch):
    def full(path, content):
        raise OSError(28, "No space left on device")

    folder = ReportFolder(tmp_path)
    folder.add(page, "first")
    monkeypatch.setattr(module, "write_atomically", full)
    with pytest.raises(OSError, match="No space left"):
        folder.add(page, "second")
    assert len(list(tmp_path.glob("*.html"))) == 1


def test_a_report_can_be_copied_and_sent_to_another_process(page):
    for twin in (copy.deepcopy(page), pickle.loads(pickle.dumps(page))):
        assert twin == page
        assert twin.page == page.page
