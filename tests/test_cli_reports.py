"""Commands and the scripts of a project write their reports to the project; `report` lists and opens them."""

import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest

from livermore.cli import main
from livermore.errors import ConfigError
from livermore.ml.report import ReportFolder, universe_report_html
from livermore.research import _project, list_reports, new_project, save_report
from livermore.research._save_report import NO_REPORTS
from livermore.scale import GatheredUniverse

UNIVERSE = GatheredUniverse(Path("TrendFilter"), ())


@pytest.fixture(autouse=True)
def reports_are_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(NO_REPORTS, raising=False)


def run(*command: str, folder: Path) -> str:
    done = subprocess.run([sys.executable, *command], capture_output=True, text=True, cwd=folder)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.slow
def test_each_step_of_a_project_leaves_a_report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("livermore.research._project.TRAINING", timedelta(days=120))
    monkeypatch.setattr("livermore.research._project.TEST", timedelta(days=40))
    new_project("TrendFilter", tmp_path)
    for script in ("gather.py", "train.py", "compare.py"):
        assert "Report: reports" in run(script, folder=tmp_path)
    steps = [report.what for report in list_reports(tmp_path)]
    assert steps == ["EDGE-USDT-comparison", "EDGE-USDT-training", "EDGE-USDT-samples"]
    listed = run("-m", "livermore", "report", folder=tmp_path)
    assert [line.split()[2] for line in listed.splitlines()[2:] if line.strip().startswith("20")] == steps
    run("-m", "livermore", "compare", "--symbol", "EDGE-USDT", "--no-report", folder=tmp_path)
    assert len(list_reports(tmp_path)) == 3
    assert "Report: reports" in run("-m", "livermore", "compare", "--symbol", "EDGE-USDT", folder=tmp_path)
    assert "Report: reports" in run("-m", "livermore", "gather", "--n-jobs", "1", folder=tmp_path)
    assert [report.what for report in list_reports(tmp_path)[:2]] == ["TrendFilter-samples", "TrendFilter-comparison"]


def test_a_report_that_cannot_be_written_stops_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "reports").write_text("a file stands where the folder should be")
    assert save_report(UNIVERSE, "samples", tmp_path) is None
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("the report could not be written: ")
    assert said.err.count("\n") == 1


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="an administrator may write everywhere")
def test_a_folder_that_is_read_only_stops_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tmp_path.chmod(0o500)
    assert save_report(UNIVERSE, "samples", tmp_path) is None
    assert "could not be written" in capsys.readouterr().err


@pytest.mark.parametrize(("value", "written"), [("1", 0), ("yes", 0), ("0", 1), ("", 1)])
def test_the_variable_switches_reports_off(
    value: str, written: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(NO_REPORTS, value)
    save_report(UNIVERSE, "samples", tmp_path)
    assert len(list_reports(tmp_path)) == written


@pytest.mark.parametrize("before", [None, "0"])
@pytest.mark.parametrize(("options", "seen"), [([], False), (["--no-report"], True)])
def test_the_demo_switches_the_reports_of_its_scripts_off(
    options: list[str], seen: bool, before: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if before is not None:
        monkeypatch.setenv(NO_REPORTS, before)
    found: list[bool] = []
    monkeypatch.setattr(_project, "new_project", lambda *_, **__: [])
    monkeypatch.setattr(_project, "_run_script", lambda *_: found.append(os.environ.get(NO_REPORTS) == "1"))
    assert main(["demo", str(tmp_path / "demo"), *options]) == 0
    assert found == 6 * [seen]
    assert os.environ.get(NO_REPORTS) == before


def test_names_of_users_are_shown_as_text(tmp_path: Path) -> None:
    evil = "<script>alert(1)</script>"
    page = universe_report_html(evil, {evil: 1}, [(evil, evil)], [evil])
    assert evil not in page
    assert page.count("&lt;script&gt;alert(1)&lt;/script&gt;") >= 5


class Browser:
    """Stands for the user's browser."""

    def __init__(self) -> None:
        self.opened: list[str] = []

    def __call__(self, address: str) -> bool:
        self.opened.append(address)
        return True


@pytest.fixture
def browser(monkeypatch: pytest.MonkeyPatch) -> Browser:
    browser = Browser()
    monkeypatch.setattr("webbrowser.open", browser)
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setenv("DISPLAY", ":0")
    return browser


@pytest.fixture
def project(tmp_path: Path) -> Path:
    page = universe_report_html("TrendFilter", {"BTC-USDT": 3})
    for what in ("BTC-training", "BTC-comparison", "ETH-training"):
        ReportFolder(tmp_path / "reports").add(page, what)
    return tmp_path


@pytest.mark.parametrize(
    ("name", "opened"),
    [([], "ETH-training"), (["BTC"], "BTC-comparison"), (["BTC-training"], "BTC-training")],
)
def test_the_newest_report_with_the_name_is_opened(
    name: list[str], opened: str, project: Path, browser: Browser, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["report", "--folder", str(project), "--open", *name]) == 0
    (address,) = browser.opened
    assert address.startswith("file://")
    assert address.endswith(f"-{opened}.html")
    assert capsys.readouterr().out.strip().endswith(f"-{opened}.html")


def test_a_path_that_was_printed_can_be_opened(project: Path, browser: Browser) -> None:
    oldest = list_reports(project)[-1].path
    assert main(["report", "--folder", str(project), "--open", str(oldest)]) == 0
    assert browser.opened == [oldest.resolve().as_uri()]


def test_without_a_display_the_path_is_printed(
    project: Path, browser: Browser, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER"):
        monkeypatch.delenv(name, raising=False)
    assert main(["report", "--folder", str(project), "--open"]) == 1
    said = capsys.readouterr()
    assert browser.opened == []
    assert said.out.strip().endswith("-ETH-training.html")
    assert "no display" in said.err


@pytest.mark.parametrize("name", [[], ["nothing"]])
def test_a_report_that_is_not_there_is_one_line(
    name: list[str], tmp_path: Path, browser: Browser, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["report", "--folder", str(tmp_path), "--open", *name]) == 1
    assert capsys.readouterr().err.count("\n") == 1
    assert main(["report", "--folder", str(tmp_path)]) == 0
    assert "there are no reports" in capsys.readouterr().out


def test_what_has_no_report_or_no_subject_is_an_error_that_says_what_to_pass(tmp_path):
    with pytest.raises(ConfigError, match="a dict has no report: pass what train_model"):
        save_report({}, "samples", tmp_path)
    with pytest.raises(ConfigError, match="what must be a text"):
        save_report(SimpleNamespace(to_html=list), 5, tmp_path)
    assert not list(tmp_path.iterdir())
