"""A period in several parts gives the samples of one run, whatever the strategy carries over the seams."""

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.scale import strategies

from livermore.candles import Base, project_store, resample, synthetic_candles
from livermore.errors import TimeframeError
from livermore.ml.dataset import Dataset
from livermore.scale import gather_universe
from livermore.scale._state_digest import UnknownStateError, digest
from livermore.scale._task import split_period

PERIOD = ("2021-01-03", "2021-02-09")


def gather(kind: Any, root: Path, config: dict[str, Any], **options: Any) -> Dataset:
    return gather_universe(kind, ["S0-USDT"], *PERIOD, config, root=root, n_jobs=1, verbose=False, **options).dataset()


@pytest.mark.parametrize("kind", strategies.ALL, ids=lambda kind: kind.__name__)
def test_ten_parts_give_the_samples_of_one_run(
    kind: Any, make_project: Callable[..., Path], config: dict[str, Any]
) -> None:
    root = make_project(symbols=1, days=40)
    whole, parts = (gather(kind, root, config, parts=parts, folder=root / str(parts)) for parts in (1, 10))
    assert len(whole) > 5
    assert whole.fingerprint() == parts.fingerprint()
    np.testing.assert_array_equal(whole.label_time, parts.label_time)


def test_data_routes_are_warmed_up_at_seams(make_project: Callable[..., Path], config: dict[str, Any]) -> None:
    class Filtered(strategies.Short):
        def ml_features(self) -> dict[str, float]:
            higher = self.get_candles(self.exchange, self.symbol, "4h")
            return {"trend": float(strategies.ta.ema(higher, 20)) / self.price, "rows": float(len(higher) > 40)}

    root = make_project(symbols=1, days=40)
    options: dict[str, Any] = {"data_routes": [{"timeframe": "4h"}]}
    config["warm_up_candles"] = 10
    whole, parts = (gather(Filtered, root, config, parts=n, folder=root / str(n), **options) for n in (1, 4))
    assert whole.fingerprint() == parts.fingerprint()


def test_most_parts_of_a_strategy_with_short_trades_run_alone(
    make_project: Callable[..., Path], config: dict[str, Any]
) -> None:
    """Otherwise each part would be run from the beginning, and nothing would be gained."""
    root = make_project(symbols=1, days=40)
    gather(strategies.Short, root, config, parts=8, folder=root / "x")
    assert len(list((root / "x").glob("*/*.json"))) <= 10


def test_periods_tile_the_whole() -> None:
    day = 86_400_000
    found = split_period(0, 365 * day, 10, day)
    assert len(found) == 10
    assert found[0][0] == 0
    assert found[-1][1] == 365 * day
    assert all(left[1] == right[0] for left, right in pairwise(found))
    assert split_period(0, 3 * day, 10, day) == [(0, day), (day, 2 * day), (2 * day, 3 * day)]


@pytest.mark.parametrize("value", [iter([1]), (x for x in ()), object()], ids=["iterator", "generator", "object"])
def test_what_cannot_be_compared_is_refused(value: Any) -> None:
    with pytest.raises(UnknownStateError):
        digest({"a": value})


def test_containers_in_themselves_are_refused() -> None:
    loop: list[Any] = []
    loop.append(loop)
    with pytest.raises(UnknownStateError):
        digest(loop)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (np.arange(3), np.arange(3.0)),
        (np.zeros((2, 3)), np.zeros((3, 2))),
        ([1, 2], [2, 1]),
        ({"a": 1}, {"a": True}),
        ("1", 1),
        (np.array([1, None], dtype=object), np.array([2, None], dtype=object)),
    ],
)
def test_different_values_have_different_digests(one: Any, other: Any) -> None:
    assert digest(one) != digest(other)


def test_parts_of_hourly_candles(make_project: Callable[..., Path], config: dict[str, Any]) -> None:
    hours = Base("1h")
    root = make_project(symbols=0)
    minutes = synthetic_candles(120 * 1440, seed=3)
    project_store(root, hours).write(resample(minutes, "1h"), "Sandbox", "S0-USDT")
    config |= {"base": "1h", "warm_up_candles": 20}
    period = "2021-01-10", "2021-04-20"
    whole, parts = (
        gather_universe(
            strategies.CountsBars,
            ["S0-USDT"],
            *period,
            config,
            timeframe="2h",
            root=root,
            folder=root / str(n),
            parts=n,
            n_jobs=1,
            verbose=False,
        ).dataset()
        for n in (1, 4)
    )
    assert len(whole) > 20
    assert whole.fingerprint() == parts.fingerprint()
    with pytest.raises(TimeframeError, match="no whole multiple"):
        gather_universe(strategies.Short, None, *period, config, timeframe="15m", root=root)
