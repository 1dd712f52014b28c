"""A sample of the fuzzer's cases, with what Jesse made of them: ours must make the same, save for named differences."""

import gzip
import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from diff_cases import NAMED, make_case
from diff_compare import SERENITY, compare
from diff_run import run_case, shortened

from livermore.research import backtest
from livermore.strategies import Strategy

GOLDEN = Path(__file__).resolve().parent.parent / "golden" / "differential" / "cases.json.gz"
NAMED_FAMILIES = {family.__name__ for family in NAMED}


@cache
def entries() -> dict[str, dict[str, Any]]:
    with gzip.open(GOLDEN, "rt", encoding="utf-8") as file:
        return {entry["case"]["name"]: entry for entry in json.load(file)}


@pytest.mark.parametrize("name", entries())
def test_outcome_is_that_of_jesse(name: str) -> None:
    case, theirs = entries()[name]["case"], entries()[name]["outcome"]
    if case["family"] in NAMED_FAMILIES:
        assert compare(case, theirs, run(case), rerun=run).unnamed is None
        return
    ours = shortened(run(case))
    verdict = compare(case, theirs, ours)
    assert verdict.unnamed is None
    assert verdict.named <= {SERENITY}
    assert ours["lines"] == theirs["lines"]


def run(case: dict[str, Any]) -> dict[str, Any]:
    return run_case(case, backtest, Strategy)


@pytest.mark.parametrize("name", [name for name in entries() if name.endswith(("-0", "-1"))])
def test_fast_mode_changes_nothing(name: str) -> None:
    case = entries()[name]["case"]

    def fast(*inputs: Any, **options: Any) -> dict[str, Any]:
        return backtest(*inputs, **{**options, "fast_mode": True})

    assert run_case(case, fast, Strategy) == run(case)


def test_a_case_is_determined_by_its_name() -> None:
    for name, entry in entries().items():
        family, number = name.rsplit("-", 1)
        assert json.loads(json.dumps(make_case(family, int(number)))) == entry["case"]


def shift_price(outcome: dict[str, Any]) -> None:
    outcome["trades"][3]["orders"][0][4] *= 1 + 1e-9


def drop_trade(outcome: dict[str, Any]) -> None:
    outcome["trades"].pop()


def turn_type(outcome: dict[str, Any]) -> None:
    order = outcome["trades"][0]["orders"][0]
    order[1] = "STOP" if order[1] == "LIMIT" else "LIMIT"


def raise_fee(outcome: dict[str, Any]) -> None:
    outcome["metrics"]["fee"] += 0.001


def call_another_hook(outcome: dict[str, Any]) -> None:
    next(iter(outcome["traces"].values()))[5][0] = "terminate"


@pytest.mark.parametrize("change", [shift_price, drop_trade, turn_type, raise_fee, call_another_hook])
@pytest.mark.parametrize("family", ["single", "isolated", "spot", "missing_rows", "several_routes"])
def test_what_differs_is_not_explained_away(family: str, change: Callable[[dict[str, Any]], None]) -> None:
    entry = next(entry for name, entry in entries().items() if entry["case"]["family"] == family)
    changed = json.loads(json.dumps(entry["outcome"]))
    change(changed)
    assert compare(entry["case"], entry["outcome"], entry["outcome"]).unnamed is None
    assert compare(entry["case"], entry["outcome"], changed).unnamed is not None
