"""Jesse's import paths: ``import jesse…`` resolves to livermore once `install_as_jesse` was called.

Names only, and all of them looked up when they are first imported, so that this module may be used from anywhere.
"""

import importlib
import importlib.machinery
import importlib.util
import os
import sys
from collections.abc import MutableSequence, Sequence
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from importlib.abc import Loader, MetaPathFinder
else:
    # They bring nothing that is used here, and importing them loads a dozen modules (tempfile, random, lzma, …).
    Loader = MetaPathFinder = object

__all__ = ["USE_REAL_JESSE", "install_as_jesse"]

#: Set this environment variable to ``1`` to keep the real Jesse where it is installed.
USE_REAL_JESSE = "LIVERMORE_USE_REAL_JESSE"

#: Modules of Jesse that are modules of livermore.
MODULES = {
    "jesse.constants": "livermore.jesse.constants",
    "jesse.enums": "livermore.jesse.enums",
    "jesse.exceptions": "livermore.jesse.exceptions",
    "jesse.factories": "livermore.jesse.factories",
    "jesse.helpers": "livermore.jesse.helpers",
    "jesse.indicators": "livermore.indicators",
    "jesse.libs": "livermore.jesse.libs",
    "jesse.models": "livermore.jesse.models",
    "jesse.research": "livermore.research",
    "jesse.services": "livermore.jesse.services",
    "jesse.services.cache": "livermore.jesse.services.cache",
    "jesse.services.logger": "livermore.jesse.services.logger",
    "jesse.services.notifier": "livermore.jesse.services.notifier",
    "jesse.strategies": "livermore.strategies",
    "jesse.utils": "livermore.jesse.utils",
    "jesse.version": "livermore.jesse.version",
}

#: Modules of Jesse whose names are those of the package that holds them: ``from jesse.models.Order import Order``.
PARTS = {
    "jesse.factories": ("candle_factory", "order_factory"),
    "jesse.libs": ("dynamic_numpy_array",),
    "jesse.models": ("ClosedTrade", "Order", "Position"),
    "jesse.research": (
        *("backtest", "candles", "import_candles", "ml"),
        *("monte_carlo", "optimize", "rule_significance_testing"),
    ),
    "jesse.strategies": ("Strategy",),
}

#: Modules of Jesse that livermore does not have, and what there is instead. The longest name that fits counts.
INSTEAD = {
    "jesse": "it has what strategies and research scripts use, and no server",
    "jesse.candle_pipelines": "change the candles before you pass them to backtest",
    "jesse.config": "there are no global settings: pass config to backtest, and read self.fee_rate, self.leverage and "
    "self.exchange_type in a strategy",
    "jesse.info": "there is no list of exchanges: the config of a backtest says fee, type and leverage",
    "jesse.models": "there is no database: self.orders, self.trades and self.position have what is traded",
    "jesse.modes": "call the functions of jesse.research, such as backtest and import_candles",
    "jesse.routes": "there are no global routes: a strategy has self.routes and self.data_routes",
    "jesse.services": "of Jesse's services there are cache, logger and notifier",
    "jesse.services.broker": "a strategy has self.broker",
    "jesse.services.candle_service": "use jesse.research.get_candles, in a strategy self.get_candles",
    "jesse.services.db": "there is no database: candles are stored in files, with jesse.research.store_candles",
    "jesse.services.metrics": "backtest returns metrics; a strategy has self.metrics",
    "jesse.services.report": "backtest returns trades and metrics",
    "jesse.store": "there is no global store: a strategy has self.position, self.orders, self.trades, self.shared_vars "
    "and self.get_candles()",
    "jesse.testing_utils": "call jesse.research.backtest on candles of jesse.factories; livermore.testing has checks "
    "for strategies and indicators",
}


