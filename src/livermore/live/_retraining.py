"""Retraining in service: a model is trained in another process, and takes over between two minutes if it predicts."""

import json
import pickle
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from livermore.errors import ConfigError, LivermoreError, ModelError
from livermore.live._events import Event, as_json
from livermore.live._models import TAKE_OVER, ModelsInForce
from livermore.ml.schedule import RetrainSchedule

if TYPE_CHECKING:
    from livermore.engine import Session
    from livermore.engine.route import TradedRoute
    from livermore.live._events import EventRecorder
    from livermore.live._model_service import ModelService
    from livermore.ml.dataset import Dataset

__all__ = ["AcceptedModel", "RetrainService", "Retraining", "accepted_model", "install_model"]

#: The kind of event that says how a training ended.
KIND = "retraining"
#: Folders of trained models in the folder of a session, each named by when its training was due, UTC s.
MODELS = "retrained"
#: What a training printed, in the folder of its model.
OUTPUT = "output.txt"


@dataclass(frozen=True, kw_only=True)
class Retraining:
    """How the model of a live session is trained again while the session goes on.

    A training that is due runs in another process, on the samples whose labels are known by then: those of `history`
    from before the session, and the session's own. Its model takes over between two minutes if it is shown to predict
    (`train_model`'s verdict, ``predicts == "yes"``, at its level of 0.05). Otherwise, and where a training fails or is
    killed, the model before stays in force, and an event says why.

    Attributes
    ----------
    schedule : RetrainSchedule
        When to train, and on which samples. The first training is the first that is due after the session's start.
    estimator : estimator
        Unfitted, as for `livermore.research.train_model`.
    task : {"binary", "multiclass", "regression"}
        The meaning of the labels.
    history : Dataset, optional
        Samples that were gathered before.
    strategy : str, optional
        The class whose samples are used, and whose own model (not those with a name) is replaced on all its routes; it
        may be left out if all routes have the same.
    cost : float
        As for `livermore.research.train_model`.
    patience_s : float
        A training that takes longer is ended, and counts as failed.

    Examples
    --------
    >>> from datetime import timedelta
    >>> from sklearn.linear_model import LogisticRegression
    >>> Retraining(schedule=RetrainSchedule(every=timedelta(days=7)), estimator=LogisticRegression()).task
    'binary'
    """

    schedule: RetrainSchedule
    estimator: Any
    task: str = "binary"
    history: "Dataset | None" = None
    strategy: str | None = None
    cost: float = 0.0
    patience_s: float = 6 * 3600

    def __post_init__(self) -> None:
        from livermore.ml.tasks import task_named

        if not isinstance(self.schedule, RetrainSchedule):
            raise ConfigError(f"schedule must be a RetrainSchedule, not {type(self.schedule).__name__}")
        if not self.patience_s > 0:
            raise ConfigError(f"patience_s must be more than 0; it is {self.patience_s!r}")
        task_named(self.task).check_estimator(self.estimator)


@dataclass(frozen=True)
class AcceptedModel:
    """A model that a session has trained and that was in force when its journal ended.

    Attributes
    ----------
    strategy : str
        Whose model it is.
    folder : Path
        Where it was saved.
    """

    strategy: str
    folder: Path


def accepted_model(events: Iterable[tuple[int, Event]], folder: Path) -> AcceptedModel | None:
    """Return the last model that a session has trained and accepted; `events` as of `Journal.model_events`."""
    found, identity = None, None
    for _, event in events:
        if event.kind == KIND and event.values["outcome"] == "accepted":
            found = AcceptedModel(event.values["strategy"], folder / MODELS / str(event.values["at"]))
            identity = event.values["version"], event.values["hash"]
        elif event.kind == TAKE_OVER and event.values["model"] is None:
            # Somebody has put another one in its place since.
            found = found if (event.values["version"], event.values["hash"]) == identity else None
    return found


