"""What a project's ``settings.py`` says, so that commands run what the project's scripts run."""

import runpy
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from livermore.errors import ConfigError, LivermoreError

__all__ = ["ProjectSettings"]

Period = tuple[str, str]


@dataclass(frozen=True)
class ProjectSettings:
    """The names that commands read from ``settings.py``; None for those that it does not define.

    Attributes
    ----------
    strategy, exchange, symbol, timeframe : str or None
        ``STRATEGY``, ``EXCHANGE``, ``SYMBOL``, ``TIMEFRAME``.
    warm_up_candles : int or None
        ``WARM_UP_CANDLES``, in bars.
    training, test : tuple of (str, str) or None
        ``TRAINING`` and ``TEST``: first day and the day after the last, YYYY-MM-DD, UTC.
    config : mapping
        ``CONFIG``, as `backtest` takes it.
    """

    strategy: str | None = None
    exchange: str | None = None
    symbol: str | None = None
    timeframe: str | None = None
    warm_up_candles: int | None = None
    training: Period | None = None
    test: Period | None = None
    config: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def read(cls, root: Path | str = ".") -> "ProjectSettings":
        """Run the project's ``settings.py`` and return what it defines; a project without one has no settings.

        Parameters
        ----------
        root : path-like
            The project folder.

        Raises
        ------
        ConfigError
            If ``settings.py`` fails, or defines a name with a value that it cannot have.

        Examples
        --------
        >>> import tempfile
        >>> folder = Path(tempfile.mkdtemp())
        >>> _ = (folder / "settings.py").write_text("TIMEFRAME = '4h'")
        >>> ProjectSettings.read(folder).timeframe
        '4h'
        """
        path = Path(root) / "settings.py"
        if not path.is_file():
            return cls()
        names = _run(path)
        return cls(
            strategy=_checked(path, names, "STRATEGY", str),
            exchange=_checked(path, names, "EXCHANGE", str),
            symbol=_checked(path, names, "SYMBOL", str),
            timeframe=_checked(path, names, "TIMEFRAME", str),
            warm_up_candles=_checked(path, names, "WARM_UP_CANDLES", int),
            training=_period(path, names, "TRAINING"),
            test=_period(path, names, "TEST"),
            config=_checked(path, names, "CONFIG", Mapping) or {},
        )


def _run(path: Path) -> dict[str, Any]:
    """Run a settings file as a script in its folder would import it."""
    before = list(sys.path)
    sys.path.insert(0, str(path.parent.resolve()))
    try:
        return runpy.run_path(str(path), run_name="settings")
    except LivermoreError:
        raise
    except Exception as error:
        raise ConfigError(f"{path} could not be run: {type(error).__name__}: {error}") from error
    finally:
        sys.path[:] = before


def _checked(path: Path, names: Mapping[str, Any], name: str, kind: type) -> Any:
    value = names.get(name)
    if value is None or (isinstance(value, kind) and not isinstance(value, bool)):
        return value
    raise ConfigError(f"{path}: {name} must be of type {kind.__name__.lower()}; it is {value!r}")


def _period(path: Path, names: Mapping[str, Any], name: str) -> Period | None:
    value = names.get(name)
    if value is None:
        return None
    if isinstance(value, tuple | list) and len(value) == 2 and all(isinstance(day, str) for day in value):
        return value[0], value[1]
    raise ConfigError(f"{path}: {name} must be two days, such as ('2023-01-01', '2024-01-01'); it is {value!r}")
