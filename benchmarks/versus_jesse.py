"""How many times faster than the real Jesse, both measured in one run on one machine.

    python benchmarks/versus_jesse.py --jesse PYTHON [--parts gather,train,…] [--runs 5] [--full] [--json FILE]

PYTHON is the interpreter of an environment that holds Jesse 3.5.3. Every figure comes from fresh processes of the two,
in turn; medians are compared. Long cases (marked 1 in the column `runs`) are measured once, and the largest training
sizes only with ``--full``. ``--before PYTHON`` compares with the livermore of another environment, such as the version
before a change. Without Jesse, ``--smoke`` runs each part once on a small size, for livermore alone.
"""

import argparse
import compileall
import json
import math
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
STRATEGIES = (HERE / "strategies", HERE.parent / "tests" / "acceptance" / "strategies")
YEAR = 365 * 1440
WARM_UP_DAYS = 40
WARM_UP_CANDLES = 240


class MissingPackageError(Exception):
    """A side's environment lacks a package that a case needs."""


@dataclass(frozen=True)
class Case:
    """One row of the table."""

    part: str
    title: str
    settings: dict[str, Any]
    target: str = ""
    figure: str = "seconds"
    runs: int | None = None
    full: bool = False
    smoke: dict[str, Any] = field(default_factory=dict)


def gathering() -> list[Case]:
    """The backtests that record samples."""
    smoke = {"rows": (WARM_UP_DAYS + 5) * 1440}

    def case(title: str, strategy: str, years: int, target: str, **extra: Any) -> Case:
        runs = extra.pop("runs", None)
        full = extra.pop("full", False)
        settings = backtest_settings(strategy, years * YEAR) | extra
        return Case("gather", f"gather, {title}, {years} y", settings, target, runs=runs, full=full, smoke=smoke)

    four_hours = {"data_timeframes": ["4h"]}
    return [
        case("empty strategy 15m", "Empty", 1, "15", ml_mode="gather"),
        case("triple barrier, 3 features 15m", "Barrier3", 1, "12"),
        case("triple barrier, 3 features 15m", "Barrier3", 3, "12", runs=3),
        case("multiclass, 10 features 15m", "Barrier10", 1, "10"),
        case("multiclass, 10 features 15m", "Barrier10", 3, "10", runs=3),
        case("regression, 18 features, 4h route 15m", "WideRegression", 1, "10", **four_hours),
        case("regression, 18 features, 4h route 15m", "WideRegression", 3, "10", runs=3, **four_hours),
        case("trading, label on close 15m", "Trading", 1, "12"),
        case("trading, label on close 1m", "Trading", 1, "12", timeframe="1m", runs=1),
        case("meta-labeling, sequential 15m", "MetaSupertrend", 1, "100", runs=1),
        case("meta-labeling, sequential 15m", "MetaSupertrend", 3, "100", runs=1, full=True),
    ]


def backtest_settings(strategy: str, trading_rows: int) -> dict[str, Any]:
    """A backtest on the synthetic market, with its warm-up."""
    return {
        "strategy": strategy,
        "timeframe": "15m",
        "data_timeframes": [],
        "ml_mode": "gather",
        "warm_up_candles": WARM_UP_CANDLES,
        "warm_up_rows": WARM_UP_DAYS * 1440,
        "rows": WARM_UP_DAYS * 1440 + trading_rows,
    }


def training() -> list[Case]:
    """`train_model` with all that Jesse reports; livermore's own evidence is switched off, then on."""
    same = {"arguments": {"evidence": False}}
    smoke = {"n": 300, "k": 4}

    def case(name: str, n: int, k: int, target: str, **extra: Any) -> Case:
        settings = {"estimator": name, "n": n, "k": k, "arguments": {}} | extra.pop("settings", {})
        title = extra.pop("title", "")
        return Case("train", f"train {name}{title}, {n:,} × {k}", settings, target, smoke=smoke, **extra)

    return [
        case("logistic", 2_000, 10, "", settings=same, runs=3),
        case("svc", 2_000, 10, "2", settings=same, runs=1),
        case("forest", 2_000, 10, "2", settings=same, runs=1),
        case("boosting", 2_000, 10, "2", settings=same, runs=1),
        case("logistic", 10_000, 18, "12", settings=same, runs=1),
        case("logistic", 2_000, 10, "", title=" with all evidence", runs=1),
        case("svc", 10_000, 18, "2", settings=same, runs=1, full=True),
        case("forest", 10_000, 18, "2", settings=same, runs=1, full=True),
        case("boosting", 10_000, 18, "2", settings=same, runs=1, full=True),
    ]


