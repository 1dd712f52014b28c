"""The HTML reports as text: what is in them, what is left out, and that nothing breaks out of its place."""

import base64
import gzip
import hashlib
import itertools
import json
import re
from datetime import timedelta
from html.parser import HTMLParser
from types import SimpleNamespace

import pytest
from sklearn.dummy import DummyClassifier

from livermore.ml.report import gather_report_html, render_training, train_report_html, walk_forward_report_html
from livermore.research import RetrainSchedule, train_model


def figures_of(page: str) -> dict:
    found = re.search(r'<script type="application/json" id="figures">(.*?)</script>', page, re.DOTALL)
    assert found
    return json.loads(found[1])


def text_of(page: str) -> str:
    """Return what a reader sees, without scripts and styles."""

    class Reader(HTMLParser):
        def __init__(self) -> None:
            super().__init__()
            self.hidden = 0
            self.parts: list[str] = []

        def handle_starttag(self, tag, attrs):
            self.hidden += tag in ("script", "style")

        def handle_endtag(self, tag):
            self.hidden -= tag in ("script", "style")

        def handle_data(self, data):
            if not self.hidden:
                self.parts.append(data)

    reader = Reader()
    reader.feed(page)
    return " ".join(reader.parts)


def test_the_page_shows_the_figures_of_the_result(trained):
    result = trained["binary"]
    text = text_of(train_report_html(result))
    assert f"{result['metrics']['roc_auc']:.3f}" in text
    assert f"{result['metrics']['accuracy']:.1%}" in text
    for row in result["calibration"]:
        assert row["range"] in text
    for name in result["feature_names"]:
        assert name in text


@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
def test_the_page_needs_nothing_from_elsewhere(trained, task):
    page = train_report_html(trained[task])
    outside_scripts = re.sub(r"<script>.*?</script>", "", page, flags=re.DOTALL)
    assert not re.search(r"""(src|href)=["'](https?:)?//""", outside_scripts)
    assert page.count("plotly.js v") == 1


def test_sections_without_figures_are_left_out(gathered):
    bare = train_model(gathered["data_points"], DummyClassifier(), verbose=False, importance=False, impact=False)
    text = text_of(train_report_html(bare))
    assert "Performance" in text
    assert "Notes" not in text or bare.notes


def test_what_users_name_cannot_break_the_page(gathered):
    evil = "</script><script>alert(1)</script>"
    points = [
        point | {"features": {evil: point["features"]["hour"], "b&<i>": point["features"]["volume_z"]}}
        for point in gathered["data_points"]
    ]
    page = gather_report_html({"data_points": points, "backtest_metrics": {}}, name=evil)
    assert "<script>alert" not in page
    result = train_model(points, DummyClassifier(), verbose=False, name=evil)
    assert "<script>alert" not in train_report_html(result)


def test_numbers_that_are_undefined_become_null(gathered):
    result = train_model(gathered["data_points"], DummyClassifier(strategy="prior"), verbose=False)
    page = train_report_html(result)
    assert "NaN" not in json.dumps(figures_of(page))


def test_it_is_written_where_asked(trained, tmp_path):
    path = tmp_path / "report.html"
    assert trained["binary"].to_html(path) == path.read_text() == train_report_html(trained["binary"])


def test_in_a_notebook_the_page_is_in_a_frame(trained):
    frame = trained["binary"]._repr_html_()
    assert frame.startswith("<iframe")
    assert frame.count("<iframe") == 1
    assert "<script" not in frame


def test_class_shares_add_up(gathered):
    data = figures_of(gather_report_html(gathered))["classes"]["data"]
    assert sum(trace["x"][0] for trace in data) == pytest.approx(1)


def test_the_timeline_counts_every_sample(gathered):
    data = figures_of(gather_report_html(gathered))["timeline"]["data"]
    assert sum(sum(trace["y"]) for trace in data) == len(gathered["data_points"])


@pytest.mark.parametrize(
    ("task", "expected"),
    [
        (
            "binary",
            {"timeline", "classes", "roc", "precision_recall", "reliability", "thresholds", "importance", "drift"},
        ),
        ("multiclass", {"timeline", "classes", "roc", "importance", "drift"}),
        ("regression", {"timeline", "classes", "scatter", "importance", "drift"}),
    ],
)
def test_each_task_has_its_plots(trained, task, expected):
    assert set(figures_of(train_report_html(trained[task]))) == expected


