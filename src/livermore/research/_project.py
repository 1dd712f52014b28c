"""A project folder to start from, and the demo that takes one through all five steps."""

import keyword
import os
import runpy
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from livermore.candles import best_auc, synthetic_candles
from livermore.console import print_text
from livermore.errors import ConfigError
from livermore.files import write_atomically
from livermore.research._save_report import NO_REPORTS, REPORTS
from livermore.research._store_candles import store_candles

if TYPE_CHECKING:
    import jinja2

__all__ = ["new_project", "run_demo"]

EXCHANGE = "Sandbox"
EDGE = 0.15
MARKETS = {"NOISE-USDT": 0.0, "EDGE-USDT": EDGE}
START = datetime(2021, 1, 1, tzinfo=UTC)
WARM_UP = timedelta(days=30)
TRAINING = timedelta(days=2 * 365)
TEST = timedelta(days=365)
TEMPLATES = Path(__file__).parent / "templates"
RULE = "=" * 78
SCRIPTS = ("settings.py", "gather.py", "train.py", "compare.py", "README.md")


def new_project(name: str, folder: Path | str = ".", *, seed: int = 7) -> list[Path]:
    """Write a strategy, the scripts of the five steps, and synthetic candles to try them on.

    In a folder that holds a project already, only the strategy is written.

    Parameters
    ----------
    name : str
        Name of the strategy, a Python identifier such as ``TrendFilter``.
    folder : path-like
        The project folder; made if it is not there.
    seed : int
        Seed of the candles.

    Returns
    -------
    list of Path
        What was written.

    Raises
    ------
    ConfigError
        If the name is no identifier, or one of the files is there already: nothing is overwritten.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> _ = (folder / "settings.py").write_text("# a project")
    >>> [path.relative_to(folder).as_posix() for path in new_project("Second", folder)]
    ['strategies/Second/__init__.py']
    """
    if not name.isidentifier() or keyword.iskeyword(name):
        message = f"{name!r} cannot be the name of a strategy class; use a Python identifier such as TrendFilter"
        raise ConfigError(message)
    root = Path(folder)
    _check_folder(root)
    is_project = (root / "settings.py").exists()
    texts = _rendered(name, root, scripts=() if is_project else SCRIPTS)
    for path in texts:
        if path.exists():
            message = f"{path} exists and is not overwritten; choose another name or folder"
            raise ConfigError(message)
    for path, text in texts.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, text.encode())
    return [*texts] if is_project else [*texts, *_write_candles(root, seed)]


def run_demo(folder: Path | str = "livermore-demo", *, seed: int = 7, report: bool = True) -> None:
    """Write a project and take it through all five steps, on a market with an edge and on one without.

    Parameters
    ----------
    folder : path-like
        Where to write the project; must not hold one yet.
    seed : int
        Seed of the candles.
    report : bool
        Whether the scripts write pages with plots to ``reports``.

    Raises
    ------
    ConfigError
        If the folder holds a project already.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> _ = (folder / "settings.py").write_text("# a project")
    >>> run_demo(folder)
    Traceback (most recent call last):
        ...
    livermore.errors.ConfigError: ...settings.py exists and is not overwritten; choose another folder
    """
    root = Path(folder)
    _check_folder(root)
    if (root / "settings.py").exists():
        message = f"{root / 'settings.py'} exists and is not overwritten; choose another folder"
        raise ConfigError(message)
    print_text(_templates().get_template("introduction.txt.jinja").render(edge=EDGE, auc=f"{best_auc(EDGE):.3f}"))
    print_text(f"Writing {root}/ …")
    new_project("TrendFilter", root, seed=seed)
    for symbol in MARKETS:
        print(f"\n{RULE}\n{symbol}: {'a weak, known edge' if MARKETS[symbol] else 'no edge'}\n{RULE}")
        for script in ("gather.py", "train.py", "compare.py"):
            print(f"\n$ python {script} {symbol}", flush=True)
            with nullcontext() if report else _without_reports():
                _run_script(root, script, symbol)
    print(f"\nThe project is in {root}/; its README.md says how to go on.")
    if (root / REPORTS).is_dir():
        print(f"Pages with plots are in {root / REPORTS}/; livermore report --folder {root} lists them.")


def _check_folder(root: Path) -> None:
    """Refuse a path at which no folder can be."""
    if root.exists() and not root.is_dir():
        message = f"{root} is a file; name a folder for the project"
        raise ConfigError(message)


def _rendered(name: str, root: Path, scripts: Sequence[str]) -> dict[Path, str]:
    """Render a strategy and scripts; returns their texts by path."""
    environment = _templates()
    training = START + WARM_UP
    values = {
        "name": name,
        "symbol": next(symbol for symbol, edge in MARKETS.items() if edge),
        "training_start": f"{training:%Y-%m-%d}",
        "test_start": f"{training + TRAINING:%Y-%m-%d}",
        "test_finish": f"{training + TRAINING + TEST:%Y-%m-%d}",
    }
    paths = {root / script: script for script in scripts}
    paths[root / "strategies" / name / "__init__.py"] = "strategy.py"
    return {path: environment.get_template(f"{script}.jinja").render(values) for path, script in paths.items()}


def _templates() -> "jinja2.Environment":
    """Make the environment that renders what lies in the folder ``templates``."""
    import jinja2

    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES), undefined=jinja2.StrictUndefined, keep_trailing_newline=True
    )


def _write_candles(root: Path, seed: int) -> list[Path]:
    """Store both markets; returns the store's folders."""
    minutes = (WARM_UP + TRAINING + TEST) // timedelta(minutes=1)
    with _inside(root):
        for symbol, edge in MARKETS.items():
            store_candles(synthetic_candles(minutes, seed=seed, edge=edge), EXCHANGE, symbol, replace=True)
    return [root / "storage"]


def _run_script(root: Path, script: str, symbol: str) -> None:
    """Run a script of the project as ``python SCRIPT SYMBOL`` in its folder would."""
    arguments, path = sys.argv, list(sys.path)
    with _inside(root):
        sys.argv = [script, symbol]
        sys.path.insert(0, str(Path.cwd()))
        try:
            runpy.run_path(script, run_name="__main__")
        finally:
            sys.argv, sys.path[:] = arguments, path
            sys.modules.pop("settings", None)


@contextmanager
def _without_reports() -> Iterator[None]:
    """Switch reports off for a while, as it is done for a script that is started by itself."""
    before = os.environ.get(NO_REPORTS)
    os.environ[NO_REPORTS] = "1"
    try:
        yield
    finally:
        if before is None:
            del os.environ[NO_REPORTS]
        else:
            os.environ[NO_REPORTS] = before


@contextmanager
def _inside(folder: Path) -> Iterator[None]:
    """Work in another folder for a while, as a script that is started there does."""
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)
