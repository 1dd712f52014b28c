"""Looks beside looks: what is one trial, what a p-value costs, which yes is withdrawn, and the user's ledger."""

import json
import os
from dataclasses import asdict, replace

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from livermore.errors import LivermoreWarning
from livermore.ml.dataset import Dataset
from livermore.ml.evidence import (
    COMPARISON,
    LEDGER_NAME,
    LEVEL,
    Choice,
    Ledger,
    Opening,
    base_asset,
    different_trials,
    judge,
    judged_again,
    ledger_for,
    recipe_of,
    sample_hashes,
    sidak,
)

BTC = (("Sandbox", "BTC-USDT", "1h"),)
EDGES = tuple(range(0, 1201, 100))


def look(sums=None, name="a", p_alone=0.0, **changes):
    """Return a look over twelve blocks, against two guards."""
    found = Opening(0, 0, 1200, "binary", "win", "LogisticRegression()", name, name, recipe=name, p_alone=p_alone)
    if sums is not None:
        found = replace(found, edges=EDGES, sums=tuple((float(x), float(x)) for x in sums))
    return replace(found, **changes)


def samples(n, scale=1.0):
    return Dataset.from_samples(
        [
            {"time": 60 * i, "features": {"f": scale * np.sin(i)}, "label": {"name": "win", "value": i % 3 == 0}}
            for i in range(n)
        ]
    )


STEADY = [1.0] * 11 + [-0.3]
MIXED = [1.0] * 9 + [-1.0, -0.9, -0.2]


def test_similar_looks_cost_nothing_and_different_ones_what_they_must():
    rng = np.random.default_rng(0)
    alone = look(MIXED, p_alone=0.01)
    assert judge(alone, []).p_value == 0.01
    similar = [look(np.array(MIXED) + 1e-3 * rng.normal(size=12), f"s{i}") for i in range(9)]
    different = [look(rng.normal(size=12), f"d{i}") for i in range(9)]
    cheap, dear = judge(alone, similar), judge(alone, different)
    assert (cheap.trials, dear.trials) == (10, 10)
    assert 0.01 <= cheap.p_value < 0.03 < 3 * cheap.p_value < dear.p_value < 0.3


def test_both_guards_must_be_beaten():
    one_sided = replace(look(STEADY), sums=tuple((x, 0.1 * (-1) ** i) for i, x in enumerate(STEADY)))
    assert judge(one_sided, [look(STEADY, "b")]).p_value > 0.5


def test_the_p_value_is_never_below_that_of_the_look_alone():
    assert judge(look(STEADY, p_alone=0.2), [look(STEADY, "b")]).p_value == 0.2


def test_lines_without_block_scores_count_as_independent_looks():
    old = [look(None, f"o{i}", recipe="") for i in range(3)]
    found = judge(look(STEADY), old)
    assert (found.trials, found.without_scores) == (4, 3)
    flips = judge(look(STEADY), [look(STEADY, "copy")]).p_value
    assert found.p_value == pytest.approx(1 - (1 - flips) ** 4)
    # A look that has no scores itself is corrected as before.
    assert judge(look(None, p_alone=0.01), old).p_value == pytest.approx(sidak(0.01, 4))


def test_a_comparison_of_backtests_is_no_trial_beside_the_training(tmp_path):
    ledger = Ledger(tmp_path / LEDGER_NAME)
    ledger.add(look(STEADY, "a"))
    ledger.add(look(None, "compared", task=COMPARISON))
    assert ledger.add(look(STEADY, "b")).trials == 2
    assert ledger.trials(0, 1200) == 3


def test_a_yes_is_possible_after_twenty_openings():
    rng = np.random.default_rng(1)
    earlier = [look(rng.normal(size=12), f"e{i}") for i in range(20)]
    assert judge(look([1.0] * 12), earlier).p_value <= LEVEL


