"""Sessions under random faults and kills; ``python benchmarks/chaos.py`` runs as many as are asked for."""

from pathlib import Path

import pytest

pytest.importorskip("ccxt", reason="needs the extra ccxt")

from tests.live.chaos import run_paper


@pytest.mark.parametrize("seed", range(8))
def test_a_session_on_paper_takes_the_exchanges_minutes_whatever_goes_wrong(seed: int, tmp_path: Path) -> None:
    outcome = run_paper(seed, tmp_path)
    assert outcome.problems == []
    assert outcome.starts > 5
    assert outcome.trades > 0
