"""The models that a folder keeps, as text: a list of them, and two side by side."""

from collections.abc import Mapping, Sequence
from typing import Any

from livermore.dates import days
from livermore.ml.report._layout import banner, heading, number, pair, paragraph, plain, table

__all__ = ["render_model_comparison", "render_models"]


def render_models(models: Sequence[Mapping[str, Any]]) -> str:
    """Return the list of models as text.

    Parameters
    ----------
    models : list of dict
        What `list_models` returned.
    """
    if not models:
        return "no models are kept here"
    rows = [_row(model) for model in models]
    lines = table(("Version", "Estimator", "Trained on", "Samples", "Headline", ""), rows)
    for model in models:
        if model["damaged"]:
            lines += paragraph(f"{model['version']} is damaged: {model['damaged']}", "! ")
        elif model["current"] and model["strategy_changed"]:
            lines += paragraph("The strategy's source was changed since the current model was trained.", "! ")
    return "\n".join(lines)


def render_model_comparison(comparison: Mapping[str, Any]) -> str:
    """Return two models side by side as text.

    Parameters
    ----------
    comparison : dict
        What `compare_models_on_disk` returned.
    """
    a, b = comparison["a"], comparison["b"]
    rows = [
        (
            name,
            _with_interval(found["a"], found["interval_a"]),
            _with_interval(found["b"], found["interval_b"]),
            "–" if found["difference"] is None else plain(found["difference"], "+"),
        )
        for name, found in comparison["metrics"].items()
    ]
    lines = [
        *banner("TWO MODELS"),
        "",
        pair("A", f"{a['version']}  {a['estimator']}"),
        pair("B", f"{b['version']}  {b['estimator']}"),
        *heading("METRICS ON THE TEST SIDE"),
        *table(("", "A", "B", "B − A"), rows),
    ]
    if not comparison["same_test_days"]:
        lines += ["", *paragraph("They were tested on different days, so the difference is not the models' alone.")]
    return "\n".join([*lines, *_differences(comparison), ""])


def _row(model: Mapping[str, Any]) -> tuple[str, ...]:
    mark = "current" if model["current"] else ""
    if "task" not in model:
        return (model["version"], "–", "–", "–", "–", mark)
    headline = model["headline"] or {}
    return (
        model["version"],
        model["estimator"],
        _days(model["train_interval"]),
        number(model["n_train"], ","),
        f"{headline.get('name', '')} {number(headline.get('value'), '.4f')}",
        mark,
    )


def _days(interval: Sequence[int] | None) -> str:
    if interval is None:
        return "–"
    return days(*interval)


def _with_interval(value: float | None, interval: Sequence[float | None] | None) -> str:
    if value is None:
        return "–"
    if interval is None:
        return plain(value)
    low, high = (number(edge, ".4g") for edge in interval)
    return f"{plain(value)} ({low} to {high})"


def _differences(comparison: Mapping[str, Any]) -> list[str]:
    """Say what else differs from A to B."""
    found = [
        *(f"feature added: {name}" for name in comparison["features_added"]),
        *(f"feature removed: {name}" for name in comparison["features_removed"]),
        *(f"{name}: {a!r} → {b!r}" for name, (a, b) in comparison["parameters"].items()),
        *([] if comparison["same_data"] else ["the data"]),
    ]
    lines = [line for text in found for line in paragraph(text, "· ")]
    return [*heading("WHAT DIFFERS"), *(lines or paragraph("Nothing that was written down."))]
