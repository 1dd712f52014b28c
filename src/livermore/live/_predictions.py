"""The predictions of a live session: each with its features, and with the model that gave it."""

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from livermore.candles import TIMESTAMP
from livermore.errors import JournalError
from livermore.strategies import state_of

if TYPE_CHECKING:
    from livermore.strategies import Strategy

__all__ = ["ModelIdentity", "PredictionRecorder"]

#: So many characters of a manifest's hash are kept: enough to tell any two models apart.
HASH_LENGTH = 16


class ModelIdentity(NamedTuple):
    """Which model gave a prediction.

    Attributes
    ----------
    version : str
        The name under which the model was saved; of an object that was never saved its ``version``, else its class.
    hash : str
        The start of the hash of the model's manifest, or of its files where it has none; empty for other objects.
    """

    version: str
    hash: str

    def __str__(self) -> str:
        """Say it in a few words."""
        return f"{self.version or 'a model without a version'}{f' ({self.hash})' if self.hash else ''}"

    @classmethod
    def of(cls, source: Any) -> "ModelIdentity":
        """Return the identity of a `Predictor`, or of an object that predicts."""
        from livermore.ml.artifacts import FileEntry
        from livermore.ml.inference import Predictor

        if not isinstance(source, Predictor):
            return cls(str(getattr(source, "version", type(source).__name__)), "")
        manifest = source.manifest
        if manifest is not None:
            return cls(manifest.version, manifest.digest[:HASH_LENGTH])
        file = source.folder / "model.pkl"
        return cls("", FileEntry.of(file.read_bytes()).sha256[:HASH_LENGTH] if file.is_file() else "")


class PredictionRecorder:
    """Records each prediction that a strategy asks for. It can also answer from a journal in place of the model.

    Parameters
    ----------
    strategy : Strategy
        Its ``ml_features``, ``ml_predict`` and ``ml_predict_proba`` are replaced by those of this object.
    add : callable
        Takes kind, route and values of an event.
    """

    def __init__(self, strategy: "Strategy", add: Callable[[str, str, Mapping[str, Any]], None]) -> None:
        self._strategy = strategy
        self._add = add
        self._features_of = strategy.ml_features
        self._predict, self._predict_proba = strategy.ml_predict, strategy.ml_predict_proba
        self._last: dict[str, Any] = {}
        self._identities: dict[str | None, tuple[Any, ModelIdentity]] = {}
        self._found: dict[str | None, int] = {}
        self._answers: deque[Mapping[str, Any]] | None = None
        strategy.ml_features = self._ml_features  # type: ignore[method-assign]
        strategy.ml_predict = self._ml_predict  # type: ignore[method-assign]
        strategy.ml_predict_proba = self._ml_predict_proba  # type: ignore[method-assign]

    def identity(self, model: str | None) -> ModelIdentity:
        """Return which model the strategy has under a name now; loads it."""
        source = self._strategy._monitor(model).source
        known = self._identities.get(model)
        if known is None or known[0] is not source:
            known = self._identities[model] = source, ModelIdentity.of(source)
        return known[1]

    def trained_until(self, model: str | None) -> int | None:
        """Return when the last sample of a model's training was taken, UTC s; None if that is not known."""
        interval = getattr(getattr(self._strategy._monitor(model).source, "manifest", None), "train_interval", None)
        return None if interval is None else int(interval[1])

    @property
    def features_given(self) -> set[str]:
        """The names of the features that the strategy gave last; none before the first."""
        return set(self._last)

    def answer_from(self, predictions: Iterable[Mapping[str, Any]] | None) -> None:
        """Answer the next calls with journalled predictions; None: ask the model again."""
        self._answers = None if predictions is None else deque(predictions)

    def _ml_features(self) -> dict[str, Any]:
        found = self._features_of()
        self._last = dict(found)
        return found

    def _ml_predict(self, *, model: str | None = None) -> float:
        if self._answers is not None:
            answer = self._next_answer(model)
            return float(answer["result"])
        result = self._predict(model=model)
        self._note(result, model, self.identity(model), odd=self._is_odd(model, [result]))
        return result

    def _ml_predict_proba(self, *, model: str | None = None) -> dict[int, float]:
        if self._answers is not None:
            answer = self._next_answer(model)
            return {int(name): value for name, value in answer["result"].items()}
        result = self._predict_proba(model=model)
        odd = self._is_odd(model, result.values())
        self._note({str(name): value for name, value in result.items()}, model, self.identity(model), odd=odd)
        return result

    def _next_answer(self, model: str | None) -> Mapping[str, Any]:
        """Return the journal's next prediction, and record it with the features that the strategy has now."""
        assert self._answers is not None
        if not self._answers or self._answers[0]["model"] != model:
            raise JournalError(
                f"{type(self._strategy).__name__} asks model {model!r} for a prediction that the journal does not have"
            )
        answer = self._answers.popleft()
        getattr(self._strategy, f"ml_features_{model}", self._ml_features)()
        self._note(answer["result"], model, ModelIdentity(answer["version"], answer["hash"]), odd=answer["odd"])
        return answer

    def _is_odd(self, model: str | None, values: Iterable[float]) -> bool:
        """Return whether features were missing, infinite or far outside of training, or there was no prediction."""
        found = sum(self._strategy._monitor(model).counts.found.values())
        before, self._found[model] = self._found.get(model, 0), found
        return found > before or any(value != value for value in values)

    def _note(self, result: Any, model: str | None, identity: ModelIdentity, *, odd: bool) -> None:
        candles = state_of(self._strategy).candles
        values = {
            "bar": None if candles is None else int(candles.value(TIMESTAMP) / 1000),
            "features": dict(self._last),
            "hash": identity.hash,
            "model": model,
            "odd": odd,
            "result": result,
            "version": identity.version,
        }
        self._add("prediction", self._strategy.symbol, values)
