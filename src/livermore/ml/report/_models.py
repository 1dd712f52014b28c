"""The models that a folder keeps: a list of them, and two side by side."""

from collections.abc import Mapping, Sequence
from typing import Any

from livermore.dates import days
from livermore.formatting import NOTHING, interval, number, plain
from livermore.ml.report._document import Block, Bullets, Column, Fact, Facts, Page, Paragraph, Row, Section, Table
from livermore.ml.report._labels import METRICS
from livermore.ml.report._text import render_blocks, render_text

__all__ = ["render_model_comparison", "render_models"]


def render_models(models: Sequence[Mapping[str, Any]], withdrawn: Sequence[str] = ()) -> str:
    """Return the list of models as text.

    Parameters
    ----------
    models : list of dict
        What `list_models` returned.
    withdrawn : sequence of str
        Sentences on verdicts that do not stand any more.

    Returns
    -------
    str
        A table of at most 78 columns, and what is wrong with any model.

    Examples
    --------
    >>> isinstance(render_models([]), str)
    True
    """
    if not models:
        return "no models are kept here"
    columns = [Column("Version"), Column("Trained on"), Column("Headline"), Column("")]
    names = _short_names([model["version"] for model in models])
    warnings = list(withdrawn)
    for model in models:
        if model["damaged"]:
            warnings.append(f"{model['version']} is damaged: {model['damaged']}")
        elif model["current"] and model["strategy_changed"]:
            warnings.append("The strategy's source was changed since the current model was trained.")
    blocks: list[Block] = [Table(columns, [_row(model, name) for model, name in zip(models, names, strict=True)])]
    markets = [_markets(model) for model in models]
    if any(markets):
        each = [f"{name}: {market or 'market not known'}" for name, market in zip(names, markets, strict=True)]
        blocks.append(Bullets(each if len(set(markets)) > 1 else [f"Market: {markets[0]}"]))
    return render_blocks([*blocks, *([Bullets(warnings)] if warnings else [])])


def render_model_comparison(comparison: Mapping[str, Any]) -> str:
    """Return two models side by side as text.

    Parameters
    ----------
    comparison : dict
        What `compare_models_on_disk` returned.

    Returns
    -------
    str
        The report.
    """
    a_markets, b_markets = _markets(comparison["a"]), _markets(comparison["b"])
    rows = [
        Row(
            (
                name,
                _with_interval(name, found["a"], found["interval_a"]),
                _with_interval(name, found["b"], found["interval_b"]),
                plain(found["difference"], "+"),
            )
        )
        for name, found in comparison["metrics"].items()
    ]
    blocks: list[Block] = [Table([Column(title) for title in ("", "A", "B", "B − A")], rows)]
    if a_markets != b_markets:
        blocks.append(
            Paragraph(f"They are of different markets: {a_markets or 'unknown'}, and {b_markets or 'unknown'}.")
        )
    if not comparison["same_test_days"]:
        blocks.append(Paragraph("They were tested on different days, so the difference is not the models' alone."))
    models = Facts(
        [Fact(key.upper(), f"{comparison[key]['version']}  {comparison[key]['estimator']}") for key in ("a", "b")]
    )
    return render_text(
        Page(
            kind="Two models",
            title="",
            context=models.facts,
            sections=[Section("Metrics", blocks, "(test set)"), _differences(comparison)],
        )
    )


def _short_names(versions: Sequence[str]) -> list[str]:
    """Return the times at which versions were saved, which commands take for names; whole names if two are equal."""
    short = [version.partition("-")[0] for version in versions]
    return short if len(set(short)) == len(short) else list(versions)


def _markets(model: Mapping[str, Any]) -> str:
    """Return the markets that a model was trained on, such as "Sandbox BTC-USDT 15m"; empty if they are not known."""
    return ", ".join(" ".join(filter(None, market)) for market in model.get("markets") or ())


def _row(model: Mapping[str, Any], name: str) -> Row:
    mark = "current" if model["current"] else ""
    if "task" not in model:
        return Row((name, NOTHING, NOTHING, mark))
    headline, trained = model["headline"] or {}, model["train_interval"]
    label = METRICS.get(headline.get("name", ""))
    spec, title = (".4g", headline.get("name", "")) if label is None else (label.spec, label.title)
    value = f"{title} {number(headline.get('value'), spec)}".strip()
    return Row((name, NOTHING if trained is None else days(*trained), value, mark))


def _with_interval(name: str, value: float | None, found: Sequence[float | None] | None) -> str:
    """Return a metric and its interval."""
    spec = METRICS[name].spec if name in METRICS else ".4g"
    low, high = (None, None) if found is None else found
    between = interval(low, high, spec)
    return number(value, spec) if between == NOTHING else f"{number(value, spec)} ({between})"


def _differences(comparison: Mapping[str, Any]) -> Section:
    """Say what else differs from A to B."""
    found = [
        *(f"feature added: {name}" for name in comparison["features_added"]),
        *(f"feature removed: {name}" for name in comparison["features_removed"]),
        *(f"{name}: {a!r} → {b!r}" for name, (a, b) in comparison["parameters"].items()),
        *([] if comparison["same_data"] else ["the data"]),
    ]
    nothing = Paragraph("Nothing that was recorded at the trainings.")
    return Section("What Differs", [Bullets(found) if found else nothing])
