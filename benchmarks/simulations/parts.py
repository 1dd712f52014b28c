"""The parts of `benchmarks/honesty.py`: which data sets, what is counted of them, and which bounds hold."""

import functools
import os
import re
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import ExtraTreesClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.tree import DecisionTreeClassifier

from livermore.errors import TrainingError
from livermore.ml.dataset import Dataset
from livermore.ml.evidence import diagnose_features, ledger_for
from livermore.research import compare_models
from simulations.claims import claims, interval_holds, judged_features, trained
from simulations.leaks import flattered, pooled_leaks, random_labels
from simulations.nulls import NULLS, Null, own_noise
from simulations.planted import coverage, planted, planted_symbols
from simulations.runs import Cell, Figures, Measure
from simulations.samples import BAR, labels_of, samples
from simulations.series import autoregressive, overlapping

__all__ = ["PARTS"]

Generator = np.random.Generator

LEVEL = 0.05
# More data than this many times the present ones are not simulated.
MOST_TIMES = 20
N_FEATURES = 18
HORIZON = 10
# Beside the power: what no test without knowledge of the direction can exceed on all data, by simulation (Wald's test).
BOUNDS = {(0.55, 500): 0.087, (0.60, 500): 0.187, (0.65, 500): 0.457} | {
    (0.55, 2000): 0.153,
    (0.60, 2000): 0.790,
    (0.65, 2000): 1.000,
}
POWER = {(0.65, 500): 0.38, (0.60, 2000): 0.65, (0.65, 2000): 0.95}
INTERVALS = ("roc_auc", "accuracy", "brier", "mcc", "log_loss")


# --- Nulls ------------------------------------------------------------------------------------------------------------


def nulls() -> list[Cell]:
    """Return what is claimed where there is nothing to find."""
    return [Cell(name, functools.partial(null_set, null), _null_measures(null)) for name, null in NULLS.items()]


def null_set(null: Null, random: Generator) -> Figures:
    """Train on a null, and return what is claimed of it; nothing where the training is refused (a single class)."""
    data = null.draw(random)
    try:
        result = trained(data, null.estimator(), null.task)
    except TrainingError:
        return {"refused": True}
    verdict = result["verdict"]
    without = 0.0 if null.task == "regression" else 0.5
    found = claims(result) | {"holds no skill": interval_holds(verdict["interval"], without)}
    return found | ({} if data.payoff is not None else {"pays": None})


def _null_measures(null: Null) -> tuple[Measure, ...]:
    predicts = () if null.promise is None else (Measure("predicts", "predicts claimed", high=null.promise),)
    edge = Measure("edge", "edge claimed", high=0.05)
    holds = () if null.promise is None else (Measure("holds no skill", "interval holds no skill"),)
    return (*predicts, Measure("pays", "pays claimed", high=0.05), edge, *holds)


# --- Features ---------------------------------------------------------------------------------------------------------


def features() -> list[Cell]:
    """Return what is claimed of features where none helps."""
    chosen = (
        "own noise, n = 500",
        "own noise, n = 2,000",
        "technical indicators, n = 500",
        "technical indicators, n = 2,000",
        "price levels, n = 500",
        "GJR-GARCH, return, n = 1,000",
        "memory .99, n = 1,000",
    )
    measures = (
        Measure("any helps", "sets in which a feature helps", high=0.05),
        Measure("judged", "features that are judged", high=0.05),
        Measure("by impact", "features beyond ±1.5 % of accuracy, for comparison"),
    )
    return [Cell(f"features: {name}", functools.partial(feature_set, NULLS[name]), measures) for name in chosen]


def feature_set(null: Null, random: Generator) -> Figures:
    """Train on a null, and return what is claimed of its features; a fixed rule of the impact stands beside it."""
    result = trained(null.draw(random), null.estimator(), null.task, judge_features=True, impact=True)
    band = 0.015 if null.task != "regression" else 0.0
    return judged_features(result) | {
        "by impact": float(np.mean([abs(row["delta"]) > band for row in result["feature_impact"]]))
    }