def install_model(
    session: "Session", accepted: AcceptedModel, service: "ModelService | None", recorder: "EventRecorder"
) -> Sequence[str]:
    """Let a trained model answer on all routes of its strategy, and return their symbols.

    Raises
    ------
    ModelError
        If it is not there, cannot be loaded, or takes features that the strategy does not give.
    """
    from livermore.live._retrain_process import RESULT
    from livermore.ml.evidence import FeatureReference, MonitorReference
    from livermore.ml.inference import load_predictor

    predictor = load_predictor(accepted.folder)
    routes = _routes_of(session, accepted.strategy)
    # Loads it: an error must come before it is asked for a prediction.
    taken = set(predictor.feature_names or ())
    for runner in routes:
        given = recorder.features_given(runner.spec.symbol)
        if given and not taken <= given:
            names = ", ".join(sorted(taken - given))
            raise ModelError(f"it was trained on {names}, which ml_features() of {accepted.strategy} does not give.")
    for state in _states_of(session, accepted.strategy):
        state.model = predictor
    reference = json.loads((accepted.folder / RESULT).read_text(encoding="utf-8"))["reference"]
    if service is not None and reference is not None and routes:
        features = tuple(FeatureReference(**{**f, "quantiles": tuple(f["quantiles"])}) for f in reference["features"])
        identity = recorder.identity(routes[0].spec.symbol, None)
        service.add_reference(identity, MonitorReference(**{**reference, "features": features}))
    return [runner.spec.symbol for runner in routes]


