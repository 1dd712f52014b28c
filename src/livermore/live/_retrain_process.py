"""A training of a live session, in a process of its own: ``python -m livermore.live._retrain_process``."""

import contextlib
import json
import os
import pickle
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from livermore.errors import DatasetError, NoSamplesError
from livermore.files import write_atomically
from livermore.live._journal_reader import JournalReader, open_journal
from livermore.live._live_samples import journalled_samples
from livermore.ml.artifacts import save_model
from livermore.ml.dataset import Dataset
from livermore.ml.evidence import MonitorReference
from livermore.ml.options import TrainingOptions
from livermore.ml.result import TrainingResult
from livermore.ml.schedule import RetrainSchedule
from livermore.ml.tasks import task_named
from livermore.ml.training import train

__all__ = ["RESULT", "TrainingJob", "run_job"]

#: What a training found, in the folder of its model.
RESULT = "training.json"


@dataclass(frozen=True)
class TrainingJob:
    """What a training needs to know.

    Attributes
    ----------
    session : str
        The session's folder.
    strategy : str
        Of whose samples.
    estimator, task : estimator, str
        As for `livermore.research.train_model`.
    schedule : RetrainSchedule
        Which samples are used.
    history : Dataset or None
        Samples from before the session.
    at : int
        When the training is due, UTC s.
    folder : str
        Where the model is saved.
    chains : int
        How many samples wait for their label at once, for the monitor.
    cost : float
        As for `livermore.research.train_model`.
    """

    session: str
    strategy: str
    estimator: Any
    task: str
    schedule: RetrainSchedule
    history: Dataset | None
    at: int
    folder: str
    chains: int
    cost: float


def run_job(job: TrainingJob) -> dict[str, Any]:
    """Train, save the model, and return what was found.

    Returns
    -------
    dict
        `outcome`: ``"accepted"``, ``"refused"`` or ``"skipped"``; `reason`; `samples`; `reference`: what the training
        was like, for a monitor, or None.
    """
    data = _samples(job)
    rows = job.schedule.known(data.time, data.label_time, job.at)
    if not len(rows):
        least = job.schedule.min_samples
        return _found("skipped", f"fewer than {least} labels were known by then", len(data))
    known = data.take(rows)
    options = TrainingOptions(importance=False, impact=False, judge_features=False, cost=job.cost, user_ledger=False)
    result = train(known, job.estimator, task_named(job.task), options)
    predicts = result["verdict"]["predicts"]
    if predicts != "yes":
        return _found("refused", f"the verdict on whether it predicts is {predicts!r}, not 'yes'", len(known))
    save_model(result, job.folder)
    reference = _reference(known, result, job.chains)
    found = _found("accepted", "it predicts out of sample", len(known))
    return {**found, "reference": None if reference is None else asdict(reference)}


def _found(outcome: str, reason: str, samples: int) -> dict[str, Any]:
    return {"outcome": outcome, "reason": reason, "samples": samples, "reference": None}


def _samples(job: TrainingJob) -> Dataset:
    """Return the samples of before the session, and those of its journal."""
    with open_journal(job.session) as journal:
        return _joined(journal, job)


def _joined(journal: JournalReader, job: TrainingJob) -> Dataset:
    start = journal.setting()["start"] // 1000
    samples: list[Any] = journalled_samples(journal).get(job.strategy, [])
    if job.history is not None:
        before = [sample for sample in job.history.to_samples() if sample["time"] < start]
        samples = [*before, *samples]
    if not samples:
        raise NoSamplesError("no label became known yet")
    return Dataset.from_samples(samples)


def _reference(data: Dataset, result: TrainingResult, chains: int) -> MonitorReference | None:
    """Return what a monitor compares with; None if the predictions did not vary."""
    samples = result.samples
    if samples is None or samples.test.values is None:
        return None
    is_probability = samples.test.classes is not None and samples.test.classes.tolist() == [0, 1]
    predictions: Sequence[float] = samples.test.values.tolist()
    if is_probability and samples.test.probabilities is not None:
        predictions = samples.test.probabilities[:, 1].tolist()
    training = data.time <= samples.train.time[-1]
    with contextlib.suppress(DatasetError):
        return MonitorReference.of(
            samples.train.y,
            predictions,
            chains=chains,
            is_probability=is_probability,
            X=data.X[training],
            feature_names=data.feature_names,
        )
    return None


def main() -> None:
    """Read a job from the standard input, and write what was found to its folder."""
    with contextlib.suppress(OSError):
        # The session, which trades, comes first.
        os.nice(10)
    job: TrainingJob = pickle.load(sys.stdin.buffer)
    found = run_job(job)
    Path(job.folder).mkdir(parents=True, exist_ok=True)
    write_atomically(Path(job.folder) / RESULT, json.dumps(found).encode())


if __name__ == "__main__":
    main()