def true_features() -> list[Cell]:
    """Return how often features that carry an edge are found."""
    measures = (
        Measure("helps", "carriers that are found"),
        Measure("noise helps", "others said to help", high=0.05),
        Measure("any noise helps", "sets in which another helps"),
    )
    return [
        Cell(f"carriers: AUC {area:.2f}, n = {n:,}", functools.partial(carrier_set, area, n), measures)
        for area, n in ((0.60, 2000), (0.65, 2000))
    ]


def carrier_set(area: float, n: int, random: Generator) -> Figures:
    """Train where four of 18 features carry an edge."""
    result = trained(planted(random, n, area, fresh=0).data, LogisticRegression(), judge_features=True)
    helps = np.array([result["feature_verdicts"][name] == "helps" for name in result["feature_names"]])
    return {
        "helps": float(helps[:4].mean()),
        "noise helps": float(helps[4:].mean()),
        "any noise helps": bool(helps[4:].any()),
    }


# --- Looks ------------------------------------------------------------------------------------------------------------


def looks() -> list[Cell]:
    """Return what becomes of the claims where the same days are looked at more than once."""
    any_yes = (
        Measure("standing", "a yes that stands after 20 looks at fresh noise", high=0.05),
        Measure("ever", "a yes when it was first said"),
    )
    similar = (
        Measure("first", "predicts, first look"),
        Measure("alone", "each of nine further looks, alone"),
        Measure("best", "predicts, best of ten similar looks"),
    )
    return [
        Cell("20 looks, n = 500", functools.partial(fresh_looks, 500, 20), any_yes),
        Cell("similar looks, noise, n = 2,000", functools.partial(similar_looks, 0.5, 2000), similar),
        Cell("similar looks, AUC .60, n = 2,000", functools.partial(similar_looks, 0.60, 2000), similar),
        Cell("similar looks, AUC .65, n = 2,000", functools.partial(similar_looks, 0.65, 2000), similar),
    ]


def fresh_looks(n: int, count: int, random: Generator) -> Figures:
    """Train on the same days with features that are new noise each time, and return whether any look says yes.

    It may say so when it is taken, or still when the ledger judges all of them again at the end.
    """
    outcome = overlapping(n, HORIZON, random)
    said = []
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(count):
            X = autoregressive(n, random.uniform(0, 0.95, N_FEATURES), random)
            data = samples(X, labels_of(outcome, "binary"), HORIZON)
            said.append(claims(trained(data, LogisticRegression(), save_to=folder))["predicts"])
        again = ledger_for(Path(folder)).judged()
    return {"ever": any(said), "standing": any(p_value <= LEVEL for _, p_value in again)}


def similar_looks(area: float, n: int, random: Generator) -> Figures:
    """Train ten models that resemble one another on the same days, and then the best of them again."""
    data = planted(random, n, area, fresh=0).data
    variants = [(data, LogisticRegression(C=strength)) for strength in (1.0, 0.01, 0.1, 10.0, 100.0)]
    variants += [(_without(data, k), LogisticRegression()) for k in (4, 8, 11, 14, 17)]
    with tempfile.TemporaryDirectory() as folder:
        found = [trained(part, model, save_to=folder)["verdict"] for part, model in variants]
        best = int(np.argmin([verdict["p_value_single"] for verdict in found]))
        again = claims(trained(*variants[best], save_to=folder))
    return {
        "first": found[0]["predicts"] == "yes",
        "alone": float(np.mean([verdict["p_value_single"] <= LEVEL for verdict in found[1:]])),
        "best": again["predicts"],
    }


def _without(data: Dataset, column: int) -> Dataset:
    names = [name for k, name in enumerate(data.feature_names) if k != column]
    return samples(data.X[:, [data.feature_names.index(name) for name in names]], data.labels, HORIZON)


# --- Choice among models ----------------------------------------------------------------------------------------------


def choice() -> list[Cell]:
    """Return what is claimed after a choice among ten models."""
    measures = (Measure("predicts", "predicts claimed of the winner", high=0.05), Measure("edge", "edge claimed"))
    return [Cell(f"best of ten models, n = {n:,}", functools.partial(choice_set, n), measures) for n in (500, 2000)]


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


