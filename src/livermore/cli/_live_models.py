"""The options of ``live`` that are about its models: how they are watched, and trained again."""

import argparse
from typing import TYPE_CHECKING, Any

from livermore.errors import ConfigError

if TYPE_CHECKING:
    from livermore.live import ModelWatch

__all__ = ["add_model_options", "model_settings"]


def add_model_options(live: argparse.ArgumentParser) -> None:
    """Add them to the parser of ``live``."""
    models = live.add_argument_group("models", "How the models are watched, and trained again.")
    models.add_argument(
        "--take-over", action="store_true", help="let a model that is another one than the journal's take over"
    )
    models.add_argument(
        "--on-alarm",
        choices=["no_entries", "warn"],
        help="watch the models, and open nothing more after an alarm, or only tell of it; by default they are not",
    )
    models.add_argument(
        "--alarm-level",
        type=float,
        metavar="PROBABILITY",
        help="of a false alarm about a model over the whole life of the session (0.05)",
    )
    models.add_argument("--chains", type=int, metavar="COUNT", help="how many samples wait for their label at once (1)")
    models.add_argument(
        "--reference-samples",
        type=int,
        metavar="COUNT",
        help="so many labelled predictions become the reference, where the training is not known (200)",
    )
    models.add_argument(
        "--max-odd-share", type=float, metavar="FRACTION", help="share of predictions with odd features (0.05)"
    )
    models.add_argument("--max-model-age", type=float, metavar="DAYS", help="after its last training sample (no limit)")
    models.add_argument(
        "--retrain",
        type=float,
        metavar="DAYS",
        help="train the model again so often, in another process; it takes over if it is shown to predict",
    )


def model_settings(options: argparse.Namespace, strategy: str | None) -> dict[str, Any]:
    """Return what the options mean for a `LiveSession`.

    Raises
    ------
    ConfigError
        If models are described that are not watched.
    """
    from livermore.research import project_retraining

    retrain = None
    if options.retrain is not None:
        if strategy is None:
            raise ConfigError("--retrain needs a strategy: name it with --strategy, or STRATEGY in settings.py")
        retrain = project_retraining(strategy, options.retrain)
    return {
        "take_over": options.take_over,
        "model_watch": _watch(options),
        "retrain": retrain,
    }


def _watch(options: argparse.Namespace) -> "ModelWatch | None":
    from livermore.live import ModelWatch

    given = {
        "level": options.alarm_level,
        "chains": options.chains,
        "reference_samples": options.reference_samples,
        "max_odd_share": options.max_odd_share,
        "max_age_days": options.max_model_age,
    }
    given = {name: value for name, value in given.items() if value is not None}
    # A training needs the labels that a watch brings.
    on_alarm = "warn" if options.on_alarm is None and options.retrain is not None else options.on_alarm
    if on_alarm is not None:
        return ModelWatch(on_alarm=on_alarm, **given)
    if given:
        raise ConfigError("models are not watched without --on-alarm no_entries or --on-alarm warn")
    return None
