"""What a tracking program keeps of a result: parameters, metrics with their intervals, tags, and the report."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from livermore.comparison import Comparison
from livermore.dates import days
from livermore.errors import ConfigError
from livermore.ml.result import TrainingResult

__all__ = ["Tracked", "tracked"]


@dataclass(frozen=True)
class Tracked:
    """A result as a tracking program takes it.

    Attributes
    ----------
    name : str
        What it is about.
    parameters, tags : dict of str to str
        What was decided, and what was concluded.
    metrics : dict of str to float
        Finite figures; the ends of an interval have the suffixes ``_low`` and ``_high``.
    undefined : tuple of str
        The figures that are not finite, and so are not among the metrics.
    """

    name: str
    parameters: dict[str, str]
    tags: dict[str, str]
    metrics: dict[str, float]
    undefined: tuple[str, ...]


def tracked(result: Any) -> Tracked:
    """Return what is kept of a result.

    Raises
    ------
    ConfigError
        If it is neither a `TrainingResult` nor a `Comparison`.
    """
    if isinstance(result, TrainingResult):
        return _of_training(result)
    if isinstance(result, Comparison):
        return _of_comparison(result)
    raise ConfigError(
        f"a {type(result).__name__} cannot be tracked: pass what train_model, compare_models or compare_backtests "
        "returned"
    )


def _of_training(result: TrainingResult) -> Tracked:
    figures: dict[str, Any] = {name: value for name, value in result.metrics.items() if _is_number(value)}
    for name, interval in result.evidence.get("intervals", {}).items():
        figures |= _interval(name, interval)
    verdict = result.evidence.get("verdict", {})
    if "p_value" in verdict:
        figures["verdict.p_value"] = verdict["p_value"]
    data = result.data
    parameters = {
        "task": result.task,
        "estimator": type(result.model).__name__,
        **{f"estimator.{name}": value for name, value in _parameters_of(result.model).items()},
        "label": data.label_name,
        "features": ", ".join(result.feature_names),
        "markets": ", ".join(" ".join(filter(None, market)) for market in data.markets),
        "train_samples": data.n_train,
        "test_samples": data.n_test,
        "purged_samples": data.n_purged,
        "train_days": days(*data.train_interval),
        "test_days": days(*data.test_interval),
    }
    said = {f"verdict.{name}": verdict[name] for name in ("predicts", "pays", "edge") if name in verdict}
    tags = said | {"livermore.samples": data.fingerprint, "verdict.text": verdict.get("text", "")}
    return _tracked(result.title or type(result.model).__name__, parameters, tags, figures)


def _of_comparison(result: Comparison) -> Tracked:
    figures: dict[str, Any] = {"coverage": result["coverage"], "verdict.p_value": result["verdict"]["p_value"]}
    for variant in ("baseline", "model"):
        figures |= {f"{variant}.{name}": value for name, value in result[variant].items() if _is_number(value)}
    for name, found in result["difference"].items():
        figures |= {f"difference.{name}": found["value"], f"difference.{name}.p_random": found["p_random"]}
        figures |= _interval(f"difference.{name}", (found["low"], found["high"]))
    setting = result["setting"]
    parameters = {
        "markets": ", ".join(" ".join(market) for market in setting["markets"]),
        **{name: setting[name] for name in ("type", "fee", "leverage", "model_version")},
        "days": days(*result["interval"]),
        "trials": result["verdict"]["trials"],
    }
    tags = {"verdict.helped": result["verdict"]["helped"], "verdict.text": result["verdict"]["text"]}
    return _tracked(result["name"], parameters, tags, figures)


def _tracked(name: str, parameters: Mapping[str, Any], tags: Mapping[str, Any], figures: Mapping[str, Any]) -> Tracked:
    finite = {key: float(value) for key, value in figures.items() if math.isfinite(value)}
    return Tracked(
        name,
        {key: str(value) for key, value in parameters.items() if str(value)},
        {key: str(value) for key, value in tags.items() if str(value)},
        finite,
        tuple(key for key in figures if key not in finite),
    )


def _interval(name: str, interval: Any) -> dict[str, float]:
    """Return the ends of an interval; none where there is no interval."""
    if interval is None or any(end is None for end in interval):
        return {}
    low, high = interval
    return {f"{name}_low": float(low), f"{name}_high": float(high)}


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _parameters_of(model: Any) -> dict[str, Any]:
    """Return the parameters of an estimator that are no estimators themselves."""
    if not hasattr(model, "get_params"):
        return {}
    found = model.get_params()
    return {name: value for name, value in found.items() if not hasattr(value, "get_params")}