def choice_set(n: int, random: Generator) -> Figures:
    """Choose among ten models on noise."""
    options: dict[str, Any] = {"importance": False, "impact": False, "judge_features": False, "verbose": False}
    return claims(compare_models(own_noise(random, n), ten_models(), n_jobs=1, **options))


# --- Power and coverage -----------------------------------------------------------------------------------------------


def signal() -> list[Cell]:
    """Return how often an edge is found, beside the bound for any test that does not know its direction."""
    cells = []
    for (area, n), bound in BOUNDS.items():
        measures = (
            Measure("predicts", "predicts", low=POWER.get((area, n))),
            Measure("edge", "edge"),
            Measure("no edge", "edge denied"),
        )
        cells.append(
            Cell(
                f"AUC {area:.2f}, n = {n:,} (bound {bound:.1%})",
                functools.partial(signal_set, area, n),
                measures,
            )
        )
    return cells


def signal_set(area: float, n: int, random: Generator) -> Figures:
    """Train on a planted edge."""
    return claims(trained(planted(random, n, area, fresh=0).data, LogisticRegression()))


def coverages() -> list[Cell]:
    """Return how often the printed intervals hold the truth, where there is one, and how often the AUC has one."""
    kinds: dict[str, dict[str, Any]] = {
        "AUC .60, n = 500": {"n": 500, "area": 0.60},
        "AUC .60, n = 2,000": {"n": 2000, "area": 0.60},
        "AUC .65, 10 % positives, n = 2,000": {"n": 2000, "area": 0.65, "rate": 0.10},
        "AUC .65, 2 % positives, n = 2,000": {"n": 2000, "area": 0.65, "rate": 0.02},
        "AUC .65, 2 % positives, n = 5,000": {"n": 5000, "area": 0.65, "rate": 0.02},
        "AUC .65, 2 % positives in clusters, n = 5,000": {"n": 5000, "area": 0.65, "rate": 0.02, "memory": 0.98},
        "AUC .60, n = 60": {"n": 60, "area": 0.60},
        "AUC .60, labels' memory .97, n = 2,000": {"n": 2000, "area": 0.60, "memory": 0.97},
    }
    shown = (*INTERVALS, "calibration", "lift", "net", "precision above the threshold")
    measures = [Measure("given roc_auc", "an interval of the AUC is given")]
    measures += [Measure(f"holds {name}", name, 0.92, 0.98) for name in shown]
    return [
        Cell(f"intervals: {name}", functools.partial(coverage_set, settings), tuple(measures))
        for name, settings in kinds.items()
    ]


def coverage_set(settings: dict[str, Any], random: Generator) -> Figures:
    """Train on a planted edge, and compare the intervals with fresh samples."""
    drawn = planted(random, **settings)
    return coverage(trained(drawn.data, LogisticRegression()), drawn)


# --- Many symbols -----------------------------------------------------------------------------------------------------


def symbols() -> list[Cell]:
    """Return what is claimed of many symbols with a common factor, and how often intervals hold the truth."""
    noise = (Measure("predicts", "predicts claimed", high=0.05), Measure("edge", "edge claimed", high=0.05))
    edge = (
        Measure("predicts", "predicts"),
        Measure("independent", "independent samples judged", percent=False),
        Measure("given roc_auc", "an interval of the AUC is given"),
        *(Measure(f"holds {name}", name, 0.92, 0.98) for name in ("roc_auc", "accuracy", "brier")),
    )
    return [
        Cell(
            f"{count} symbols, correlation {common}, {name}",
            functools.partial(symbols_set, count, common, area),
            measures,
        )
        for name, area, measures in (("noise", 0.5, noise), ("AUC .55", 0.55, edge))
        for count in (10, 50)
        for common in (0.1, 0.5, 0.9)
    ]


