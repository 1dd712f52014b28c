"""Can it be fooled, and does it see what is there: simulations with known truth.

    python benchmarks/honesty.py [--quick] [--sets 200] [--jobs 2] [part ...]

Parts: noise (nothing to find), choice (nothing to find, ten models to choose from), signal (a planted edge), leak
(overlapping labels, with and without purging). Without a part all are run. Seeds are fixed: the same command prints the
same table.

Noise has 18 autoregressive features (memory 0 to 0.95) and labels over ten bars, so that neighbours share nine tenths.
Beside livermore's rules stand those of the method that it replaces: one test side for everything, a feature judged by
±1.5 % of accuracy (any sign for regression), a threshold chosen where precision on the test side is best.
"""

import argparse
import time
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
from joblib import Parallel, delayed
from scipy.optimize import brentq
from scipy.signal import lfilter
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import ExtraTreesClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import KFold, cross_val_score
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.tree import DecisionTreeClassifier

from livermore.ml.dataset import Dataset
from livermore.ml.validation import (
    CombinatorialPurgedKFold,
    PurgedKFold,
    WalkForward,
    leaking_rows,
)
from livermore.research import compare_models, train_model
from livermore.testing import random_label_sets

Floats = npt.NDArray[np.float64]
Row = tuple[str, ...]

N_FEATURES = 18
HORIZON = 10
BAR = 900
# No label on the test side of the comparison may be known before: a set is drawn this much longer and cut.
MODELS: dict[str, Callable[[], Any]] = {
    "binary": LogisticRegression,
    "multiclass": LogisticRegression,
    "regression": Ridge,
}


def features(n: int, random: np.random.Generator) -> Floats:
    """Draw autoregressive features of unit variance, each with a memory of its own."""
    memory = random.uniform(0, 0.95, N_FEATURES)
    first = random.standard_normal(N_FEATURES)
    shocks = random.standard_normal((n, N_FEATURES)) * np.sqrt(1 - memory**2)
    shocks[0] = first
    return np.column_stack([lfilter([1.0], [1.0, -memory[k]], shocks[:, k]) for k in range(N_FEATURES)])


def overlapping(n: int, random: np.random.Generator) -> Floats:
    """Draw noise of unit variance that is summed over ten bars, as the labels of a market are."""
    return np.convolve(random.standard_normal(n + HORIZON - 1), np.ones(HORIZON) / np.sqrt(HORIZON), "valid")


def dataset(X: Floats, outcome: Floats, task: str) -> Dataset:
    """Turn an outcome into the labels of a task, each known ten bars after its sample."""
    time = BAR * np.arange(len(X), dtype=np.int64)
    labels: dict[str, Callable[[], list[Any]]] = {
        "binary": lambda: [bool(value > 0) for value in outcome],
        "multiclass": lambda: (np.digitize(outcome, [-0.43, 0.43]) - 1).tolist(),
        "regression": lambda: (0.01 * outcome).tolist(),
    }
    return Dataset(
        X=X,
        feature_names=tuple(f"feature_{k:02}" for k in range(X.shape[1])),
        labels=tuple(labels[task]()),
        label_name="outcome",
        time=time,
        label_time=time + BAR * HORIZON,
        payoff=0.01 * outcome,
    )


def noise_set(task: str, n: int, seed: int) -> dict[str, float]:
    """Train on noise, and count what is claimed of it."""
    random = np.random.default_rng(seed)
    data = dataset(features(n, random), overlapping(n, random), task)
    result = train_model(data, MODELS[task](), task, importance=False, verbose=False)
    judged = list(result["feature_verdicts"].values())
    band = 0.015 if task != "regression" else 0.0
    chosen = (result["threshold"]["test"] or {}) if task == "binary" else {}
    return {
        "edge": result["verdict"]["edge"] == "yes",
        "judged": np.mean([verdict != "cannot tell" for verdict in judged]),
        "any judged": any(verdict != "cannot tell" for verdict in judged),
        "seed judged": np.mean([abs(row["delta"]) > band for row in result["feature_impact"]]),
        "lift outside": not chosen["lift_low"] <= 0 <= chosen["lift_high"] if chosen.get("n") else np.nan,
        "lift width": chosen["lift_high"] - chosen["lift_low"] if chosen and not chosen["thin"] else np.nan,
        "lift": chosen.get("lift", np.nan),
        "seed lift": best_lift(result.thresholds, result["metrics"]) if task == "binary" else np.nan,
    }


