"""How the model of a project's strategy is trained again while it trades live."""

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from livermore.research._load_ml_data_csv import samples_path

if TYPE_CHECKING:
    from livermore.live import Retraining

__all__ = ["project_retraining"]


def project_retraining(strategy: str, days: float, root: Path | str = ".") -> "Retraining":
    """Return how a strategy's model is trained again: the estimator of its current model, unfitted, on its samples.

    The samples that were gathered last (``strategies/<Name>/ml_data``) are the history, if there are any.

    Parameters
    ----------
    strategy : str
        Name of the strategy.
    days : float
        Time between two trainings, in days.
    root : path-like
        The project folder.

    Raises
    ------
    ConfigError
        If `days` is no time.
    ModelError
        If the strategy has no model, or it cannot be loaded.

    Examples
    --------
    >>> project_retraining("Momentum", days=0)
    Traceback (most recent call last):
    livermore.errors.ConfigError: the time between two trainings must be a number of days, such as 7; it is 0
    """
    from sklearn.base import clone

    from livermore.errors import ConfigError
    from livermore.live import Retraining
    from livermore.ml.artifacts import load_model
    from livermore.ml.dataset import Dataset
    from livermore.ml.schedule import RetrainSchedule

    if not 0 < days < 10_000:
        raise ConfigError(f"the time between two trainings must be a number of days, such as 7; it is {days!r}")
    loaded = load_model(Path(root) / "strategies" / strategy)
    path = Path(root) / samples_path(strategy)
    return Retraining(
        schedule=RetrainSchedule(every=timedelta(days=days)),
        estimator=clone(loaded.model),
        task="binary" if loaded.manifest is None else loaded.manifest.task,
        history=Dataset.from_file(path) if path.is_file() else None,
    )