def test_a_yes_is_withdrawn_once_other_looks_make_it_likely_by_chance(tmp_path):
    rng, ledger = np.random.default_rng(2), Ledger(tmp_path / LEDGER_NAME)
    weak = look(MIXED, "weak", p_alone=0.03)
    assert ledger.add(weak).p_value <= LEVEL
    found = [ledger.add(look(rng.normal(size=12), f"n{i}")) for i in range(10)]
    withdrawn = [judgement.withdrawn for judgement in found if judgement.withdrawn]
    # It is reported when it happens, once.
    assert [[line.configuration for line, p in lines if p > LEVEL] for lines in withdrawn] == [["weak"]]
    assert [line.configuration for line, _ in ledger.withdrawn()] == ["weak"]
    assert dict((line.configuration, p) for line, p in ledger.judged())["weak"] > LEVEL


def test_no_more_than_one_in_twenty_series_of_looks_at_noise_ends_with_a_yes():
    rng, n_sets, ends = np.random.default_rng(3), 100, 0
    for _ in range(n_sets):
        looks = [look(rng.normal(size=12), f"n{i}") for i in range(20)]
        ends += any(p <= LEVEL for _, p in judged_again(looks))
    assert ends / n_sets <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / n_sets)


def test_a_recipe_on_grown_data_is_one_trial_and_on_changed_data_another():
    hashes = [sample_hashes(samples(n)) for n in (300, 320)]
    first = look(STEADY, "week 1", recipe="r", data=hashes[0])
    grown = look(STEADY, "week 2", recipe="r", data=hashes[1], test_end=1300)
    assert different_trials([first, grown]) == [grown]
    # The name of the feature is the same, and what it holds is not.
    changed = replace(grown, data=sample_hashes(samples(320, scale=1.01)))
    assert different_trials([first, changed]) == [first, changed]
    # Another seed on the same data is a choice among seeds.
    assert len(different_trials([first, replace(grown, test_end=1200)])) == 2
    assert len(different_trials([first, replace(grown, recipe="other")])) == 2


def test_a_ledger_of_thousands_of_lines_is_judged_at_once():
    data = sample_hashes(samples(50))
    looks = [look(None, f"n{i}", recipe=f"r{i % 1500}", data=data, test_end=1200 + i) for i in range(3000)]
    assert [line.recipe for line in different_trials(looks)] == [f"r{i}" for i in range(1500)]


def test_hashes_recognise_a_data_set_of_which_the_beginning_was_dropped():
    rows = samples(1000)
    late = Dataset.from_samples(rows.to_samples()[300:])
    first, second = dict(sample_hashes(rows)), dict(sample_hashes(late))
    common = first.keys() & second.keys()
    assert len(common) > 5
    assert all(first[at] == second[at] for at in common)


def test_a_recipe_is_what_a_user_decides_and_not_the_data():
    data = samples(100)
    recipe = recipe_of(LogisticRegression(), "binary", data, purge=True)
    assert recipe == recipe_of(LogisticRegression(), "binary", samples(200), purge=True)
    assert recipe != recipe_of(LogisticRegression(C=2.0), "binary", data, purge=True)
    assert recipe != recipe_of(LogisticRegression(), "binary", data, purge=False)


@pytest.mark.parametrize("symbol", ["BTC-USDC", "BTC-USDT-PERP", "BTCUSDT", "BTC/USDT:USDT", "XBTUSD", "BTCUSDT_PERP"])
def test_spellings_quotes_and_contracts_of_one_asset_are_one(symbol, tmp_path):
    assert base_asset(symbol) == "BTC"
    ledger = Ledger(tmp_path / LEDGER_NAME)
    ledger.add(look(STEADY, markets=BTC))
    assert ledger.add(look(STEADY, "b", markets=(("Elsewhere", symbol, "15m"),))).trials == 2
    assert ledger.add(look(STEADY, "c", markets=(("Sandbox", "ETH-USDT", "1h"),))).trials == 1


