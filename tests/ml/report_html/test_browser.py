"""The HTML reports in a real browser: no errors, plots drawn, readable on a phone, nothing loaded from elsewhere."""

import shutil

import pytest

from livermore.ml.report import ReportFolder, gather_report_html, train_report_html

pytestmark = pytest.mark.browser

PHONE, DESKTOP = 360, 1200  # the narrowest phone in common use


def check(browser, page, width):
    answers = browser.ask(page, width)
    assert answers.errors == []
    assert answers.console == []
    assert answers.places > 0
    assert answers.drawn == answers.places
    assert answers.plots >= answers.places
    assert answers.pageWidth <= answers.width == width
    assert [box for box in answers.tables if box[0] > box[1]] == []
    assert answers.smallest >= 12
    assert answers.requests == []


@pytest.mark.parametrize("width", [PHONE, DESKTOP])
@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
def test_training_report(browser, trained, task, width):
    check(browser, train_report_html(trained[task]), width)


@pytest.mark.parametrize("width", [PHONE, DESKTOP])
def test_gathering_report(browser, gathered, width):
    check(browser, gather_report_html(gathered), width)


@pytest.mark.parametrize("width", [PHONE, DESKTOP])
def test_comparison_report(browser, compared, width):
    check(browser, compared.to_html(), width)


def test_in_a_notebooks_frame(browser, compared):
    notebook = f"<!DOCTYPE html><html><head></head><body style='margin:0'>{compared._repr_html_()}</body></html>"
    answers = browser.ask(notebook, DESKTOP)
    assert answers.errors == []
    assert answers.console == []


def test_a_page_draws_with_the_library_beside_it_and_says_when_it_is_missing(browser, compared, tmp_path):
    path = ReportFolder(tmp_path / "reports").add(compared.to_html(), "comparison")
    seen = browser.open(path)
    assert 'class="main-svg"' in seen.document
    assert seen.console == []
    shutil.rmtree(tmp_path / "reports" / "assets")
    seen = browser.open(path)
    assert 'class="main-svg"' not in seen.document
    assert "The folder assets is not beside this page" in seen.document.split("<script")[0]
