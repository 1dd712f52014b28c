"""Shows that files pass between livermore and Jesse: samples as CSV, models, scalers, importance tables.

Run it with any Python; it starts two others, of environments with the same scikit-learn and numpy (Jesse 3.5.3 pins
1.8.0 and 1.26.4; a random state that was pickled under numpy 2 does not load under numpy 1):

    python benchmarks/interop_with_jesse.py --jesse JESSE_VENV/bin/python --livermore LIVERMORE_VENV/bin/python

Each side gathers samples with the same strategies on the same seeded candles, writes them as CSV, trains, saves,
deploys and backtests. Then each loads what the other wrote, predicts every sample, and runs the strategy with the
other's model. The table says what was compared and how far the two are apart. The exit status is 1 if anything
differs.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[1]
TESTS = REPOSITORY / "tests"
CASES = {
    "close-label-walk": ("binary", "LogisticRegression"),
    "meta-supertrend-walk": ("binary", "RandomForestClassifier"),
    "triple-barrier-walk": ("multiclass", "LogisticRegression"),
    "time-window-walk": ("regression", "Ridge"),
    "wide-regression-walk": ("regression", "GradientBoostingRegressor"),
}
SIDES = ("livermore", "jesse")
TOLERANCE = 1e-9


def main() -> int:
    """Run both sides, compare, and return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jesse", default=os.environ.get("LIVERMORE_ORACLE"), help="Python of Jesse's environment")
    parser.add_argument("--livermore", default=sys.executable, help="Python of livermore's environment")
    options = parser.parse_args()
    if not options.jesse:
        parser.error("--jesse, or LIVERMORE_ORACLE, must name the Python of an environment that has Jesse 3.5.3")
    pythons = {"livermore": options.livermore, "jesse": options.jesse}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        written = {side: _call(pythons[side], "write", side, folder, side) for side in SIDES}
        read = {
            (writer, reader): _call(pythons[reader], "read", reader, folder, writer)
            for writer, reader in (SIDES, SIDES[::-1])
        }
    for side in SIDES:
        print(f"{side}: {written[side]['versions']}")
    rows = [row for (writer, reader), got in read.items() for row in _compared(writer, reader, written[writer], got)]
    _print_table(rows)
    return 0 if all(row[-1] == "equal" for row in rows) else 1


