"""One measurement in one fresh process, under whichever Python starts it: the real Jesse's or livermore's.

    python benchmarks/side.py jesse|livermore CASE.json

`versus_jesse.py` starts it. Prints one JSON object: seconds (wall) and cpu of the measured part, peak memory, and a few
outcomes by which the two sides can be seen to have done the same work.
"""

import json
import os
import resource
import sys
import time
from pathlib import Path
from typing import Any

EXCHANGE, SYMBOL = "Sandbox", "BTC-USDT"


def main(side: str, case_file: str) -> None:
    """Measure the case and print what was found."""
    case = json.loads(Path(case_file).read_text())
    # The models of both sides are made by this benchmark, in Jesse's form, which nothing vouches for.
    os.environ["LIVERMORE_TRUST_MODELS"] = "1"
    # Made-up days do not belong into the user's ledger.
    os.environ["LIVERMORE_LEDGER"] = "off"
    os.chdir(case["project"])
    sys.path.insert(0, os.getcwd())
    if side == "livermore":
        import livermore

        livermore.install_as_jesse(replace=True)
    else:
        quiet_jesse()
    found = PARTS[case["part"]](case, side)
    found["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps(found))


def quiet_jesse() -> None:
    """Keep the real Jesse from looking for PostgreSQL when a trade closes."""
    from jesse.services.db import database

    database.open_connection = lambda: None


def clocked(work: Any) -> tuple[dict[str, float], Any]:
    """Run `work` and return its wall and CPU seconds (children included), and its result."""
    cpu, wall = cpu_seconds(), time.perf_counter()
    result = work()
    return {"seconds": time.perf_counter() - wall, "cpu": cpu_seconds() - cpu}, result


def cpu_seconds() -> float:
    """CPU time of this process and of its finished children."""
    return sum(sum(resource.getrusage(who)[:2]) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))


def config(warm_up: int) -> dict[str, Any]:
    """The account of all backtests here."""
    return {
        "starting_balance": 100_000,
        "fee": 0.0004,
        "type": "futures",
        "futures_leverage": 2,
        "futures_leverage_mode": "cross",
        "exchange": EXCHANGE,
        "warm_up_candles": warm_up,
    }