def symbols_set(count: int, common: float, area: float, random: Generator) -> Figures:
    """Train on 1,500 times of several symbols; with an edge, compare the intervals with fresh samples."""
    drawn = planted_symbols(random, 1500, count, common, area, fresh=4_000 if area > 0.5 else 1)
    result = trained(drawn.data, LogisticRegression())
    found = claims(result) | {"independent": result["verdict"]["n_effective"]}
    return found | coverage(result, drawn) if area > 0.5 else found


# --- The planner ------------------------------------------------------------------------------------------------------


def planner() -> list[Cell]:
    """Return how often as many samples as the report asks for show the edge, where it has one size of many."""
    measures = (
        Measure("told", "asked for up to 20 times as many samples"),
        Measure("times", "times as many samples", percent=False),
        Measure("shown", "fresh samples of that number show it", 0.75, 0.85),
    )
    return [Cell("planner, n = 500", functools.partial(planner_set, 500), measures)]


def planner_set(n: int, random: Generator) -> Figures:
    """Train on an edge of random size, and on as many fresh samples as the report asks for; no ledger is kept."""
    os.environ["LIVERMORE_LEDGER"] = "off"
    area = float(random.uniform(0.5, 0.7))
    text = trained(planted(random, n, area, fresh=0).data, LogisticRegression())["verdict"]["text"]
    asked = re.search(r"more independent samples, ([\d.]+) times as much data", text)
    if asked is None or float(asked[1]) > MOST_TIMES:
        return {"told": False}
    times = float(asked[1])
    fresh = planted(random, round(n * times), area, fresh=0).data
    return {"told": True, "times": times, "shown": claims(trained(fresh, LogisticRegression()))["predicts"]}


# --- Drift and leaks --------------------------------------------------------------------------------------------------


def drift() -> list[Cell]:
    """Return how often drift is flagged without drift, and with a shift of one standard deviation."""
    cells = []
    for memory in (0.0, 0.5, 0.9, 0.97):
        for n in (326, 1000, 4383):
            measures = (
                Measure("any drift", "reports in which a feature is flagged", high=0.05),
                Measure("found", "shift of one standard deviation flagged"),
            )
            cell = functools.partial(drift_set, memory, n)
            cells.append(Cell(f"drift: memory {memory:.2f}, n = {n:,}", cell, measures))
    return cells


def drift_set(memory: float, n: int, random: Generator) -> Figures:
    """Compare training and test part of stationary features, and of the same with one of them shifted."""
    X, cut = autoregressive(n, np.full(N_FEATURES, memory), random), int(0.8 * n)
    y, time = overlapping(n, HORIZON, random) > 0, BAR * np.arange(n, dtype=np.int64)
    names = [f"feature_{k:02}" for k in range(N_FEATURES)]
    still = diagnose_features(X[:cut], y[:cut], time[:cut], X[cut:], names)
    moved = X.copy()
    moved[cut:, 0] += 1.0
    shifted = diagnose_features(moved[:cut], y[:cut], time[:cut], moved[cut:], names)
    return {
        "any drift": any("drift" in row.flags for row in still),
        "found": any("drift" in row.flags for row in shifted if row.feature == names[0]),
    }


def leak() -> list[Cell]:
    """Return what leaks between folds with and without purging."""
    areas = (
        Measure("shuffled", "AUC of noise, shuffled folds", percent=False),
        Measure("chronological", "AUC of noise, chronological folds", percent=False),
        Measure("purged", "AUC of noise, purged folds", 0.47, 0.53, percent=False),
    )
    rows = (
        Measure("plain", "leaking rows, plain folds"),
        Measure("purged", "leaking rows, purged folds", high=0.0),
    )
    return [
        Cell("long labels, slow features", flattered, areas),
        Cell("ten pooled symbols", pooled_leaks, rows),
        Cell("random label times", random_labels, (Measure("leaking rows", "leaking rows", high=0.0, percent=False),)),
    ]


PARTS: dict[str, Callable[[], list[Cell]]] = {
    "nulls": nulls,
    "features": features,
    "carriers": true_features,
    "looks": looks,
    "choice": choice,
    "signal": signal,
    "coverage": coverages,
    "symbols": symbols,
    "planner": planner,
    "drift": drift,
    "leak": leak,
}
