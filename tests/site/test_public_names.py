"""Every public name has a docstring, and an example unless it is listed here; links of a built site are checked."""

import doctest
import inspect
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
# Functions without an example. Some need an exchange, a database or a terminal; the others are steps inside of a
# training, which `livermore.research` calls and whose arguments only a training makes. The list may only get shorter.
WITHOUT_EXAMPLE = {
    "livermore.audit.check",
    "livermore.candles.connect",
    "livermore.candles.download",
    "livermore.candles.files.open_file",
    "livermore.candles.files.top_lines",
    "livermore.candles.import_markets",
    "livermore.candles.open_database",
    "livermore.candles.sources.files_of_pairs",
    "livermore.candles.summarise_import",
    "livermore.comparison.compare",
    "livermore.engine.open_fed_session",
    "livermore.helpers.clear_output",
    "livermore.helpers.dd",
    "livermore.helpers.dump_exception",
    "livermore.helpers.get_arrow",
    "livermore.helpers.get_strategy_class",
    "livermore.helpers.terminal_debug",
    "livermore.helpers.terminate_app",
    "livermore.helpers.timestamp_to_arrow",
    "livermore.helpers.validate_cwd",
    "livermore.live.apprise_sender",
    "livermore.live.warm_up_candles",
    "livermore.ml.artifacts.compare_versions",
    "livermore.ml.artifacts.publish_version",
    "livermore.ml.artifacts.strategy_changed",
    "livermore.ml.artifacts.version_named",
    "livermore.ml.assessment.assess_predictions",
    "livermore.ml.assessment.choose_on_training_part",
    "livermore.ml.assessment.findings_of",
    "livermore.ml.dataset.read_shards",
    "livermore.ml.evidence.compare_paired",
    "livermore.ml.evidence.judge_forward",
    "livermore.ml.evidence.judged_again",
    "livermore.ml.evidence.opening_of",
    "livermore.ml.evidence.predict_forward",
    "livermore.ml.evidence.volatility_of",
    "livermore.ml.judgement.judging_for",
    "livermore.ml.ranking.rank_models",
    "livermore.ml.report.compare_report_html",
    "livermore.ml.report.render_asking",
    "livermore.ml.report.render_comparison",
    "livermore.ml.report.render_gathering",
    "livermore.ml.report.render_model_comparison",
    "livermore.ml.report.render_transfer",
    "livermore.ml.report.render_walk_forward",
    "livermore.ml.report.transfer_report_html",
    "livermore.ml.report.walk_forward_report_html",
    "livermore.ml.retraining.assess_out_of_sample",
    "livermore.ml.transfer.evaluate_transfer",
    "livermore.ml.validation.fit_fold",
    "livermore.ml.validation.teaching_splits",
    "livermore.research.live_parity",
    "livermore.research.live_session_samples",
    "livermore.research.live_session_view",
    "livermore.strategies.create_strategy",
    "livermore.testing.assert_no_peeking",
    "livermore.testing.loopback.run_live_demo",
    "livermore.utils.dd",
}
# Classes without an example, exceptions aside. The list may only get shorter.
CLASSES_WITHOUT_EXAMPLE = {
    # They need an exchange, or the web server that comes with ccxt, which may be missing.
    "livermore.candles.ExchangeMarket",
    "livermore.live.ExchangeBroker",
    "livermore.live.ExchangeFeed",
    "livermore.testing.loopback.LoopbackExchange",
    # A server that runs until it is stopped, and a bar below the cell of a notebook.
    "livermore.notebook.NotebookBar",
    "livermore.ui.UiServer",
    # Steps inside of a training, whose arguments only a training makes.
    "livermore.ml.judgement.ForwardJudging",
    "livermore.ml.judgement.Judging",
}


def load(name: str) -> ModuleType:
    """Import a module of what builds the site."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(ROOT / "docs" / "_tools"))
        module = __import__(name)
    for tool in ("public_names", "check_site"):
        sys.modules.pop(tool, None)
    return module


@pytest.fixture(scope="module")
def names() -> list[Any]:
    return [found for found in load("public_names").public_names() if found.is_at_home]


def has_example(value: Any) -> bool:
    return bool(doctest.DocTestParser().get_examples(inspect.getdoc(value) or ""))


def test_every_function_and_class_has_a_docstring(names: list[Any]) -> None:
    documented = [found for found in names if inspect.isclass(found.value) or inspect.isroutine(found.value)]
    assert len(documented) > 500
    assert [found.address for found in documented if not inspect.getdoc(found.value)] == []


def test_functions_without_an_example_are_those_listed(names: list[Any]) -> None:
    functions = {found.address: found.value for found in names if inspect.isroutine(found.value)}
    assert {address for address, value in functions.items() if not has_example(value)} == WITHOUT_EXAMPLE


def test_classes_without_an_example_are_those_listed(names: list[Any]) -> None:
    classes = {found.address: found.value for found in names if inspect.isclass(found.value)}
    records = {address: value for address, value in classes.items() if not issubclass(value, BaseException)}
    assert {address for address, value in records.items() if not has_example(value)} == CLASSES_WITHOUT_EXAMPLE


def test_every_indicator_has_an_example(names: list[Any]) -> None:
    indicators = [found for found in names if found.home == "livermore.indicators" and hasattr(found.value, "compute")]
    assert len(indicators) > 150
    assert [found.address for found in indicators if not has_example(found.value)] == []


def test_a_name_is_documented_where_it_is_defined(names: list[Any]) -> None:
    addresses = [found.address for found in names]
    assert len(addresses) == len(set(addresses))
    assert {"livermore.research.train_model", "livermore.strategies.Strategy", "livermore.ml.labels.TripleBarrier"} <= {
        *addresses
    }
    assert "livermore.train_model" not in addresses


def test_links_that_lead_nowhere_are_found(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text(
        '<h1 id="top">A</h1><a href="#top"></a><a href="#none"></a><a href="other.html#here"></a>'
        '<a href="other.html#gone"></a><a href="missing.html"></a><img src="no.png">'
        '<a href="https://example.org/x"></a>'
    )
    (tmp_path / "other.html").write_text('<p id="here"></p><a href="index.html"></a>')
    assert load("check_site").broken_links(tmp_path) == [
        "index.html: #none",
        "index.html: other.html#gone",
        "index.html: missing.html",
        "index.html: no.png",
    ]


def test_a_name_that_no_page_has_is_found() -> None:
    check = load("check_site")
    every = set(check.names_without_a_page(set()))
    assert check.names_without_a_page(every - {"livermore.research.backtest"}) == ["livermore.research.backtest"]
