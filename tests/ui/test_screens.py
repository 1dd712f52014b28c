"""What the pages show of a project, and what they show when something is wrong with its files."""

import os
import sys
from pathlib import Path
from urllib.parse import quote

import pytest
from tests.ui.web import MARKUP

from livermore.research import list_models

PAGES = (
    "/",
    *[
        "/candles",
        "/samples",
        "/models",
        "/reports",
        "/comparisons",
        "/walk-forward",
        "/live",
        "/predictions",
        "/parity",
    ],
)


def test_each_screen_opens_in_an_empty_folder(empty):
    for page in PAGES:
        answer = empty.get(page)
        assert answer.status == 200, page
        assert 'aria-current="page"' in answer.text, page


def test_each_screen_opens_in_a_project_and_names_are_text(reader):
    for page in PAGES:
        answer = reader.get(page)
        assert answer.status == 200, page
        assert "<img" not in answer.text, page


def test_candles_show_what_is_missing(reader):
    assert "GAP-USDT" in reader.get("/candles").text
    answer = reader.get("/candles/market", exchange="Sandbox", symbol="GAP-USDT", base="1m")
    assert '<td class="n">1</td><td class="n">30</td><td class="n">30</td>' in answer.text
    bars = reader.get("/candles/chart", exchange="Sandbox", symbol="BTC-USDT").text
    assert bars.count('"open"') == 3


def test_a_damaged_file_of_candles_is_shown_and_the_other_markets_are_too(client, project):
    (damaged,) = (project / "storage" / "candles" / "Sandbox" / "GAP-USDT").glob("*.parquet")
    damaged.write_bytes(b"PAR1 nothing")
    answer = client.get("/candles")
    assert answer.status == 200
    assert damaged.name in answer.text
    assert "2021-01-01 to 2021-01-03" in answer.text
    assert damaged.name in client.get("/candles/market", exchange="Sandbox", symbol="GAP-USDT").text


def test_samples_say_which_features_are_stationary(reader):
    page = reader.get("/samples/file", file="strategies/Trend/ml_data/Trend_data.csv").text
    assert "<td>rsi</td><td>stationary</td>" in page
    assert "<td>&lt;img src=x onerror=alert(1)&gt;</td><td>unit root</td>" in page
    assert "<img" not in page
    assert reader.get("/samples/chart", file="strategies/Trend/ml_data/Trend_data.csv").text.count('"value"') > 100


@pytest.mark.skipif(sys.platform != "linux", reason="names of files are text elsewhere")
def test_a_name_that_is_no_text_is_shown_and_found(client, project):
    folder = project / "strategies" / "Trend" / "ml_data"
    (folder / "Trend_data.csv").rename(os.fsdecode(os.fsencode(folder) + b"/\xff_data.csv"))
    name = "strategies/Trend/ml_data/\\udcff_data.csv"
    assert name in client.get("/samples").text
    assert "<td>rsi</td>" in client.get("/samples/file", file=name).text


@pytest.mark.skipif(sys.platform != "linux", reason="names of files are text elsewhere")
def test_a_report_with_a_name_that_is_no_text_does_not_hide_the_others(client, project):
    odd = os.fsencode(project / "reports") + b"/20250101T000000.000Z-\xff-comparison.html"
    with open(odd, "w") as file:
        file.write("x")
    for page in ("/reports", "/comparisons"):
        assert "BTC-USDT-comparison" in client.get(page).text


def test_a_file_of_samples_that_leads_nowhere_does_not_hide_the_others(client, project):
    (project / "strategies" / "Trend" / "ml_data" / "gone_data.csv").symlink_to(project / "nothing")
    answer = client.get("/samples").text
    assert "gone_data.csv" in answer
    assert "cannot be read: No such file" in answer
    assert "Trend_data.csv" in answer


@pytest.mark.filterwarnings("ignore:.*belongs to another version of the CSV")
def test_a_damaged_file_of_samples_gives_a_page_that_says_so(client, project):
    name = "strategies/Trend/ml_data/Trend_data.csv"
    (project / name).write_text("time,label_name\n1")
    answer = client.get("/samples/file", file=name)
    assert answer.status == 422
    assert "Trend_data.csv" in answer.text
    assert "Traceback" not in answer.text


def test_models_are_compared_and_rolled_back(client, project):
    first, second = (row["version"] for row in list_models(project / "strategies" / "Trend"))
    folder = "strategies/Trend"
    assert client.get("/models").text.count(">current<") == 1
    compared = client.get("/models/comparison", folder=folder, a=first, b=second).text
    assert "C: 1.0 → 0.1" in compared
    done = client.post("/models/rollback", folder=folder, version=first)
    assert done.status == 303
    assert [row["current"] for row in list_models(project / folder)] == [True, False]