def best_lift(rows: Any, metrics: dict[str, Any]) -> float:
    """Return the best precision of the sweep over the test side, above the base rate there."""
    base = metrics["support"][1] / sum(metrics["support"])
    known = [row["precision"] - base for row in rows if row["allowed"] >= 10]
    return max(known) if known else float("nan")


def ten_models() -> dict[str, Any]:
    """Return ten classifiers to choose from."""
    return {
        "logistic": LogisticRegression(),
        "logistic, strong penalty": LogisticRegression(C=0.01),
        "logistic, weak penalty": LogisticRegression(C=100.0),
        "bayes": GaussianNB(),
        "tree of 3": DecisionTreeClassifier(max_depth=3, random_state=0),
        "tree of 5": DecisionTreeClassifier(max_depth=5, random_state=0),
        "forest": RandomForestClassifier(25, max_depth=4, random_state=0),
        "extra trees": ExtraTreesClassifier(25, max_depth=4, random_state=0),
        "neighbours": KNeighborsClassifier(25),
        "guess": DummyClassifier(),
    }


def choice_set(n: int, seed: int) -> dict[str, float]:
    """Choose among ten models on noise: our way, and by the test side."""
    random = np.random.default_rng(seed)
    data = dataset(features(n, random), overlapping(n, random), "binary")
    options: dict[str, Any] = {"importance": False, "impact": False, "judge_features": False, "verbose": False}
    result = compare_models(data, ten_models(), **options)
    tried = [
        train_model(data, model, importance=False, impact=False, evidence=False, verbose=False)
        for model in ten_models().values()
    ]
    area = max(one["metrics"]["roc_auc"] for one in tried)
    rows = result["calibration"]
    positives = sum(row["actual_rate"] * row["n"] for row in rows)
    n_test = sum(row["n"] for row in rows)
    # What a textbook test of the winner would say: independent samples, one look (Hanley and McNeil 1982).
    error = np.sqrt((n_test + 1) / (12 * positives * (n_test - positives)))
    return {"edge": result["verdict"]["edge"] == "yes", "seed edge": (area - 0.5) / error > 1.645}


def slope_of(area: float) -> float:
    """Return the weight of the signal at which it alone reaches an area under the ROC curve."""
    random = np.random.default_rng(0)
    signal, noise = random.standard_normal((2, 100_000))

    def missing(slope: float) -> float:
        return float(roc_auc_score(slope * signal + noise > 0, signal)) - area

    return float(brentq(missing, 0.0, 3.0, xtol=1e-3))


def signal_set(area: float, slope: float, n: int, seed: int) -> dict[str, float]:
    """Train on a planted edge; the truth is the model's own figure on 40,000 fresh samples."""
    random = np.random.default_rng(seed)
    fresh = 40_000
    X = features(n + fresh, random)
    outcome = slope * X[:, :4].mean(axis=1) * 2 + overlapping(n + fresh, random)
    data = dataset(X[:n], outcome[:n], "binary")
    result = train_model(data, LogisticRegression(), importance=False, impact=False, verbose=False)
    future, y = result["scaler"].transform(X[n + HORIZON :]), outcome[n + HORIZON :] > 0
    p = result["model"].predict_proba(future)[:, 1]
    truth = {
        "roc_auc": roc_auc_score(y, p),
        "accuracy": np.mean((p > 0.5) == y),
        "brier": np.mean((p - y) ** 2),
        "mcc": np.corrcoef(p > 0.5, y)[0, 1],
    }
    verdicts = result["feature_verdicts"]
    true, false = [f"feature_{k:02}" for k in range(4)], [f"feature_{k:02}" for k in range(4, N_FEATURES)]
    return {
        "edge": result["verdict"]["edge"] == "yes",
        "no edge": result["verdict"]["edge"] == "no",
        "wrongly none": result["verdict"]["edge"] == "no" and truth["roc_auc"] >= 0.52,
        "true area": truth["roc_auc"],
        "helps": np.mean([verdicts[name] == "helps" for name in true]),
        "noise judged": np.mean([verdicts[name] != "cannot tell" for name in false]),
        **{
            name: result["intervals"][name][0] <= value <= result["intervals"][name][1] for name, value in truth.items()
        },
    }


