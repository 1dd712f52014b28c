"""The machine-learning half of a strategy: recording samples, and asking the model that was trained on them."""

import sys
from collections.abc import Hashable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from livermore.candles import TIMESTAMP
from livermore.strategies._ports import RoutePort
from livermore.strategies._samples import DEFAULT_KEY, OpenPoint, Origin, checked_features, checked_label

if TYPE_CHECKING:
    from livermore.ml.inference import Predictor

__all__ = ["MLMixin"]


class MLMixin:
    """The machine-learning methods of `Strategy`.

    Attributes
    ----------
    ml_mode : str
        ``"gather"`` or ``"deploy"``: for the user's own code to branch on. Set it on the class, in ``__init__``, or
        from a script.
    """

    ml_mode: str = "gather"

    symbol: str
    exchange: str
    timeframe: str
    _route: RoutePort
    _open_points: dict[Hashable, OpenPoint]
    _ml_data_points: list[dict[str, Any]]
    _predictor: "Predictor | None"

    def ml_features(self) -> dict[str, Any]:
        """Return the features at this moment, by name: the one source of them for gathering and for prediction."""
        raise NotImplementedError(
            f"{type(self).__name__} has no ml_features(). Define it to return a dict of feature names and numbers; "
            "use it both in record_features(self.ml_features()) and, through ml_predict*(), in deploy mode"
        )

    def record_features(self, features: Mapping[str, Any], *, key: Hashable = DEFAULT_KEY, **extra: Any) -> None:
        """Open a sample with these features, or update the open one: its features and its time.

        Parameters
        ----------
        features : dict
            Names to numbers, bools, or None for missing.
        key : hashable, optional
            Names the sample, so that several may be open at once; `record_label` closes the one with the same key.
        **extra
            What else the sample carries, such as ``side`` or ``weight``.

        Raises
        ------
        FeatureError
            If a name is no string or a value no number; it names strategy, time and feature.

        Notes
        -----
        The sample's time is the opening time of the current candle, in seconds. It always is that of the candle whose
        features were recorded last: nothing older hides behind it.
        """
        time = int(self._route.candles.value(TIMESTAMP) / 1000)
        checked = checked_features(features, lambda: Origin(type(self).__name__, self.symbol, time))
        point = self._open_points.get(key)
        if point is None:
            self._open_points[key] = OpenPoint(time, checked, extra)
            return
        point.time = time
        point.features.update(checked)
        point.extra.update(extra)

    def record_label(self, name: str, value: bool | int | float, *, key: Hashable = DEFAULT_KEY) -> None:
        """Close the open sample with its label. With none open a line is logged and nothing recorded.

        Parameters
        ----------
        name : str
            What the label says.
        value : bool, int or float
            numpy's scalars become Python's.
        key : hashable, optional
            As given to `record_features`.

        Raises
        ------
        FeatureError
            If the value is none of the three.
        """
        route = self._route
        now = int(route.clock.now / 1000)
        label = checked_label(name, value, lambda: Origin(type(self).__name__, self.symbol, now))
        point = self._open_points.pop(key, None)
        if point is None:
            where = "" if key is DEFAULT_KEY else f" with key {key!r}"
            route.run.log(f"record_label({name!r}) found no open sample{where}: call record_features first", "info")
            return
        sample: dict[str, Any] = {
            "time": point.time,
            "features": point.features,
            "label": {"name": name, "value": label},
            "label_time": now,
            "exchange": self.exchange,
            "symbol": self.symbol,
            "timeframe": self.timeframe,
            **point.extra,
        }
        if key is not DEFAULT_KEY:
            sample["key"] = key
        self._ml_data_points.append(sample)
        route.run.sample(sample)

    def ml_predict(self) -> float:
        """Return the regression model's prediction for `ml_features()`.

        The model is loaded at the first call, from the folder of the strategy's own module.

        Raises
        ------
        ModelNotFoundError
            If the folder holds no trained model.
        ModelError, FeatureError
            If the model does not fit the features; the message names what is missing or unknown.
        """
        return self._loaded_predictor().predict(self.ml_features())

    def ml_predict_proba(self) -> dict[int, float]:
        """Return the classification model's probability of each class for `ml_features()`.

        Raises
        ------
        ModelNotFoundError
            If the folder holds no trained model.
        ModelError, FeatureError
            If the model does not fit the features; the message names what is missing or unknown.
        """
        return self._loaded_predictor().predict_proba(self.ml_features())

    def export_ml_data(self, directory: str | Path | None = None) -> bool:
        """Write this strategy's labelled samples to ``<directory>/ml_data/<Name>_data.csv``.

        Parameters
        ----------
        directory : path-like, optional
            By default the folder of the strategy's own module.

        Returns
        -------
        bool
            False if there is nothing to write.
        """
        if not self._ml_data_points:
            return False
        from livermore.ml.dataset import write_samples

        folder = (self._folder() if directory is None else Path(directory)) / "ml_data"
        write_samples(self._ml_data_points, folder / f"{type(self).__name__}_data.csv")
        return True

    def _loaded_predictor(self) -> "Predictor":
        if self._predictor is None:
            from livermore.ml.inference import load_predictor

            self._predictor = load_predictor(self._folder())
        return self._predictor

    def _folder(self) -> Path:
        """Return where the strategy's files are: beside its module, else ``strategies/<Name>``."""
        file = getattr(sys.modules.get(type(self).__module__), "__file__", None)
        default = Path("strategies", type(self).__name__)
        if file is None or (Path(file).name != "__init__.py" and default.is_dir()):
            return default
        return Path(file).parent