def test_the_lineage_goes_back_to_candles_and_says_whether_the_strategy_has_changed(client, project):
    folder, (version, *_) = (
        "strategies/Trend",
        [row["version"] for row in list_models(project / "strategies" / "Trend")],
    )
    page = client.get("/models/lineage", folder=folder, version=version).text
    for part in ("Sandbox BTC-USDT 1h", "It has not changed since.", f"{folder}/ml_data/Trend_data.csv", version):
        assert part in page
    assert "not stored" not in page
    (project / folder / "__init__.py").write_text("# another strategy")
    assert "It has changed since." in client.get("/models/lineage", folder=folder, version=version).text


def test_a_damaged_model_is_shown_and_the_others_are_too(client, project):
    first, second = (row["version"] for row in list_models(project / "strategies" / "Trend"))
    (project / "strategies" / "Trend" / "models" / first / "model.json").write_text("{")
    page = client.get("/models").text
    assert "Damaged: " in page
    assert second in page
    assert client.get("/models/lineage", folder="strategies/Trend", version=first).status == 422


def test_a_report_is_shown_in_a_sandbox(client, project):
    (path,) = (project / "reports").glob("*.html")
    page = client.get("/reports/report", name=path.name).text
    assert f'sandbox="allow-scripts" title="Report BTC-USDT-comparison" src="/reports/file/{path.name}"' in page
    answer = client.get(f"/reports/file/{quote(path.name)}")
    assert answer.text == path.read_text()
    assert answer.headers["content-security-policy"].startswith("sandbox allow-scripts; default-src 'none';")
    (library,) = (project / "reports" / "assets").iterdir()
    assert client.ask("GET", f"/reports/file/assets/{library.name}", Cookie=None).text == library.read_text()


def test_the_walk_forward_screen_draws_a_line_for_each_model(client, project):
    page = client.get("/walk-forward").text
    assert page.count('<rect class="training"') == 2
    assert page.count('<rect class="test"') == 2


@pytest.mark.parametrize(
    ("page", "values"),
    [
        ("/candles/market", {"exchange": "..", "symbol": "..", "base": "1m"}),
        ("/candles/market", {"exchange": "Sandbox", "symbol": "BTC-USDT", "base": "../1m"}),
        ("/samples/file", {"file": "../../etc/passwd"}),
        ("/samples/file", {"file": "settings.py"}),
        ("/models/lineage", {"folder": "..", "version": "x"}),
        ("/models/lineage", {"folder": "strategies/Trend", "version": "../.."}),
        ("/models/comparison", {"folder": "/", "a": "", "b": ""}),
        ("/predictions", {"session": "../.."}),
        ("/reports/report", {"name": "../settings.py"}),
        ("/reports/file/..%2f..%2fsettings.py", {}),
        ("/reports/file/../../settings.py", {}),
        ("/reports/file/assets/..%2fsecret.html", {}),
        ("/static/..%2f_app.py", {}),
        ("/static/%2e%2e/_app.py", {}),
        ("/nothing", {}),
        ("/" + "x" * 5000, {}),
    ],
)
def test_what_the_project_does_not_have_is_not_found(page, values, client, project):
    (project / "settings.py").write_text("SECRET = 'never shown'")
    (project / "reports" / "secret.html").write_text("never shown")
    answer = client.get(page, **values)
    assert answer.status == 404
    assert "never shown" not in answer.text


def test_a_report_that_leads_elsewhere_is_not_shown(client, project):
    (project / "settings.py").write_text("SECRET = 'never shown'")
    (project / "reports" / "20240101T000000.000Z-x.html").symlink_to(project / "settings.py")
    answer = client.get("/reports/file/20240101T000000.000Z-x.html")
    assert answer.status == 404
    assert "never shown" not in answer.text


def test_an_error_that_nobody_thought_of_gives_a_page_without_a_traceback(client, project, monkeypatch, caplog):
    def fail(root: Path) -> None:
        raise ZeroDivisionError(MARKUP)

    monkeypatch.setattr("livermore.ui._screens.samples.sample_files", fail)
    answer = client.get("/samples")
    assert answer.status == 500
    assert "ZeroDivisionError" in answer.text
    assert "<img" not in answer.text
    assert "Traceback" not in answer.text
