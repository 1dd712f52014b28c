"""Results draw themselves in notebooks, and no name in them becomes markup."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression

from livermore.audit import StrategyCheck
from livermore.ml.dataset import Dataset
from livermore.ml.evidence import Monitor, MonitorReference
from livermore.notebook import bar_html, html_table, html_text
from livermore.research import compare_models_on_disk, ledger_table, list_models, train_model
from livermore.scale import GatheredUniverse

HOSTILE = "<img src=x onerror=alert(1)>"


def samples(n=200, feature=HOSTILE):
    random = np.random.default_rng(0)
    return [
        {
            "time": 3600 * i,
            "features": {feature: float(value), "missing": None if i % 2 else 1.0 + i},
            "label": {"name": f"win{HOSTILE}", "value": bool(value + random.normal() > 0)},
            "label_time": 3600 * i + 1800,
            "symbol": HOSTILE,
        }
        for i, value in enumerate(random.normal(size=n))
    ]


def is_harmless(page):
    return "<img" not in page and "<script" not in page


def test_a_data_set_shows_its_size_labels_times_and_features():
    page = Dataset.from_samples(samples())._repr_html_()
    assert "200 samples" in page
    assert "&lt;img" in page
    assert "50.0%" in page
    assert "1970-01-01 00:00 UTC" in page
    assert is_harmless(page)


def test_data_sets_without_a_sample_or_with_many_features_can_be_shown():
    data = Dataset.from_samples(samples())
    assert "0 samples" in data.take([])._repr_html_()
    wide = [{**s, "features": {f"f{k}": 1.0 for k in range(100)}} for s in samples(5)]
    page = Dataset.from_samples(wide)._repr_html_()
    assert "100 features, the first 60" in page
    assert page.count("<tr>") < 80


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("model")
    data = [{**s, "features": {"a": s["features"][HOSTILE]}} for s in samples()]
    for strength in (1.0, 0.1):
        options = {"importance": False, "impact": False, "verbose": False, "save_to": path}
        train_model(data, LogisticRegression(C=strength), **options)
    return path


def test_models_and_looks_are_shown_as_their_text(folder):
    models = list_models(folder)
    assert "current" in models._repr_html_()
    versions = [row["version"] for row in models]
    for shown in (models, compare_models_on_disk(folder, *versions), ledger_table(folder, user=False)):
        assert shown._repr_html_() == html_text(shown)
        assert is_harmless(shown._repr_html_())


def test_a_ledger_is_a_table_of_looks_and_of_the_trials_so_far(folder):
    table = ledger_table(folder, user=False)
    assert [row["trials"] for row in table] == [1, 2]
    columns = table.columns()
    assert {values.shape for values in columns.values()} == {(2,)}
    assert (columns["p_value"] >= columns["p_alone"]).all()
    assert columns["estimator"].tolist() == ["LogisticRegression()", "LogisticRegression(C=0.1)"]
    assert "Trials" in str(table)
    frame = table.to_frame("pyarrow")
    assert frame.num_rows == 2
    assert str(frame.schema.field("time").type) == "timestamp[s, tz=UTC]"


def test_an_empty_ledger_is_an_empty_table(tmp_path):
    table = ledger_table(tmp_path, user=False)
    assert (len(table), str(table)) == (0, "no evaluation is recorded")
    frame = table.to_frame("pyarrow")
    assert frame.num_rows == 0
    assert [str(frame.schema.field(name).type) for name in ("test_end", "trials", "p_value", "label")] == [
        "timestamp[s, tz=UTC]",
        "int64",
        "double",
        "string",
    ]


def test_a_universe_is_shown_in_a_frame(tmp_path):
    page = GatheredUniverse(tmp_path, (), silent=(HOSTILE,))._repr_html_()
    assert page.startswith("<iframe")
    assert 'sandbox="allow-scripts"' in page
    assert is_harmless(page)


def test_a_check_is_shown_as_its_text():
    check = StrategyCheck(name=HOSTILE, ok=True, findings=(), checks={}, features=(), events=0, sanity=None)
    assert is_harmless(check._repr_html_())
    assert "Nothing was found" in check._repr_html_()


def test_a_monitor_shows_its_evidence_and_alarms():
    random = np.random.default_rng(0)
    p = random.uniform(0.3, 0.7, 900)
    won = random.random(900) < np.r_[p[:300], 1 - p[300:]]
    features = {"X": random.normal(size=(300, 1)), "feature_names": [HOSTILE]}
    monitor = Monitor(MonitorReference.of(won[:300], p[:300], chains=1, **features))
    assert "alarm</td>" not in monitor._repr_html_()
    for time in range(300, 900):
        monitor.observe_prediction(time, p[time], [0.0])
        monitor.observe_label(time, won[time])
    page = monitor._repr_html_()
    assert "600 labels" in page
    assert "<td>alarm</td>" in page
    assert "drift: &lt;img" in page
    assert is_harmless(page)


@given(st.text(), st.lists(st.text(), min_size=1, max_size=3))
def test_no_text_becomes_markup(caption, cells):
    page = html_table(caption, cells, [cells])
    assert page.count("<") == 12 + 4 * len(cells)
    assert html_text(caption).count("<") == 2


def test_a_bar_of_nothing_can_be_drawn():
    assert bar_html("Work", "steps", 0, 0, 0.0) == 'Work <progress value="0" max="1"></progress> 0/0 steps'