def candles(case: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Trading and warm-up candles of the case's symbols, which all have the same rows."""
    rows = first_rows(case["candles"], case["rows"])
    symbols = [f"S{i}-USDT" for i in range(case["symbols"])] if case.get("symbols") else [SYMBOL]
    n = case["warm_up_rows"]

    def named(part: Any) -> dict[str, Any]:
        return {f"{EXCHANGE}-{s}": {"exchange": EXCHANGE, "symbol": s, "candles": part} for s in symbols}

    return named(rows[n:]), named(rows[:n])


def first_rows(path: str, count: int) -> Any:
    """The first rows of a saved array; the rest, which other cases need, is not read."""
    import numpy as np

    with open(path, "rb") as file:
        np.lib.format.read_magic(file)
        (_, columns), _, dtype = np.lib.format.read_array_header_1_0(file)
        return np.fromfile(file, dtype, count * columns).reshape(-1, columns)


def backtest(case: dict[str, Any], side: str) -> dict[str, Any]:
    """Gather, or deploy, over the case's candles."""
    from jesse.research import backtest as run
    from jesse.strategies import Strategy

    trading, warm_up = candles(case)
    routes = [
        {"exchange": EXCHANGE, "strategy": case["strategy"], "symbol": entry["symbol"], "timeframe": case["timeframe"]}
        for entry in trading.values()
    ]
    data_routes = [
        {"exchange": EXCHANGE, "symbol": SYMBOL, "timeframe": timeframe} for timeframe in case["data_timeframes"]
    ]
    points: list[Any] = []
    plain = Strategy.__init__

    def start(self: Any, *args: Any, **kwargs: Any) -> None:
        plain(self, *args, **kwargs)
        self.ml_mode = case["ml_mode"]
        points.append(self)

    Strategy.__init__ = start
    account = config(case["warm_up_candles"])

    def work() -> Any:
        return run(account, routes, data_routes, trading, warm_up, fast_mode=True)

    if side == "livermore" and case["ml_mode"] == "gather" and case["strategy"] != "Empty":
        from livermore.research import gather_ml_data

        def work() -> Any:
            return gather_ml_data(account, routes, data_routes, trading, warm_up, csv_path=None, verbose=False)

    figures, result = clocked(work)
    metrics = result.get("metrics", result.get("backtest_metrics"))
    samples = result.get("data_points", [p for s in points for p in s._ml_data_points] if side == "jesse" else [])
    return {**figures, "trades": metrics["total"], "samples": len(samples)}


def bare(case: dict[str, Any], side: str) -> dict[str, Any]:
    """The hook calls of a flat strategy's bars, by a loop and nothing else."""
    import importlib

    strategy = getattr(importlib.import_module(f"strategies.{case['strategy']}"), case["strategy"])()
    hooks = strategy.before, strategy.should_short, strategy.should_long, strategy.after, strategy.update_chart
    bars = range((case["rows"] - case["warm_up_rows"]) // 15)

    def work() -> None:
        before, should_short, should_long, after, update_chart = hooks
        for _ in bars:
            before()
            should_short()
            should_long()
            after()
            update_chart()

    return clocked(work)[0]


def estimator(name: str) -> Any:
    """The estimators of the table, by name."""
    from sklearn.calibration import CalibratedClassifierCV
    from sklearn.ensemble import GradientBoostingClassifier, RandomForestClassifier
    from sklearn.linear_model import LogisticRegression
    from sklearn.svm import SVC

    if name == "lightgbm":
        from lightgbm import LGBMClassifier

        return LGBMClassifier(n_estimators=300, max_depth=4, random_state=0, n_jobs=1, verbose=-1)
    if name == "xgboost":
        from xgboost import XGBClassifier

        return XGBClassifier(n_estimators=300, max_depth=4, random_state=0, n_jobs=1)
    boosting = GradientBoostingClassifier(n_estimators=300, max_depth=3, random_state=0)
    return {
        "logistic": LogisticRegression(max_iter=1000),
        "svc": CalibratedClassifierCV(SVC(random_state=0), cv=3),
        "forest": RandomForestClassifier(n_estimators=300, max_depth=6, random_state=0),
        "boosting": CalibratedClassifierCV(boosting, cv=3),
    }[name]


def dataset(n: int, k: int) -> list[dict[str, Any]]:
    """Seeded samples: `k` autocorrelated features, of which three say a little of the label."""
    import numpy as np

    rng = np.random.default_rng(0)
    noise = rng.standard_normal((n, k))
    features = np.empty_like(noise)
    features[0] = noise[0]
    for i in range(1, n):
        features[i] = 0.9 * features[i - 1] + 0.44 * noise[i]
    labels = features[:, :3].sum(axis=1) * 0.3 + rng.standard_normal(n) > 0
    return [
        {
            "time": 1_600_000_000 + 900 * i,
            "features": {f"f{j:02d}": float(x) for j, x in enumerate(row)},
            "label": {"name": "win", "value": bool(label)},
        }
        for i, (row, label) in enumerate(zip(features, labels, strict=True))
    ]


def train(case: dict[str, Any], side: str) -> dict[str, Any]:
    """One `train_model` with everything that Jesse's reports."""
    import warnings

    from jesse.research import train_model

    warnings.simplefilter("ignore")
    data = dataset(case["n"], case["k"])
    arguments = case["arguments"] if side == "livermore" else {}
    # Made before the clock starts: whoever calls `train_model` has an estimator, and has loaded what it comes from.
    model = estimator(case["estimator"])
    figures, result = clocked(lambda: train_model(data, model, task="binary", verbose=False, **arguments))
    return {**figures, "accuracy": result["metrics"]["accuracy"], "roc_auc": result["metrics"]["roc_auc"]}


def fit_model(case: dict[str, Any]) -> None:
    """Write model and scaler beside the strategy, as both sides load them."""
    import joblib
    import numpy as np
    from sklearn.preprocessing import StandardScaler

    rng = np.random.default_rng(1)
    x = rng.standard_normal((4000, 10)) * np.array([0.002, 15, 12, 0.005, 0.01, 0.003, 0.004, 0.006, 0.008, 0.01])
    x += np.array([0.003, 25, 50, 0, 0, 0, 0, 0, 0, 0])
    scaler = StandardScaler().fit(x)
    scaled = scaler.transform(x)
    y = (scaled[:, :3].sum(axis=1) + rng.standard_normal(4000) > 0).astype(int)
    folder = Path("strategies") / case["strategy"]
    joblib.dump(estimator(case["estimator"]).fit(scaled, y), folder / "model.pkl")
    joblib.dump(scaler, folder / "scaler.pkl")


def deploy(case: dict[str, Any], side: str) -> dict[str, Any]:
    """A backtest that asks its model on every bar."""
    import warnings

    warnings.simplefilter("ignore")
    fit_model(case)
    return backtest(case, side)


def predict(case: dict[str, Any], side: str) -> dict[str, Any]:
    """The median of many single calls of `ml_predict_proba`, each with other features."""
    import importlib
    import statistics
    import warnings

    import numpy as np

    warnings.simplefilter("ignore")
    fit_model(case)
    strategy = getattr(importlib.import_module(f"strategies.{case['strategy']}"), case["strategy"])
    rows = np.random.default_rng(2).standard_normal((case["calls"], 10))
    names = ["adx", "atr", "ema_50", "ema_9", "r1", "r16", "r2", "r4", "r8", "rsi"]
    current: dict[str, float] = {}
    strategy.ml_features = lambda self: current
    asked = strategy()
    times, total = [], 0.0
    for row in [rows[0], *rows]:
        current = dict(zip(names, row.tolist(), strict=True))
        start = time.perf_counter()
        answer = asked.ml_predict_proba()
        times.append(time.perf_counter() - start)
        total += answer[1]
    seconds = statistics.median(times[1:])
    return {"seconds": seconds, "cpu": seconds, "sum": total}


def imports(case: dict[str, Any], side: str) -> dict[str, Any]:
    """Nothing: the process itself is what is measured."""
    import jesse.research

    assert jesse.research
    return {}


PARTS = {"backtest": backtest, "train": train, "deploy": deploy, "predict": predict, "import": imports, "bare": bare}

if __name__ == "__main__":
    main(*sys.argv[1:3])
