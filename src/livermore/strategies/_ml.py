"""The machine-learning half of a strategy: its samples, and the model that was trained on them."""

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from livermore.candles import TIMESTAMP
from livermore.errors import ModelError
from livermore.strategies._folder import check_strategy_name, strategy_folder
from livermore.strategies._protocols import RouteProtocol
from livermore.strategies._recording import Recorder

if TYPE_CHECKING:
    from livermore.ml.inference import PredictionContext, PredictionMonitor
    from livermore.strategies._strategy import Strategy

__all__ = ["MLMixin"]

#: Folders beside a strategy that hold no model under that name.
TAKEN = frozenset({"models", "ml_data"})


class MLMixin(Recorder):
    """The machine-learning methods of `Strategy`.

    Attributes
    ----------
    ml_mode : str
        ``"gather"`` or ``"deploy"``: for the user's own code to branch on. Set it on the class, in ``__init__``, or
        from a script.
    ml_policy : str
        What `ml_predict` and `ml_predict_proba` do when a feature is missing, infinite or far outside the range that
        it had in training: ``"raise"`` an error; ``"skip"``: return NaN (of each class), so that no condition
        ``p >= threshold`` is true, and count it; or ``"allow"``: predict all the same.
    ml_range_margin : float
        A value is far outside if it lies more than so many widths of the range in training outside of that range.
    ml_on_unseen_symbol : str
        What becomes of a model that is asked about a symbol without a sample in its training, on an exchange and a
        timeframe that had some: ``"warn"`` (with real orders: refuse it), ``"raise"`` an error, or ``"allow"``: use it
        without a word, also with real orders.
    """

    ml_mode: str = "gather"
    ml_policy: str = "raise"
    ml_range_margin: float = 3.0
    ml_on_unseen_symbol: str = "warn"

    def ml_features(self) -> dict[str, Any]:
        """Return the features of the current bar by name. Gathering and prediction both take them from here."""
        raise NotImplementedError(
            f"{type(self).__name__} has no ml_features(). Define it to return a dict of feature names and numbers; "
            "use it both in record_features(self.ml_features()) and, through ml_predict*(), in deploy mode"
        )

    def ml_predict(self, *, model: str | None = None) -> float:
        """Return the regression model's prediction for `ml_features()`.

        The model is loaded at the first call, from the folder of the strategy's own module. A second call with the same
        features is a look-up.

        Parameters
        ----------
        model : str, optional
            Which of several models: the one in the folder of that name inside the strategy's folder. Its features are
            what ``ml_features_<model>()`` returns, if the strategy has such a method, else those of `ml_features()`
            that it was trained on.

        Returns
        -------
        float
            The prediction; NaN where `ml_policy` is "skip" and skips.

        Raises
        ------
        ModelNotFoundError
            If the folder holds no trained model.
        ModelError, FeatureError
            If the model does not fit the features; the message names what is missing or unknown.
        """
        monitor = self._monitor(model)
        features = self.ml_features() if model is None else self._features_for(model, monitor)
        # The bar's time is compared with the training interval, if the model has one.
        candles = self._livermore.candles
        time = candles.value(TIMESTAMP) if monitor.needs_time and candles is not None else None
        value: float = monitor.predict(features, time, self._prediction_context)
        return value

    def ml_predict_proba(self, *, model: str | None = None) -> dict[int, float]:
        """Return the classification model's probability of each class for `ml_features()`.

        Parameters
        ----------
        model : str, optional
            As for `ml_predict`.

        Returns
        -------
        dict
            Class to probability; NaN for each where `ml_policy` is "skip" and skips.

        Raises
        ------
        ModelNotFoundError
            If the folder holds no trained model.
        ModelError, FeatureError
            If the model does not fit the features; the message names what is missing or unknown.

        Examples
        --------
        >>> from livermore import Strategy
        >>> class Filtered(Strategy):
        ...     ml_policy = "skip"
        ...
        ...     def should_long(self):
        ...         return self.signal() and self.ml_predict_proba()[1] >= 0.6
        ...
        ...     def go_long(self): ...
        """
        monitor = self._monitor(model)
        features = self.ml_features() if model is None else self._features_for(model, monitor)
        candles = self._livermore.candles
        time = candles.value(TIMESTAMP) if monitor.needs_time and candles is not None else None
        probabilities: dict[int, float] = monitor.predict_proba(features, time, self._prediction_context)
        return probabilities

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
        check_strategy_name(type(self).__name__)
        samples = self._livermore.samples
        if not samples:
            return False
        from livermore.ml.dataset import write_samples

        folder = (strategy_folder(type(self)) if directory is None else Path(directory)) / "ml_data"
        write_samples(samples, folder / f"{type(self).__name__}_data.csv")
        return True

    def _monitor(self, model: str | None) -> "PredictionMonitor":
        """Return the monitor of a model, made at the first call, with the strategy's present settings."""
        state = self._livermore
        monitor: PredictionMonitor | None = state.monitors.get(model)
        if monitor is None or (model is None and monitor.source is not state.model):
            monitor = state.monitors[model] = self._new_monitor(model)
        if monitor.on_bad is not self.ml_policy or monitor.margin is not self.ml_range_margin:
            monitor.set_policy(self.ml_policy, self.ml_range_margin)
        return monitor

    def _new_monitor(self, model: str | None) -> "PredictionMonitor":
        from livermore.ml.inference import PredictionMonitor, load_predictor

        if model is not None:
            if not model.isidentifier() or model in TAKEN:
                raise ModelError(f"model={model!r} names no model: it must be an identifier, and not {sorted(TAKEN)}.")
            return PredictionMonitor(load_predictor(strategy_folder(type(self)) / model))
        state = self._livermore
        if state.model is None:
            state.model = load_predictor(strategy_folder(type(self)))
        return PredictionMonitor(state.model)

    def _features_for(self, model: str, monitor: "PredictionMonitor") -> dict[str, Any]:
        """Return the features that one of several models takes."""
        own = getattr(self, f"ml_features_{model}", None)
        if own is not None:
            features: dict[str, Any] = own()
            return features
        features, names = self.ml_features(), monitor.feature_names
        return features if names is None else {name: value for name, value in features.items() if name in names}

    def _prediction_context(self) -> "PredictionContext":
        from livermore.ml.inference import PredictionContext

        route: RouteProtocol | None = self._livermore.route
        strategy = cast("Strategy", self)
        if route is None:
            # Asked outside of any session, as in a notebook: now.
            return PredictionContext(time=int(time.time()), now=int(time.time()))
        return PredictionContext(
            time=int(route.candles.value(TIMESTAMP) / 1000),
            now=int(route.clock.now / 1000),
            in_sample_is_error=route.session.on_in_sample == "raise",
            exchange=strategy.exchange,
            symbol=strategy.symbol,
            timeframe=strategy.timeframe,
            is_live=strategy.is_live,
            on_unseen_symbol=self.ml_on_unseen_symbol,
        )