def test_the_roc_curve_has_the_area_that_is_told(trained):
    result = trained["binary"]
    curve = figures_of(train_report_html(result))["roc"]["data"][-1]
    heights = curve["y"]
    area = sum((a + b) / 2 for a, b in itertools.pairwise(heights)) / (len(heights) - 1)
    assert area == pytest.approx(result["metrics"]["roc_auc"], abs=0.01)


def test_the_last_recall_has_the_base_rate(trained):
    samples = trained["binary"].samples.test
    curve = figures_of(train_report_html(trained["binary"]))["precision_recall"]["data"][-1]
    assert curve["x"][-1] == 1.0
    first_all = (samples.y[samples.probabilities[:, 1] >= samples.probabilities[samples.y == 1, 1].min()]).mean()
    assert curve["y"][-1] == pytest.approx(first_all)


def test_thresholds_are_drawn_by_money_where_payoffs_are_known(trained):
    spec = figures_of(train_report_html(trained["binary"]))["thresholds"]
    drawn = spec["data"][-1]
    rows = {row["threshold"]: row for row in trained["binary"]["threshold_table"]}
    assert drawn["name"] == "net return per signal"
    assert drawn["y"] == pytest.approx([rows[at]["net_return"] for at in drawn["x"]])


def test_the_comparison_names_its_verdict(compared):
    text = text_of(compared.to_html())
    assert compared["name"] == "BothWays"
    assert compared["verdict"]["text"].split("\n")[0] in text
    figures = figures_of(compared.to_html())
    assert set(figures) == {"equity", "drawdown", "months", "candles_0", "candles_1"}
    assert figures["equity"]["data"][-1]["y"][-1] == pytest.approx(compared["equity"]["with_model"][-1] - 1)


@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
def test_a_page_is_small_and_its_repr_is_one_line(trained, task, tmp_path):
    page = trained[task].to_html(tmp_path / "report.html")
    assert len(page) < 700_000
    assert len(repr(page)) < 200
    assert "report.html" in repr(page)


def test_only_the_scripts_of_the_page_may_run(trained):
    page = train_report_html(trained["binary"])
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', page)[1]
    assert policy.startswith("default-src 'none'")
    assert "unsafe-eval" not in policy
    # The loader stands in the page as text; the plotting library is packed, and the loader unpacks it.
    loader = re.search(r"<script>(.*?)</script>", page, re.DOTALL)[1]
    packed = re.search(r'id="plotly">(.*?)</script>', page, re.DOTALL)[1]
    for script in (loader.encode(), gzip.decompress(base64.b64decode(packed))):
        digest = base64.b64encode(hashlib.sha256(script).digest()).decode()
        assert f"'sha256-{digest}'" in policy
    assert re.search(r"script-src ('sha256-[^']*' ?){2};", policy)


def test_a_page_without_plots_has_no_script(gathered):
    models = SimpleNamespace(schedule=RetrainSchedule(every=timedelta(days=5)))
    result = {
        "name": "<b>Foo",
        "models": models,
        "trainings": [],
        "out_of_sample": None,
        "metrics": {"total": 3},
        "ml": None,
        "equity_curve": [{"data": [{"time": 0.0}, {"time": 86_400.0}]}],
    }
    page = walk_forward_report_html(result)
    assert "<script" not in page
    assert "script-src" not in page
    assert "&lt;b&gt;Foo" in page


def test_the_page_and_the_text_show_the_same_figures(trained):
    result = trained["binary"]
    text, page = render_training(result), " ".join(text_of(train_report_html(result)).split())
    for line in text.splitlines():
        for figure in re.findall(r"[+-]?\d+\.\d+%?", line):
            assert figure in page


def test_a_name_cannot_become_a_link_in_a_plot(gathered):
    evil = "<a href='https://example.org'>x</a>"
    points = [
        point | {"features": {evil: point["features"]["hour"], "b": point["features"]["volume_z"]}}
        for point in gathered["data_points"]
    ]
    result = train_model(points, DummyClassifier(strategy="prior"), verbose=False)
    assert "<a" not in json.dumps(figures_of(train_report_html(result)))