def predicting() -> list[Case]:
    """Single calls, as a strategy makes them."""
    targets = {"forest": "500", "boosting": "50", "svc": "30", "logistic": "50", "lightgbm": "5", "xgboost": "3"}
    return [
        Case(
            "predict",
            f"one ml_predict_proba, {name}",
            {"strategy": "EveryBar", "estimator": name, "calls": 300},
            target,
            runs=3,
            smoke={"calls": 5},
        )
        for name, target in targets.items()
    ]


def deploying() -> list[Case]:
    """A year in which a model is asked on every bar."""
    return [
        Case(
            "deploy",
            f"deploy on each 15m bar, {name}, 1 y",
            backtest_settings("EveryBar", YEAR) | {"ml_mode": "deploy", "estimator": name},
            target,
            runs=runs,
            full=full,
            smoke={"rows": (WARM_UP_DAYS + 2) * 1440},
        )
        for name, target, runs, full in (
            ("logistic", "15", 3, False),
            ("boosting", "50", 1, False),
            ("forest", "300", 1, True),
        )
    ]


def starting() -> list[Case]:
    """What a process costs before and around its work, and how much memory it holds."""
    whole = backtest_settings("Barrier3", YEAR)
    three_years = backtest_settings("Barrier3", 3 * YEAR)
    smoke = {"rows": (WARM_UP_DAYS + 5) * 1440}
    return [
        Case("import", "import research", {}, "10", figure="process"),
        Case("gather", "whole process, cold, 3 features, 1 y", whole, "12", figure="process", smoke=smoke),
        Case("memory", "peak memory, 3 y of 1m candles", three_years, "2", figure="peak_mb", runs=1, smoke=smoke),
    ]


