"""Without a compiler the engine is plain Python, and makes the same trades."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import livermore

RUN = """
import json, sys
import numpy as np
sys.path.insert(0, sys.argv[1])
from random_strategy import Restless, RestlessSpot
from livermore.engine import run_session
from livermore.engine import exchange

def run(strategy, **changes):
    rng = np.random.default_rng(4)
    close = 100 + np.cumsum(rng.normal(0, 0.1, 900))
    opening = np.r_[100.0, close[:-1]] + rng.normal(0, 0.3, 900) * (rng.random(900) < 0.1)
    high = np.maximum(opening, close) + np.abs(rng.normal(0, 0.1, 900))
    low = np.minimum(opening, close) - np.abs(rng.normal(0, 0.1, 900))
    rows = np.column_stack([1_640_995_200_000 + 60_000 * np.arange(900.0), opening, close, high, low, rng.random(900)])
    place = {"exchange": "E", "symbol": "BTC-USDT"}
    config = {"starting_balance": 10_000, "fee": 0.0005, "type": "futures", "futures_leverage": 20,
              "futures_leverage_mode": "isolated", "exchange": "E", "warm_up_candles": 0} | changes
    result = run_session(config, [{**place, "timeframe": "3m", "strategy": strategy}], [],
                         {"E-BTC-USDT": {**place, "candles": rows}})
    keys = ("side", "type", "qty", "price", "filled_qty", "executed_at", "submitted_via")
    trades = [[[order.to_dict[key] for key in keys] for order in trade.orders] for trade in result.closed_trades]
    return trades, [trade.pnl for trade in result.closed_trades], result.balances, result.strategies[0].seen

plain = exchange.__file__.endswith(".py")
print(json.dumps([plain, run(Restless), run(RestlessSpot, type="spot")]))
"""


def told(source: Path) -> list:
    """Run both strategies in a process of its own, with the package from that folder."""
    environment = os.environ | {"PYTHONPATH": str(source), "PYTHONWARNINGS": "ignore"}
    here = str(Path(__file__).parent)
    done = subprocess.run(
        [sys.executable, "-c", RUN, here], env=environment, capture_output=True, text=True, check=False, timeout=300
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_plain_python_makes_the_same_trades(tmp_path: Path) -> None:
    package = Path(livermore.__file__).parent
    shutil.copytree(
        package, tmp_path / "livermore", ignore=shutil.ignore_patterns("*.so", "*.pyd", "*.pxd", "__pycache__")
    )
    is_plain, *its = told(tmp_path)
    assert is_plain
    is_plain, *ours = told(package.parent)
    if is_plain:
        pytest.skip("there is no compiled package to compare with")
    assert its == ours
    assert min(len(trades) for trades, *_ in ours) > 10
