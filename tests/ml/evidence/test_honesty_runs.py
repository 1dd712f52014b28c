"""Simulations go on where they were interrupted, and their tables say what was found."""

import pytest

BROKEN = '{"cell": "a", "seed": 1, "co'


@pytest.fixture
def runs(simulations):
    return simulations("runs")


def drawn(runs, calls):
    def simulate(random):
        calls.append(1)
        return {"yes": random.random() < 0.5, "unknown": float("nan")}

    return runs.Cell("a", simulate, (runs.Measure("yes", "says yes", high=0.05),))


def test_sets_that_are_known_are_not_simulated_again(runs, tmp_path):
    path, calls = tmp_path / "results.jsonl", []
    runs.run([drawn(runs, calls)], range(3), runs.Results(path, "code"), jobs=1)
    first = runs.Results(path, "code").of("a")
    runs.run([drawn(runs, calls)], range(5), runs.Results(path, "code"), jobs=1)
    assert len(calls) == 5
    assert runs.Results(path, "code").of("a")[:3] == first
    assert all(row["unknown"] is None for row in first)


def test_sets_of_other_code_are_not_used(runs, tmp_path):
    path, calls = tmp_path / "results.jsonl", []
    runs.run([drawn(runs, calls)], range(3), runs.Results(path, "code"), jobs=1)
    assert runs.Results(path, "other code").of("a") == []


def test_a_line_that_was_cut_off_is_simulated_again_and_spoils_no_other(runs, tmp_path):
    path, calls = tmp_path / "results.jsonl", []
    runs.run([drawn(runs, calls)], range(1), runs.Results(path, "code"), jobs=1)
    path.write_text(path.read_text() + BROKEN)
    runs.run([drawn(runs, calls)], range(2), runs.Results(path, "code"), jobs=1)
    assert len(calls) == 2
    assert len(runs.Results(path, "code").of("a")) == 2


def test_a_set_is_the_same_whatever_else_is_run(runs):
    one, same, other = (runs.generator(cell, 3).random() for cell in ("a", "a", "b"))
    assert one == same != other


def test_a_table_marks_figures_outside_of_their_bound(simulations, runs):
    cell = drawn(runs, [])
    tables = simulations("tables")
    bad = tables.table([cell], {"a": [{"yes": k < 50} for k in range(100)]})
    good = tables.table([cell], {"a": [{"yes": k < 5} for k in range(100)]})
    assert "| a | **50.0 ± 5.0 % (≤ 5 %)** | 100 |" in bad
    assert "| a | 5.0 ± 2.4 % (≤ 5 %) | 100 |" in good


def test_figures_that_are_not_known_are_left_out_of_a_mean(simulations, runs):
    rows = [{"yes": True}, {"yes": None}, {}]
    assert "100.0 ± 47.1 % of 1 (≤ 5 %)" in simulations("tables").table([drawn(runs, [])], {"a": rows})


def test_no_yes_in_a_few_sets_does_not_mean_never(simulations):
    mean, error = simulations("tables").summary([0.0] * 20, counted=True)
    assert mean == 0
    assert error > 0.04
