"""The parts of a run add up to the whole, wherever it is cut."""

import math
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from livermore.engine.model_summary import period_metrics

MINUTES = 3000


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    seed=st.integers(0, 1000),
    cuts=st.lists(st.integers(-50, MINUTES + 50), min_size=1, max_size=3),
    kind=st.sampled_from(["cross", "isolated", "spot"]),
)
def test_parts_of_a_run_balance_at_every_cut(
    seed: int, cuts: list[int], kind: str, session_of: Any, random_minutes: Any, restless: Any
) -> None:
    options = {
        "cross": {"futures_leverage": 3},
        "isolated": {"futures_leverage": 50, "futures_leverage_mode": "isolated"},
        "spot": {"type": "spot"},
    }[kind]
    strategy = restless.RestlessSpot if kind == "spot" else restless.Restless
    session = session_of(strategy, random_minutes(seed, MINUTES, gaps=0.05), "5m", fee=0.001, **options)
    session.run()
    start, end = int(session.clock.start / 1000), int(session.clock.now / 1000) + 1
    edges = sorted({start, end, *(min(max(start + 60 * cut, start), end) for cut in cuts)})
    parts = [period_metrics(session, *edge) for edge in pairwise(edges)]
    assert sum(part["total"] for part in parts) == len(session.trades)
    traded = [part for part in parts if part["total"]]
    balance = session.config.starting_balance
    for part in traded:
        assert part["starting_balance"] == pytest.approx(balance, abs=0.005)
        balance = part["finishing_balance"]
        assert balance - part["starting_balance"] == pytest.approx(part["net_profit"], abs=0.005)
    if kind != "spot":
        # On spot the fee is paid in the asset, and the profits of trades, counted as Jesse does, miss a part of it.
        assert balance == pytest.approx(session.account.balance, abs=0.005)


def test_the_curve_of_the_whole_run_is_the_session_s(session_of: Any, random_minutes: Any, restless: Any) -> None:
    """What the trades had earned at each time, added to the start, is the equity that was recorded then."""
    session = session_of(restless.Restless, random_minutes(4, 9000), "15m", fee=0.0007, futures_leverage=3)
    session.run()
    whole = session.metrics()
    part = period_metrics(session, int(session.clock.start / 1000), int(session.clock.now / 1000) + 1)
    for name in ("max_drawdown", "annual_return", "sharpe_ratio", "net_profit", "finishing_balance", "calmar_ratio"):
        assert part[name] == pytest.approx(whole[name], rel=1e-9), name


def test_the_curve_of_a_part_begins_at_its_starting_balance(
    session_of: Any, random_minutes: Any, restless: Any
) -> None:
    session = session_of(restless.Restless, random_minutes(4, 9000), "15m", fee=0.0007)
    session.run()
    start, end = int(session.clock.start / 1000), int(session.clock.now / 1000) + 1
    cut = start + 86_400 * 3 + 60 * 7
    part = period_metrics(session, cut, end)
    days = (end * 1000 - cut * 1000) // 86_400_000
    growth = part["finishing_balance"] / part["starting_balance"]
    assert part["annual_return"] == pytest.approx((growth ** (365 / days) - 1) * 100)
    assert not math.isnan(part["sharpe_ratio"])
    assert np.isfinite(part["max_drawdown"])