def test_nothing_is_chosen_until_another_recipe_looks_or_a_choice_is_made(tmp_path):
    ledger = Ledger(tmp_path / LEDGER_NAME)
    assert ledger.nothing_chosen(BTC, 0, 1000, "a")
    ledger.add(look(STEADY, "a", markets=BTC))
    assert ledger.nothing_chosen(BTC, 0, 1000, "a")
    assert not ledger.nothing_chosen(BTC, 0, 1000, "b")
    assert ledger.nothing_chosen((("", "ETH-USDT", ""),), 0, 1000, "b")
    # The same name of a recipe, on samples in which a feature was changed: something may have been chosen.
    assert not ledger.nothing_chosen(BTC, 0, 1000, "a", sample_hashes(samples(50)))
    assert ledger.nothing_chosen(BTC, 1200, 1300, "b")
    ledger.record_choice(Choice(5, "models", 0, 2000, BTC))
    assert not ledger.nothing_chosen(BTC, 1200, 1300, "b")
    assert not ledger.nothing_chosen((), 0, 1000, "a")
    assert [choice.choice for choice in ledger.choices()] == ["models"]
    assert len(ledger.openings()) == 1
    # What is not recorded anywhere is not known.
    assert not Ledger().nothing_chosen(BTC, 0, 1000, "a")


def test_what_was_written_is_read_and_entries_of_newer_versions_are_left_out(tmp_path):
    ledger = Ledger(tmp_path / LEDGER_NAME)
    full = look(STEADY, markets=BTC, data=((60, "ab"),), p_value=0.0)
    ledger.add(full)
    assert ledger.openings() == [full]
    with open(ledger.path, "a") as file:
        file.write(json.dumps(asdict(full) | {"configuration": "new", "colour": "blue"}) + "\n")
    assert [line.configuration for line in ledger.openings()] == ["a", "new"]


@pytest.mark.parametrize(
    "damage",
    [
        {"edges": [0, 1], "sums": []},
        {"edges": [0] * 13},
        {"sums": [[1.0, float("nan")]] * 12},
        {"sums": [["x", 1.0]] * 12},
        {"data": [[1.5, "a"]]},
        {"choice": 5, "chosen_at": 0, "start": 0, "end": 1},
        {"choice": "models"},
    ],
)
def test_damaged_scores_and_choices_are_skipped_with_a_warning(tmp_path, damage):
    path = tmp_path / LEDGER_NAME
    path.write_text(json.dumps(asdict(look(STEADY)) | damage) + "\n")
    with pytest.warns(LivermoreWarning, match="Line 1 of .* cannot be read"):
        assert Ledger(path).openings() == []


@pytest.fixture
def state(monkeypatch, tmp_path):
    folder = tmp_path / "state"
    monkeypatch.setenv("LIVERMORE_STATE_DIR", str(folder))
    monkeypatch.delenv("LIVERMORE_LEDGER")
    return folder


def test_another_folder_or_none_does_not_make_days_new(state, tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    assert ledger_for(tmp_path / "a").add(look(STEADY, "a")).trials == 1
    assert ledger_for(tmp_path / "b").add(look(STEADY, "b")).trials == 2
    assert ledger_for().add(look(STEADY, "c")).trials == 3
    # The folder's own ledger travels with it.
    assert len(Ledger(tmp_path / "a" / LEDGER_NAME).openings()) == 1
    assert len(Ledger(state / LEDGER_NAME).openings()) == 3
    # A line that stands in both counts once.
    assert ledger_for(tmp_path / "a").add(look(STEADY, "a")).trials == 3


def test_the_users_ledger_can_be_switched_off_and_a_note_says_so(state, monkeypatch, tmp_path):
    off = ledger_for(user=False)
    assert (off.is_kept, off.add(look(STEADY)).trials) == (False, 1)
    assert "switched off" in off.note
    monkeypatch.setenv("LIVERMORE_LEDGER", "off")
    assert "switched off" in ledger_for(tmp_path).note
    assert ledger_for(tmp_path).is_kept
    assert not state.exists()


@pytest.mark.parametrize("kind", ["a file", "read-only", "a pipe"])
def test_a_state_folder_that_cannot_be_written_to_is_no_error(state, tmp_path, kind):
    if kind == "a file":
        state.write_text("")
    elif kind == "a pipe":
        state.mkdir()
        os.mkfifo(state / LEDGER_NAME)
    else:
        if os.geteuid() == 0:
            pytest.skip("an administrator may write everywhere")
        state.mkdir(mode=0o500)
    with pytest.warns(LivermoreWarning, match="user's ledger cannot be written to"):
        ledger = ledger_for(tmp_path)
    assert "cannot be written to" in ledger.note
    assert ledger.add(look(STEADY)).trials == 1
    assert (tmp_path / LEDGER_NAME).exists()
