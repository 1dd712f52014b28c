"""The ledger: what counts as a trial, and what survives damage and haste."""

import json
import os
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, replace

import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import FunctionTransformer

from livermore.errors import FileError, LivermoreWarning
from livermore.files import locked
from livermore.ml.evidence import LEDGER_NAME, Ledger, Opening, configuration_of, ledger_for

LOOK = Opening(0, 1000, 2000, "binary", "win", "LogisticRegression()", "a", "f")


@pytest.fixture
def ledger(tmp_path):
    return Ledger(tmp_path / LEDGER_NAME)


def test_the_same_twice_is_one_trial_and_anything_else_another(ledger):
    assert ledger.record(LOOK) == 1
    assert ledger.record(replace(LOOK, opened_at=99)) == 1
    assert ledger.record(replace(LOOK, configuration="b")) == 2
    assert ledger.record(replace(LOOK, figures="g")) == 3
    assert len(ledger.openings()) == 4


def test_only_intervals_that_touch_are_counted(ledger):
    ledger.record(LOOK)
    ledger.record(replace(LOOK, configuration="b", test_start=1999, test_end=3000))
    ledger.record(replace(LOOK, configuration="c", test_start=2000, test_end=3000))
    assert ledger.trials(1000, 2000) == 2
    assert ledger.trials(3000, 4000) == 0


BTC, ETH = ("Sandbox", "BTC-USDT", "1h"), ("Sandbox", "ETH-USDT", "1h")


def test_symbols_tell_test_sides_of_the_same_days_apart(ledger):
    assert ledger.record(replace(LOOK, markets=(BTC,))) == 1
    assert ledger.record(replace(LOOK, configuration="b", markets=(ETH,))) == 1
    # A pooled side is of both, and what opens one of them later counts it.
    assert ledger.record(replace(LOOK, configuration="c", markets=(BTC, ETH))) == 3
    assert ledger.record(replace(LOOK, configuration="d", markets=(ETH,))) == 3
    assert ledger.trials(1000, 2000, (BTC,)) == 2
    assert ledger.trials(2000, 3000, (BTC,)) == 0


@pytest.mark.parametrize("market", [("Sandbox", "BTC-USDT", "15m"), ("Elsewhere", "BTC-USDT", "1h")])
def test_neither_timeframe_nor_exchange_makes_the_days_of_a_symbol_new(ledger, market):
    ledger.record(replace(LOOK, markets=(BTC,)))
    assert ledger.record(replace(LOOK, configuration="b", markets=(market,))) == 2


def test_an_opening_of_unknown_markets_counts_for_all(ledger):
    ledger.record(LOOK)
    assert ledger.record(replace(LOOK, configuration="b", markets=(BTC,))) == 2
    assert ledger.trials(1000, 2000) == 2


def test_lines_from_before_markets_were_written_are_read(ledger):
    old = {key: value for key, value in asdict(LOOK).items() if key != "markets"}
    ledger.path.write_text(json.dumps(old) + "\n")
    assert ledger.openings() == [LOOK]
    ledger.record(replace(LOOK, markets=(BTC, ETH)))
    assert ledger.openings()[1].markets == (BTC, ETH)


def test_a_damaged_line_is_reported_and_the_rest_is_read(ledger):
    ledger.record(LOOK)
    with open(ledger.path, "a") as file:
        file.write('{"opened_at": 1\n[]\n{"markets": [1]}\n')
    with (
        pytest.warns(LivermoreWarning, match="Line 2 of .* cannot be read"),
        pytest.warns(match="Line 3 of"),
        pytest.warns(match="Line 4 of"),
    ):
        assert ledger.trials(0, 5000) == 1


def test_many_at_once_do_not_tear_lines_apart(ledger):
    looks = [replace(LOOK, configuration=str(i), estimator="x" * 500) for i in range(60)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(ledger.record, looks))
    assert {opening.configuration for opening in ledger.openings()} == {str(i) for i in range(60)}


def test_a_reader_waits_for_a_line_that_is_being_written(ledger):
    ledger.record(LOOK)
    line = ledger.path.read_text()
    ledger.path.write_text(line[:30])
    with ThreadPoolExecutor(1) as pool:
        with locked(ledger.path.with_name(f".{LEDGER_NAME}.lock")):
            read = pool.submit(ledger.openings)
            time.sleep(0.05)
            ledger.path.write_text(line)
        assert read.result() == [LOOK]