def _call(python: str, step: str, side: str, folder: Path, writer: str) -> dict[str, Any]:
    """Run one step of one side in its own process and return what it found."""
    out = folder / f"{step}-{side}.json"
    command = [python, __file__, "--step", step, side, str(folder / writer), str(out)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{side} failed to {step}:\n{done.stdout[-1000:]}\n{done.stderr[-3000:]}")
    return json.loads(out.read_text())


def _compared(writer: str, reader: str, written: dict[str, Any], read: dict[str, Any]) -> list[tuple[str, ...]]:
    """Return table rows: who wrote, who read, case, what, how many, largest difference, verdict."""
    rows = []
    for case, (task, estimator) in CASES.items():
        left, right = written["cases"][case], read["cases"][case]
        for what in left.keys() & right.keys():
            distance = _distance(left[what], right[what])
            verdict = "equal" if distance <= TOLERANCE else "DIFFERENT"
            label = f"{task}, {estimator}"
            rows.append((writer, reader, case, label, what, str(len(left[what])), f"{distance:.1e}", verdict))
    return sorted(rows)


def _distance(left: Any, right: Any) -> float:
    """Return the largest difference between two nested values, infinite if their shapes or words differ."""
    if isinstance(left, dict) and isinstance(right, dict) and left.keys() == right.keys():
        return max((_distance(left[key], right[key]) for key in left), default=0.0)
    if isinstance(left, list) and isinstance(right, list) and len(left) == len(right):
        return max((_distance(one, other) for one, other in zip(left, right, strict=True)), default=0.0)
    both = (left, right)
    if all(isinstance(value, int | float) for value in both) and type(left) is type(right):
        return abs(left - right) / max(1.0, abs(left))
    return 0.0 if left == right else float("inf")


def _print_table(rows: list[tuple[str, ...]]) -> None:
    header = ("written by", "read by", "case", "task, estimator", "what", "values", "largest difference", "")
    widths = [max(len(row[column]) for row in [header, *rows]) for column in range(len(header))]
    for row in [header, *rows]:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


# What runs in the environment of one side


def _step(step: str, side: str, store: str, out: str) -> None:
    """Write files, or read the other side's, in a new working directory."""
    sys.path[:0] = [str(TESTS / "differential"), str(TESTS / "acceptance")]
    target = Path(store)
    target.mkdir(exist_ok=True)
    work = Path(tempfile.mkdtemp())
    shutil.copytree(TESTS / "acceptance" / "strategies", work / "strategies")
    (work / "strategies" / "__init__.py").touch()
    os.chdir(work)
    sys.path.insert(0, str(work))
    research = _research(side)
    found = {case: {"write": _write, "read": _read}[step](research, case, target / case) for case in CASES}
    import numpy
    import sklearn

    versions = f"scikit-learn {sklearn.__version__}, numpy {numpy.__version__}, Python {sys.version.split()[0]}"
    Path(out).write_text(json.dumps({"versions": versions, "cases": found}))


def _research(side: str) -> Any:
    if side == "livermore":
        import livermore

        livermore.install_as_jesse()
        import livermore.research as research
    else:
        from jesse import research
        from jesse.services.db import database

        # Jesse records closed trades in PostgreSQL where it takes the folder for a live project.
        database.open_connection = lambda: None
    return research


def _write(research: Any, case: str, folder: Path) -> dict[str, Any]:
    """Gather, write the CSV, train, save, deploy; return what the files say to their writer."""
    import gather_cases

    folder.mkdir()
    name = gather_cases.CASES[case]["strategy"]
    task, estimator = CASES[case]
    with _watched() as instances:
        research.backtest(**gather_cases.inputs_of(case))
    instances[0].export_ml_data(str(folder))
    samples = [
        {"time": point["time"], "features": dict(point["features"]), "label": dict(point["label"])}
        for point in instances[0]._ml_data_points
    ]
    (folder / "samples.json").write_text(json.dumps(samples, default=float))
    research.train_model(samples, _estimator(estimator), task=task, save_to=str(folder), verbose=False)
    return _used(research, case, name, folder, samples)


def _read(research: Any, case: str, folder: Path) -> dict[str, Any]:
    """Load what the other side wrote, and return what it says here."""
    import gather_cases

    name = gather_cases.CASES[case]["strategy"]
    samples = json.loads((folder / "samples.json").read_text())
    return _used(research, case, name, folder, samples)


def _used(research: Any, case: str, name: str, folder: Path, samples: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the samples of the CSV, what the model predicts, its importance, and the trades made with it."""
    import gather_cases
    import numpy as np

    # Both sides made these models just now; nothing vouches for those of the other one.
    os.environ["LIVERMORE_TRUST_MODELS"] = "1"
    # Made-up days do not belong into the user's ledger.
    os.environ["LIVERMORE_LEDGER"] = "off"
    model = research.load_ml_model(str(folder))
    names = sorted(samples[0]["features"])
    rows = model["scaler"].transform(np.array([[float(s["features"][key]) for key in names] for s in samples]))
    predict = getattr(model["model"], "predict_proba", model["model"].predict)
    used = {"predictions": np.asarray(predict(rows)).tolist(), "importance": _importance(model["feature_importance"])}
    if not any(isinstance(value, bool) for value in samples[0]["features"].values()):
        # Jesse cannot read a boolean feature back from a CSV, not even its own.
        csv = next((folder / "ml_data").glob("*.csv"))
        # livermore reads more than these, from the Parquet file that it writes beside the CSV.
        keys = ("time", "features", "label")
        loaded = [{key: sample[key] for key in keys} for sample in research.load_ml_data_csv(str(csv))]
        used["samples of the CSV"] = _as_numbers(_plain(loaded))
    for file in (*folder.glob("*.pkl"), *folder.glob("model.json")):
        shutil.copy(file, f"strategies/{name}")
    source = Path(f"strategies/{name}/__init__.py")
    text = source.read_text()
    source.write_text(f"{text}\n\n{name}.ml_mode = 'deploy'\n")
    # The file was imported in gather mode, and an import system may take its old bytes for new ones.
    for module in [module for module in sys.modules if module.startswith("strategies")]:
        del sys.modules[module]
    shutil.rmtree(source.parent / "__pycache__", ignore_errors=True)
    trades = research.backtest(**gather_cases.inputs_of(case))["trades"]
    used["trades of the deployed strategy"] = [
        [trade[key] for key in ("type", "entry_price", "exit_price", "qty", "opened_at", "closed_at", "PNL")]
        for trade in trades
    ]
    source.write_text(text)
    return used


def _importance(table: dict[str, Any]) -> dict[str, Any]:
    """Return the columns that both write."""
    keys = ("feature_names", "rfe_ranking", "anova_f_values", "correlations", "cv_impacts", "consensus_ranks", "_order")
    return {key: _plain(table[key]) for key in keys}


def _watched() -> Any:
    """Collect the strategies that a run makes."""
    from contextlib import contextmanager

    from jesse.strategies import Strategy

    @contextmanager
    def watching():
        instances: list[Any] = []
        original = Strategy.__init__

        def remember(self, *args, **kwargs):
            original(self, *args, **kwargs)
            instances.append(self)

        Strategy.__init__ = remember
        try:
            yield instances
        finally:
            Strategy.__init__ = original

    return watching()


def _estimator(name: str) -> Any:
    from sklearn import ensemble, linear_model

    kinds = {**vars(ensemble), **vars(linear_model)}
    return kinds[name](**({"random_state": 0, "n_estimators": 30} if name in vars(ensemble) else {}))


def _as_numbers(samples: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the samples with their features as floats; a whole number is one to the side that wrote it."""
    return [{**s, "features": {name: float(value) for name, value in s["features"].items()}} for s in samples]


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value.tolist() if hasattr(value, "tolist") else value


if __name__ == "__main__":
    if sys.argv[1:2] == ["--step"]:
        _step(*sys.argv[2:])
    else:
        sys.exit(main())
