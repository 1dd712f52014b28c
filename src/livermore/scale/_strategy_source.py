"""The hash of a strategy's source, by which a shard knows whether it was gathered by the same strategy."""

import hashlib
import inspect
from pathlib import Path

from livermore.errors import StrategyError
from livermore.strategies import Strategy

__all__ = ["strategy_key"]


def strategy_key(strategy: str | type[Strategy], root: str) -> str:
    """Return a SHA-256 of the source that a strategy is made of.

    Parameters
    ----------
    strategy : str or type
        For a name, all Python files below ``strategies/`` and those beside it count, since it may import them. For a
        class, the files in which it and its bases are defined, or in a notebook the source of the classes.
    root : str
        The project folder.

    Raises
    ------
    StrategyError
        If the source of a class cannot be read.
    """
    digest = hashlib.sha256()
    if isinstance(strategy, str):
        digest.update(strategy.encode())
        home = Path(root)
        for path in sorted([*home.glob("*.py"), *home.glob("strategies/**/*.py")]):
            digest.update(path.relative_to(home).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
        return digest.hexdigest()
    for kind in strategy.__mro__:
        if kind is object or kind.__module__.split(".")[0] in ("livermore", "abc"):
            continue
        digest.update(f"{kind.__qualname__}\0{_source(kind)}\0".encode())
    return digest.hexdigest()


def _source(kind: type) -> str:
    try:
        file = inspect.getsourcefile(kind)
        # A notebook's cell has no file; the class alone is hashed then.
        if file is not None and Path(file).is_file():
            return Path(file).read_text(encoding="utf-8", errors="replace")
        return inspect.getsource(kind)
    except (OSError, TypeError) as error:
        raise StrategyError(
            f"the source of {kind.__name__} cannot be read ({error}), so it is not known whether stored samples are "
            f"its own. Put it into strategies/{kind.__name__}/__init__.py and pass its name"
        ) from error