class RetrainService:
    """Starts trainings when they are due, and lets their models take over.

    Parameters
    ----------
    retraining : Retraining
        How.
    session, recorder : Session, EventRecorder
        Of the live session.
    service : ModelService
        Watches its models.
    folder : Path
        Of the session.
    start : int
        When the session began, UTC ms.
    chains : int
        How many samples wait for their label at once.
    recorded : iterable of (int, Event)
        Of `Journal.model_events`.

    Raises
    ------
    ConfigError
        If it is not clear which strategy's model is meant.
    """

    def __init__(
        self,
        retraining: Retraining,
        session: "Session",
        recorder: "EventRecorder",
        service: "ModelService | None",
        folder: Path,
        start: int,
        chains: int,
        recorded: Iterable[tuple[int, Event]],
    ) -> None:
        self._retraining = retraining
        self._session = session
        self._recorder = recorder
        self._service = service
        self._folder = folder
        self._chains = chains
        self._strategy = _strategy_of(retraining, session)
        known = [event.values["at"] for _, event in recorded if event.kind == KIND]
        self._trained_at: int = max(known, default=retraining.schedule.last_due(start // 1000))
        self._process: subprocess.Popen[bytes] | None = None
        self._begun_at = 0

    @property
    def next_due(self) -> int:
        """When the next training is due, UTC s; that of one that runs while it runs."""
        step = int(self._retraining.schedule.every.total_seconds())
        return self._trained_at if self._process is not None else self._trained_at + step

    def step(self, now: int, last_minute: int, models: ModelsInForce, session_name: str) -> list[Event]:
        """Start what is due, or take note of what has ended; return what happened.

        Parameters
        ----------
        now : int
            UTC ms, by the clock of the session's feed.
        last_minute : int
            When the last minute opened that was run, UTC ms.
        models : ModelsInForce
            The models of the session.
        session_name : str
            Its name.
        """
        if self._process is None:
            if self._retraining.schedule.is_due(self._trained_at, now // 1000):
                return self._begin(now)
            return []
        status = self._process.poll()
        if status is None:
            if (now - self._begun_at) / 1000 <= self._retraining.patience_s:
                return []
            self.close()
            return [self._ended(now, {"outcome": "failed", "reason": "it took too long, and was ended"})]
        self._process = None
        return self._take_over(now, last_minute, models, session_name, status)

    def close(self) -> None:
        """End a training that runs. It is due again when the session goes on."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def _begin(self, now: int) -> list[Event]:
        # Classes of the script that runs, or of a notebook, go to the other process by value.
        from joblib import wrap_non_picklable_objects

        from livermore.live._retrain_process import TrainingJob

        given = self._retraining
        self._trained_at, self._begun_at = given.schedule.last_due(now // 1000), now
        target = self._target
        target.mkdir(parents=True, exist_ok=True)
        job = TrainingJob(
            session=str(self._folder.resolve()),
            strategy=self._strategy,
            estimator=wrap_non_picklable_objects(given.estimator, keep_wrapper=False),
            task=given.task,
            schedule=given.schedule,
            history=given.history,
            at=self._trained_at,
            folder=str(target.resolve()),
            chains=self._chains,
            cost=given.cost,
        )
        try:
            content = pickle.dumps(job)
            with (target / OUTPUT).open("wb") as output:
                command = [sys.executable, "-m", "livermore.live._retrain_process"]
                process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=output, stderr=subprocess.STDOUT)
            self._process = process
            assert process.stdin is not None
            with process.stdin:
                process.stdin.write(content)
        except Exception as error:
            # What cannot be pickled, a full disk, no more processes: the session trades on.
            self.close()
            return [self._ended(now, {"outcome": "failed", "reason": f"{type(error).__name__}: {error}"})]
        return []

    @property
    def _target(self) -> Path:
        return self._folder / MODELS / str(self._trained_at)

    def _take_over(
        self, now: int, last_minute: int, models: ModelsInForce, session_name: str, status: int
    ) -> list[Event]:
        """Return what a training has led to."""
        found = self._read_result(status)
        if found["outcome"] != "accepted":
            return [self._ended(now, found)]
        states = _states_of(self._session, self._strategy)
        before = [state.model for state in states]
        try:
            accepted = AcceptedModel(self._strategy, self._target)
            routes = install_model(self._session, accepted, self._service, self._recorder)
        except (LivermoreError, OSError) as error:
            for state, model in zip(states, before, strict=True):
                state.model = model
            reason = f"its model cannot be loaded: {type(error).__name__}: {error}"
            return [self._ended(now, {"outcome": "failed", "reason": reason})]
        identity = self._recorder.identity(routes[0], None)
        events = models.compare(self._recorder, last_minute, session_name, take_over=True)
        if self._service is not None:
            for route, model in models.taken_over_after(last_minute):
                self._service.drop(route, model)
        return [self._ended(now, {**found, **identity._asdict()}), *events]

    def _read_result(self, status: int) -> dict[str, Any]:
        from livermore.live._retrain_process import RESULT

        if status < 0:
            return {"outcome": "failed", "reason": f"it was ended by signal {-status}"}
        try:
            if status != 0:
                said = (self._target / OUTPUT).read_text(encoding="utf-8", errors="replace").strip().splitlines()
                return {"outcome": "failed", "reason": said[-1] if said else f"status {status}"}
            found: dict[str, Any] = json.loads((self._target / RESULT).read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            return {"outcome": "failed", "reason": f"it left no result: {error}"}
        del found["reference"]
        return found

    def _ended(self, now: int, values: Mapping[str, Any]) -> Event:
        return Event(now, KIND, "", as_json({"strategy": self._strategy, "at": self._trained_at, **values}))


def _routes_of(session: "Session", strategy: str) -> "list[TradedRoute]":
    """Return the routes that a strategy trades."""
    return [runner for runner in session.runners if type(runner.strategy).__name__ == strategy]


def _states_of(session: "Session", strategy: str) -> list[Any]:
    """Return what holds the model of a strategy, on each of its routes."""
    from livermore.strategies import state_of

    return [state_of(runner.strategy) for runner in _routes_of(session, strategy)]


def _strategy_of(retraining: Retraining, session: "Session") -> str:
    names = sorted({type(runner.strategy).__name__ for runner in session.runners})
    if retraining.strategy is None and len(names) == 1:
        return names[0]
    if retraining.strategy not in names:
        raise ConfigError(
            f"retrain must say which strategy's model is trained, one of {', '.join(names)}; it says "
            f"{retraining.strategy!r}"
        )
    return str(retraining.strategy)