def main() -> None:
    """Parse, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jesse", default=os.environ.get("LIVERMORE_ORACLE"), help="Python of Jesse's environment")
    parser.add_argument("--before", metavar="PYTHON", help="compare with the livermore of this environment instead")
    parser.add_argument("--parts", default="gather,train,predict,deploy,import,memory,scaling")
    parser.add_argument("--only", default="", help="only rows whose title holds this text")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--full", action="store_true", help="the longest cases too")
    parser.add_argument("--smoke", action="store_true", help="small sizes, livermore alone")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    if not (options.jesse or options.before or options.smoke):
        parser.error("name the Python of an environment with Jesse 3.5.3: --jesse PYTHON")
    work = Path(tempfile.mkdtemp(prefix="versus-"))
    try:
        rows = Bench(options, work).run()
    finally:
        shutil.rmtree(work, ignore_errors=True)
    if options.json:
        options.json.write_text(json.dumps(rows, indent=1))


class Bench:
    """One run of the benchmark: its options, and the folder where projects and candles lie."""

    def __init__(self, options: argparse.Namespace, work: Path) -> None:
        self.options = options
        self.work = work
        self.parts = set(options.parts.split(","))
        self.candles = work / "candles.npy"
        self.other = "before" if options.before else "jesse"
        self.pythons = {"livermore": sys.executable, "jesse": options.jesse, "before": options.before}

    def run(self) -> list[dict[str, Any]]:
        """Measure what was asked for."""
        print(
            f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
        )
        cases = [*gathering(), *training(), *predicting(), *deploying(), *starting()]
        chosen = [case for case in cases if self._is_wanted(case)]
        self._compile_bytecode()
        self._make_candles(chosen)
        columns = ("what", self.other, "livermore", "ratio", "target", "CPU ratio", "spread", "runs")
        head = "{:<48}{:>12}{:>12}{:>9}{:>8}{:>11}{:>14}{:>6}".format(*columns)
        print(f"\n{head}\n{'-' * len(head)}")
        rows = [row for case in chosen if (row := self._row(case)) is not None]
        if "gather" in self.parts and self.options.only in "empty strategy":
            rows.append(self._bare())
        if "scaling" in self.parts:
            rows += self._scaling()
        return rows

    def _is_wanted(self, case: Case) -> bool:
        return (
            case.part in self.parts
            and self.options.only in case.title
            and (self.options.full or not case.full or self.options.smoke)
        )

    @staticmethod
    def _compile_bytecode() -> None:
        """Do for a source tree what an installer does; Jesse's environment was installed and has its bytecode."""
        import livermore

        compileall.compile_dir(Path(livermore.__file__).parent, quiet=1)

    def _make_candles(self, cases: list[Case]) -> None:
        """The synthetic market that all backtests share, as long as the longest needs.

        Made by a process of its own: what this one holds when it starts another counts as that one's peak memory.
        """
        longest = max((case.settings.get("rows", 0) for case in cases), default=0)
        if "scaling" in self.parts:
            longest = max(longest, WARM_UP_DAYS * 1440 + (1 if self.options.smoke else 10) * YEAR)
        if self.options.smoke:
            longest = min(longest, (WARM_UP_DAYS + 30) * 1440)
        if longest:
            make = (
                "import sys, numpy, livermore.candles\n"
                "numpy.save(sys.argv[1], livermore.candles.synthetic_candles(int(sys.argv[2]), seed=3))"
            )
            subprocess.run([sys.executable, "-c", make, str(self.candles), str(longest)], check=True)

    def _row(self, case: Case) -> dict[str, Any] | None:
        """Measure one case on both sides, in turn, and print its line; None where a side lacks a package for it."""
        try:
            row = self._measured(case)
        except MissingPackageError as error:
            print(f"{case.title:<48}not measured: {error}", flush=True)
            return None
        print(line(row), flush=True)
        return row

    def _measured(self, case: Case) -> dict[str, Any]:
        """Measure one case on both sides, in turn."""
        settings = case.settings | (case.smoke if self.options.smoke else {})
        runs = 1 if self.options.smoke else min(self.options.runs, case.runs or self.options.runs)
        sides = ["livermore"] if self.options.smoke else [self.other, "livermore"]
        found: dict[str, list[dict[str, Any]]] = {side: [] for side in sides}
        for _ in range(runs):
            for side in sides:
                found[side].append(self._measure(side, case.part, settings))
        return {"title": case.title, "target": case.target, "runs": runs, "found": found, "figure": case.figure}

    def _measure(self, side: str, part: str, settings: dict[str, Any]) -> dict[str, Any]:
        """One fresh process in a fresh project folder."""
        project = Path(tempfile.mkdtemp(dir=self.work))
        for folder in STRATEGIES:
            shutil.copytree(folder, project / "strategies", dirs_exist_ok=True)
        (project / "strategies" / "__init__.py").touch()
        names = {"memory": "backtest", "gather": "backtest"}
        case = settings | {"part": names.get(part, part), "project": str(project), "candles": str(self.candles)}
        case_file = project / "case.json"
        case_file.write_text(json.dumps(case))
        package = "jesse" if side == "jesse" else "livermore"
        command = [self.pythons[side], str(HERE / "side.py"), package, str(case_file)]
        start = time.perf_counter()
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        process = time.perf_counter() - start
        shutil.rmtree(project, ignore_errors=True)
        if "ModuleNotFoundError" in done.stderr:
            raise MissingPackageError(f"{side}'s environment: {done.stderr.splitlines()[-1]}")
        if done.returncode:
            raise SystemExit(f"{side}: {part} {settings}\n{done.stderr[-3000:]}")
        return json.loads(done.stdout.splitlines()[-1]) | {"process": process}

    def _bare(self) -> dict[str, Any]:
        """An empty strategy's backtest against a Python loop that calls the five hooks of a flat bar."""
        settings = backtest_settings("Empty", YEAR) | (
            {"rows": (WARM_UP_DAYS + 5) * 1440} if self.options.smoke else {}
        )
        runs = 1 if self.options.smoke else self.options.runs
        seconds = {
            part: statistics.median(self._measure("livermore", part, settings)["seconds"] for _ in range(runs))
            for part in ("gather", "bare")
        }
        ratio = seconds["gather"] / seconds["bare"]
        shown = " / ".join(amount(value, "s") for value in seconds.values())
        print(f"empty strategy against a bare loop of its hooks: {shown} = {ratio:.1f} (target: at most 3)", flush=True)
        return {"title": "empty strategy against a bare loop", "seconds": seconds, "ratio": ratio}

    def _scaling(self) -> list[dict[str, Any]]:
        """How livermore's cost grows with length and with symbols: the exponent of a fitted power law."""
        lengths = [1] if self.options.smoke else [1, 3, 10]
        symbols = [1, 2] if self.options.smoke else [1, 10, 50]
        month = YEAR // 12
        rows = []
        for title, sizes, settings in (
            ("length (years)", lengths, lambda n: backtest_settings("Barrier3", n * YEAR)),
            ("symbols (a month each)", symbols, lambda n: backtest_settings("Barrier3", month) | {"symbols": n}),
        ):
            seconds = [
                statistics.median(self._measure("livermore", "gather", settings(n))["cpu"] for _ in range(3))
                for n in sizes
            ]
            rows.append({"title": f"cost against {title}", "sizes": sizes, "seconds": seconds})
            shown = ", ".join(f"{n}: {s:.2f} s" for n, s in zip(sizes, seconds, strict=True))
            print(f"cost against {title:<34} {shown}; exponent {exponent(sizes, seconds):.3f} (target: at most 1.05)")
        return rows

    def _median_cpu(self, settings: dict[str, Any]) -> float:
        """Seconds of CPU that livermore needs for a backtest, the median of three."""
        return statistics.median(self._measure("livermore", "gather", settings)["cpu"] for _ in range(3))


