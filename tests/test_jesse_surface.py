"""Jesse's public names and signatures, recorded from Jesse 3.5.3, exist here; what does not is listed with its reason.

``tests/golden/jesse_surface/regenerate.py`` makes the recorded list.
"""

import importlib
import inspect
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import livermore

RECORDED = json.loads((Path(__file__).parent / "golden" / "jesse_surface" / "surface.json").read_text())
# Names that are left out on purpose.
LEFT_OUT = {
    "jesse.candle_pipelines": "the whole module",
    "jesse.helpers": {"CACHED_CONFIG", "ROUND_FLOOR"},  # a cache, and a name imported from decimal
    "jesse.utils": {"TIMEFRAME_TO_ONE_MINUTES", "timeframes"},  # imported from jesse.constants
    # Tables of Jesse's database, its exchanges and its routes, which a strategy does not make.
    "jesse.models": {
        name for name in RECORDED["modules"]["jesse.models"] if name not in ("ClosedTrade", "Order", "Position")
    },
}
# Functions that can be imported and say, when they are called, that they are not part of livermore.
REFUSING = {
    "monte_carlo_candles",
    "monte_carlo_trades",
    "optimize",
    "plot_significance_test",
    "print_optimize_summary",
    "rule_significance_test",
}
# Parts of Jesse's database models.
DATABASE = {"DoesNotExist", "dirty_fields"}


@pytest.fixture(autouse=True, scope="module")
def as_jesse() -> None:
    livermore.install_as_jesse()


def names(kind: str | None = None) -> list[tuple[str, str]]:
    return list(_names(kind))


def _names(kind: str | None) -> Iterator[tuple[str, str]]:
    for module, entries in RECORDED["modules"].items():
        left_out = LEFT_OUT.get(module, ())
        if left_out == "the whole module":
            continue
        for name, entry in entries.items():
            if name not in left_out and kind in (None, entry["kind"]):
                yield module, name


def parameters(function: Any) -> list[tuple[str, str | None]]:
    """Return name and default of the parameters that can be given by place, `self` left out."""
    return [
        (p.name, None if p.default is p.empty else repr(p.default))
        for p in inspect.signature(function).parameters.values()
        if p.kind in (p.POSITIONAL_OR_KEYWORD, p.POSITIONAL_ONLY) and p.name != "self"
    ]


def check_signature(entry: dict[str, Any], function: Any) -> None:
    kinds = {p.kind.name for p in inspect.signature(function).parameters.values()}
    if entry["parameters"] is None or "VAR_POSITIONAL" in kinds:
        # Either has no signature, or takes any number of values, as dd and dump do.
        return
    theirs = [(name, default) for name, _, default in entry["parameters"] if name != "self"]
    assert parameters(function)[: len(theirs)] == theirs


@pytest.mark.parametrize(("module", "name"), names())
def test_each_name_exists(module: str, name: str) -> None:
    assert hasattr(importlib.import_module(module), name)


@pytest.mark.parametrize(("module", "name"), names("function"))
def test_each_function_has_the_same_parameters_and_defaults(module: str, name: str) -> None:
    if name not in REFUSING:
        check_signature(RECORDED["modules"][module][name], getattr(importlib.import_module(module), name))


@pytest.mark.parametrize("name", sorted(REFUSING))
def test_what_is_not_part_of_livermore_says_so(name: str) -> None:
    import jesse.exceptions
    import jesse.research

    with pytest.raises(jesse.exceptions.NotSupportedError, match=rf"{name} is not part of livermore: \w"):
        getattr(jesse.research, name)({}, [], [], {})


def test_the_strategy_has_all_members_with_the_same_parameters() -> None:
    from livermore import Strategy

    for name, entry in RECORDED["modules"]["jesse.strategies"]["Strategy"]["members"].items():
        member = inspect.getattr_static(Strategy, name)
        if entry["kind"] == "function":
            check_signature(entry, member)


@pytest.mark.parametrize(("module", "name"), [n for n in names("class") if n[0] in ("jesse.enums", "jesse.constants")])
def test_enumerations_have_the_same_members(module: str, name: str) -> None:
    found = getattr(importlib.import_module(module), name)
    recorded = RECORDED["modules"][module][name]["members"]
    assert {key: getattr(found, key) for key in recorded} == {key: entry["value"] for key, entry in recorded.items()}


@pytest.mark.parametrize("name", ["ClosedTrade", "Order"])
def test_models_have_the_members_that_strategies_read(name: str) -> None:
    import jesse.models

    recorded = RECORDED["modules"]["jesse.models"][name]["members"].keys() - DATABASE - {"current_qty"}
    assert [member for member in sorted(recorded) if not hasattr(getattr(jesse.models, name), member)] == []


def test_each_module_of_jesse_can_be_imported_or_says_what_there_is_instead() -> None:
    silent = []
    for module in RECORDED["all_modules"]:
        try:
            importlib.import_module(module)
        except ModuleNotFoundError as error:
            # Importing a module imports the package around it, which may be what is missing.
            if ": livermore stands in for jesse here; " not in str(error):
                silent.append(module)
    assert silent == []


def test_an_indicators_own_module_does_not_replace_the_indicator() -> None:
    import jesse.indicators as ta
    import jesse.indicators.ema
    from jesse.indicators.sma import sma

    assert ta.sma is sma
    assert callable(ta.ema)
    assert jesse.indicators.ema is ta.ema