def leak_set(seed: int) -> dict[str, float]:
    """Score noise with long labels and slow features on plain and on purged folds."""
    random = np.random.default_rng(seed)
    n = 800
    outcome = np.convolve(random.standard_normal(n + 49), np.ones(50), "valid") > 0
    X = np.cumsum(random.standard_normal((n, 5)), axis=0)
    time_of = BAR * np.arange(n, dtype=np.int64)
    forest = KNeighborsClassifier(5)
    purged = PurgedKFold(time_of, time_of + 50 * BAR, 5, embargo=20 * BAR)
    score = {"scoring": "roc_auc"}
    return {
        "shuffled": float(
            np.nanmean(cross_val_score(forest, X, outcome, cv=KFold(5, shuffle=True, random_state=0), **score))
        ),
        "chronological": float(np.nanmean(cross_val_score(forest, X, outcome, cv=KFold(5), **score))),
        "purged": float(np.nanmean(cross_val_score(forest, X, outcome, cv=purged, **score))),
    }


def pooled_leak(splitter: Any, bars: Any, label_time: Any) -> str:
    """Count training rows that leak, over all folds."""
    leaks = total = 0
    for train, test in splitter.split(bars):
        leaks += leaking_rows(train, test, bars, label_time).size
        total += train.size
    return f"{leaks} of {total} ({leaks / total:.1%})"


def collected(jobs: int, calls: list[Any]) -> dict[str, Floats]:
    """Run simulations, and collect each of their figures."""
    rows = Parallel(n_jobs=jobs)(calls)
    return {key: np.array([row[key] for row in rows], dtype=np.float64) for key in rows[0]}


def share(values: Floats) -> str:
    """Return a share of what is known, with its own sampling error."""
    known = values[np.isfinite(values)]
    mean = float(known.mean())
    return f"{mean:.1%} ± {1.96 * np.sqrt(max(mean * (1 - mean), 1e-4) / known.size):.1%}"


def noise(sets: int, jobs: int) -> list[Row]:
    """Report what is claimed of noise."""
    rows: list[Row] = []
    for task in MODELS:
        for n in (500, 2000):
            found = collected(jobs, [delayed(quietly)(noise_set, task, n, 1000 * n + seed) for seed in range(sets)])
            rows.append((f"{task}, n = {n}: edge claimed", share(found["edge"]), "≤ 5 %"))
            rows.append((f"{task}, n = {n}: noise features judged", f"{found['judged'].mean():.2%}", "≤ 5 %"))
            rows.append((f"{task}, n = {n}: sets with any judged", share(found["any judged"]), ""))
            rows.append(
                (f"{task}, n = {n}: judged by the seed's rule", f"{found['seed judged'].mean():.1%}", "for comparison")
            )
            if task == "binary":
                rows += lifts(f"{task}, n = {n}", found)
    return rows


def lifts(head: str, found: dict[str, Floats]) -> list[Row]:
    """Report what becomes of the chosen threshold; sets in which no test sample passes it have no lift."""
    outside, width = found["lift outside"], found["lift width"]
    thick = width[np.isfinite(width)]
    return [
        (f"{head}: sets with test samples above the chosen threshold", f"{np.isfinite(outside).sum()}", ""),
        (f"{head}: lift there outside its interval", share(outside), "≤ 5 %"),
        (f"{head}: width of that interval, median of {thick.size} sets not thin", f"{np.median(thick):.1%}", ""),
        (f"{head}: mean lift, chosen out of fold", f"{np.nanmean(found['lift']):+.2%}", "0"),
        (f"{head}: mean lift, best row of the test side", f"{np.nanmean(found['seed lift']):+.2%}", "for comparison"),
    ]


def choice(sets: int, jobs: int) -> list[Row]:
    """Report what is claimed of noise after a choice among ten models."""
    rows: list[Row] = []
    for n in (500, 2000):
        found = collected(jobs, [delayed(quietly)(choice_set, n, 7000 * n + seed) for seed in range(sets)])
        rows.append((f"ten models, n = {n}: edge claimed", share(found["edge"]), "≤ 5 %"))
        rows.append(
            (f"ten models, n = {n}: best on the test side, textbook test", share(found["seed edge"]), "for comparison")
        )
    return rows