def install_as_jesse(*, replace: bool = False) -> bool:
    """Make ``import jesse…`` resolve to livermore, for the rest of the process.

    In the manner of ``pymysql.install_as_MySQLdb()``. Calling it again changes nothing. The real Jesse is left alone
    where it was asked for: where a script has imported it already, or where the environment variable
    ``LIVERMORE_USE_REAL_JESSE`` is ``1``.

    Parameters
    ----------
    replace : bool
        Put livermore in place of ``jesse`` even where the real one was asked for.

    Returns
    -------
    bool
        Whether ``jesse`` now is livermore.

    Examples
    --------
    >>> install_as_jesse()
    True
    >>> import jesse.exceptions
    >>> jesse.exceptions.InvalidStrategy.__name__
    'StrategyError'
    """
    present = sys.modules.get("jesse")
    if isinstance(present, _Jesse):
        return True
    asked_for = present is not None or os.environ.get(USE_REAL_JESSE) == "1"
    if asked_for and not replace:
        return False
    for name in [name for name in sys.modules if name == "jesse" or name.startswith("jesse.")]:
        del sys.modules[name]
    if not any(isinstance(finder, _JesseFinder) for finder in sys.meta_path):
        sys.meta_path.insert(0, _JesseFinder())
    importlib.import_module("jesse")
    return True


class _Jesse(ModuleType):
    """The package ``jesse`` itself: its submodules are attributes, imported when they are first used."""

    __path__: MutableSequence[str] = []  # noqa: RUF012 -- the import system's name and type for a package's folders

    def __getattr__(self, name: str) -> Any:
        full_name = f"{self.__name__}.{name}"
        if full_name in MODULES:
            return importlib.import_module(full_name)
        if name == "__version__":
            return importlib.import_module("jesse.version").__version__
        message = f"module 'jesse' has no attribute {name!r}: {_instead(full_name)}"
        raise AttributeError(message)

    def __dir__(self) -> list[str]:
        return sorted({name.split(".")[1] for name in MODULES} | {"__version__"})


class _Part(ModuleType):
    """A module of Jesse whose names are found in the package that holds it."""

    __path__: MutableSequence[str] = []  # noqa: RUF012 -- so that the finder below is asked for modules in it

    def __getattr__(self, name: str) -> Any:
        package = self.__name__.rpartition(".")[0]
        if name.startswith("__"):
            message = f"module {self.__name__!r} has no attribute {name!r}"
            raise AttributeError(message)
        return getattr(sys.modules[package], name)


def _instead(name: str) -> str:
    """Say what there is instead of a module."""
    while name not in INSTEAD:
        name = name.rpartition(".")[0]
    return f"livermore stands in for jesse here; {INSTEAD[name]}"


class _JesseFinder(MetaPathFinder):
    """Answers for ``jesse`` and all below it, so that nothing of the real Jesse is mixed in."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname == "jesse":
            return importlib.util.spec_from_loader(fullname, _PackageLoader(), is_package=True)
        if fullname in MODULES:
            return importlib.util.spec_from_loader(fullname, _AliasLoader())
        if fullname.startswith("jesse."):
            raise ModuleNotFoundError(f"No module named {fullname!r}: {_instead(fullname)}", name=fullname)
        return None


class _PackageLoader(Loader):
    """Makes the package."""

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType:
        return _Jesse(spec.name, "livermore under Jesse's names.")

    def exec_module(self, module: ModuleType) -> None:
        """Nothing to run: attributes are imported when they are first used."""


class _AliasLoader(Loader):
    """Puts the module of livermore under the name of Jesse's."""

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> None:
        """Leave that to the import system: what it makes is replaced."""

    def exec_module(self, module: ModuleType) -> None:
        # The import system takes from sys.modules what stands there after this call, so both names are one module.
        name = module.__name__
        sys.modules[name] = package = importlib.import_module(MODULES[name])
        # Parts are put there before anybody imports them. Else the import system would, after an import of
        # jesse.indicators.sma, replace the function ta.sma by that module.
        parts = package.__all__ if name == "jesse.indicators" else PARTS.get(name, ())
        for part in parts:
            sys.modules.setdefault(f"{name}.{part}", _Part(f"{name}.{part}"))
