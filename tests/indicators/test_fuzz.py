"""Hostile calls of indicators, in a process of their own; `fuzz.py` says what is called, and runs many more."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

SCRIPT = Path(__file__).with_name("fuzz.py")


def fuzz_script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("fuzz_indicators", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_hostile_calls_give_what_plain_copies_give() -> None:
    code, report = fuzz_script().fuzz(seed=11, first=0, cases=400)
    assert code == 0, report


@pytest.mark.slow
def test_many_hostile_calls_give_what_plain_copies_give() -> None:
    code, report = fuzz_script().fuzz(seed=12, first=0, cases=8000)
    assert code == 0, report


def test_a_wrong_value_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    script = fuzz_script()
    values = iter(range(10**9))
    monkeypatch.setattr(script, "outcome", lambda *_: {"value": float(next(values))})
    failures = script.run_case(1, 0, lambda call: None, script.Counter())
    assert len(failures) == 1
    assert "instead of" in failures[0]


def test_a_process_that_dies_is_a_failure_with_its_call(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    script = fuzz_script()
    dying = tmp_path / "dying.py"
    dying.write_text("import os, sys\nopen(sys.argv[2], 'w').write('case 7: ema(nothing)')\nos.abort()\n")
    monkeypatch.setattr(script, "__file__", str(dying))
    code, report = script.fuzz(seed=1, first=0, cases=1)
    assert code not in (0, 1)
    assert "case 7: ema(nothing)" in report