def test_a_line_that_a_killed_run_left_half_written_spoils_no_other(ledger):
    ledger.record(LOOK)
    ledger.path.write_text(ledger.path.read_text()[:-20])
    with pytest.warns(LivermoreWarning, match="Line 1 of .* cannot be read"):
        assert ledger.record(LOOK) == 1


def test_no_file_is_no_trial(ledger):
    assert (ledger.openings(), ledger.trials(0, 10)) == ([], 0)


def test_a_configuration_is_what_was_set_and_not_where_it_lies_in_memory():
    first, second = (FunctionTransformer(func=lambda x: x) for _ in range(2))
    assert configuration_of(first) == configuration_of(second)
    assert configuration_of(LogisticRegression(C=1.0)) != configuration_of(LogisticRegression(C=2.0))
    assert configuration_of(LogisticRegression(), task="a") != configuration_of(LogisticRegression(), task="b")


@pytest.mark.parametrize(
    "line",
    [
        "[" * 200_000,
        "null",
        "5",
        '"x"',
        "\0" * 100,
        *(
            json.dumps({**asdict(LOOK), name: value})
            for name in asdict(LOOK)
            for value in (None, [1], {"a": 1}, float("inf"), True)
        ),
    ],
    ids=lambda line: line[:20],
)
def test_a_line_of_wrong_types_is_skipped_with_a_warning(ledger, line):
    ledger.path.write_text(line + "\n")
    with pytest.warns(LivermoreWarning, match="Line 1 of .* cannot be read"):
        assert ledger.record(LOOK) == 1


@pytest.mark.parametrize("which", ["ledger", "lock"])
@pytest.mark.parametrize("kind", ["pipe", "folder", "link", "dangling link"])
def test_what_is_no_regular_file_is_refused_and_a_link_is_not_followed(ledger, tmp_path, which, kind):
    path = ledger.path if which == "ledger" else ledger.path.with_name(f".{LEDGER_NAME}.lock")
    victim = tmp_path / "victim"
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    else:
        path.symlink_to(victim)
    if kind == "link":
        victim.write_text("precious")
    for refused in (ledger.check, lambda: ledger.record(LOOK)):
        with pytest.raises(FileError, match="is no regular file"):
            refused()
    if which == "ledger":
        with pytest.warns(LivermoreWarning, match="is not read"):
            assert ledger.openings() == []
    assert not victim.exists() if kind != "link" else victim.read_text() == "precious"


def test_a_line_that_cannot_be_read_may_be_a_look_so_that_its_days_are_not_unseen(ledger):
    ledger.path.write_text('{"opened_at": 1\n')
    with pytest.warns(LivermoreWarning, match="Line 1 of .* cannot be read"):
        assert not ledger.nothing_chosen((), 0, 10, recipe="mine")
    with pytest.warns(LivermoreWarning, match="Line 1 of .* cannot be read"):
        found = ledger.add(LOOK)
    assert (found.trials, found.unreadable) == (1, 1)


@pytest.mark.parametrize(
    "damage", [{"opened_at": 1e300}, {"opened_at": -1}, {"p_alone": -5}, {"p_alone": 7}, {"p_value": 1.5}]
)
def test_a_line_whose_numbers_are_no_times_or_probabilities_cannot_be_read(ledger, damage):
    ledger.path.write_text(json.dumps({**asdict(LOOK), **damage}) + "\n")
    with pytest.warns(LivermoreWarning, match="Line 1 of .* cannot be read"):
        assert ledger.openings() == []


def test_a_model_that_is_saved_to_the_state_folder_has_one_ledger(tmp_path, monkeypatch):
    monkeypatch.delenv("LIVERMORE_LEDGER", raising=False)
    (tmp_path / "state").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "state")
    monkeypatch.setenv("LIVERMORE_STATE_DIR", str(tmp_path / "state"))
    for folder in (tmp_path / "state", tmp_path / "link"):
        ledger = ledger_for(folder)
        assert ledger.record(LOOK) == 1
        assert ledger.path == folder / LEDGER_NAME
    assert len((tmp_path / "state" / LEDGER_NAME).read_text().splitlines()) == 2