def exponent(sizes: list[int], seconds: list[float]) -> float:
    """Slope of the least-squares line through the logarithms."""
    if len(sizes) < 2:
        return math.nan
    x, y = [math.log(n) for n in sizes], [math.log(s) for s in seconds]
    mean_x, mean_y = statistics.mean(x), statistics.mean(y)
    covariance = sum((a - mean_x) * (b - mean_y) for a, b in zip(x, y, strict=True))
    return covariance / sum((a - mean_x) ** 2 for a in x)


def line(row: dict[str, Any]) -> str:
    """One line of the table."""
    figure, found = row["figure"], row["found"]

    def median(side: str, key: str) -> float:
        return statistics.median(f.get(key, math.nan) for f in found.get(side, [{}]))

    other = next((side for side in found if side != "livermore"), "")
    ours, theirs = median("livermore", figure), median(other, figure)
    cpu = median(other, "cpu") / median("livermore", "cpu") if "cpu" in found["livermore"][0] else math.nan
    values = [f[figure] for f in found["livermore"]]
    spread = f"{min(values) / ours:.2f}-{max(values) / ours:.2f}"
    unit = {"peak_mb": "MB"}.get(figure, "s")
    return (
        f"{row['title']:<48}{amount(theirs, unit):>12}{amount(ours, unit):>12}{theirs / ours:>9.2f}"
        f"{row['target']:>8}{cpu:>11.2f}{spread:>14}{row['runs']:>6}"
    )


def amount(value: float, unit: str) -> str:
    """A figure with a unit that suits its size."""
    if unit == "MB" or math.isnan(value):
        return f"{value:.0f} {unit}"
    if value < 1e-3:
        return f"{value * 1e6:.1f} µs"
    return f"{value * 1e3:.1f} ms" if value < 1 else f"{value:.2f} s"


if __name__ == "__main__":
    main()