def signal(sets: int, jobs: int) -> list[Row]:
    """Report power and coverage on planted edges."""
    rows: list[Row] = []
    pooled: dict[str, list[Floats]] = {metric: [] for metric in ("roc_auc", "accuracy", "brier", "mcc")}
    for area in (0.55, 0.60, 0.65):
        slope = slope_of(area)
        for n in (500, 2000):
            seeds = range(sets)
            calls = [delayed(quietly)(signal_set, area, slope, n, 31 * n + int(1e6 * area) + seed) for seed in seeds]
            found = collected(jobs, calls)
            head = f"AUC {area:.2f} (model's own {found['true area'].mean():.3f}), n = {n}"
            rows.append((f"{head}: edge found", share(found["edge"]), "power"))
            rows.append((f"{head}: edge denied", share(found["no edge"]), ""))
            rows.append(
                (f"{head}: denied to a model whose own AUC is 0.52 or more", share(found["wrongly none"]), "error")
            )
            rows.append((f"{head}: features that carry it judged to help", f"{found['helps'].mean():.1%}", "power"))
            rows.append((f"{head}: noise features judged", f"{found['noise judged'].mean():.2%}", "≤ 5 %"))
            for metric, covered in pooled.items():
                covered.append(found[metric])
                rows.append((f"{head}: coverage, {metric}", share(found[metric]), "92 % to 98 %"))
    for metric, covered in pooled.items():
        rows.append((f"all of these together: coverage, {metric}", share(np.concatenate(covered)), "92 % to 98 %"))
    return rows


def leak(sets: int, jobs: int) -> list[Row]:
    """Report what leaks with and without purging."""
    found = collected(jobs, [delayed(quietly)(leak_set, seed) for seed in range(sets)])
    rows: list[Row] = [
        (f"AUC of noise, {name} folds", f"{values.mean():.3f}", "0.5" if name == "purged" else "for comparison")
        for name, values in found.items()
    ]
    bars = np.repeat(np.arange(96, dtype=np.int64) * 3600, 10)
    label_time = bars + 3600 * 12
    rows.append(
        ("ten pooled symbols, plain folds: leaking rows", pooled_leak(KFold(4), bars, label_time), "for comparison")
    )
    rows.append(
        (
            "ten pooled symbols, purged folds: leaking rows",
            pooled_leak(PurgedKFold(bars, label_time, 4), bars, label_time),
            "0",
        )
    )
    leaks = folds = 0
    for time_of, known, embargo in random_label_sets(20 * sets, seed=1):
        for splitter in (
            PurgedKFold(time_of, known, 4, embargo=embargo),
            WalkForward(time_of, known, 3, embargo=embargo),
            CombinatorialPurgedKFold(time_of, known, 5, 2, embargo=embargo),
        ):
            for train, test in splitter.split():
                leaks += leaking_rows(train, test, time_of, known, embargo).size
                folds += 1
    rows.append((f"{20 * sets} random label sets, {folds} folds: leaking rows", str(leaks), "0"))
    return rows


def quietly(function: Callable[..., Any], *arguments: Any) -> Any:
    """Call a function without its warnings: ill-conditioned fits on noise are no news here."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return function(*arguments)


PARTS: dict[str, Callable[[int, int], list[Row]]] = {"noise": noise, "choice": choice, "signal": signal, "leak": leak}


def main() -> None:
    """Run the parts asked for, and print one table each."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", choices=[[], *PARTS], help="which; all by default")
    parser.add_argument("--sets", type=int, default=200, help="data sets per cell")
    parser.add_argument("--quick", action="store_true", help="20 data sets per cell")
    parser.add_argument("--jobs", type=int, default=2, help="processes")
    asked = parser.parse_args()
    for name in asked.parts or PARTS:
        started = time.perf_counter()
        rows = PARTS[name](20 if asked.quick else asked.sets, asked.jobs)
        width = max(len(row[0]) for row in rows)
        print(f"\n{name}  ({time.perf_counter() - started:.0f} s)")
        for what, value, aim in rows:
            print(f"  {what:<{width}}  {value:>18}  {aim}", flush=True)


if __name__ == "__main__":
    main()
