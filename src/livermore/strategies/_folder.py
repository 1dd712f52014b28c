"""Where the files of a strategy are: its model and its samples."""

import sys
from pathlib import Path

from livermore.errors import LivermoreError, StrategyError

__all__ = ["check_strategy_name", "strategy_folder"]

#: File systems allow 255 bytes; the name is part of longer file names.
LONGEST_NAME = 100


def check_strategy_name(name: object, error: type[LivermoreError] = StrategyError) -> None:
    """Refuse a name that cannot be that of a class and of a folder, such as ``../other``.

    Raises
    ------
    LivermoreError
        Of the given type.

    Examples
    --------
    >>> check_strategy_name("Momentum")
    >>> check_strategy_name("../other")
    Traceback (most recent call last):
    livermore.errors.StrategyError: ...
    """
    if not isinstance(name, str) or not name.isidentifier() or len(name) > LONGEST_NAME:
        shown = name if len(repr(name)) <= LONGEST_NAME else "one that is too long"
        raise error(
            f"a strategy's name must be a Python identifier of at most {LONGEST_NAME} characters, since it names a "
            f"class and a folder; it is {shown!r}"
        )


def strategy_folder(strategy: type) -> Path:
    """Return the folder of a strategy class: that of its own module, else ``strategies/<Name>``.

    Parameters
    ----------
    strategy : type
        The class. If it was defined in a script or a notebook, and ``strategies/<Name>`` exists, it is that folder.

    Raises
    ------
    StrategyError
        If the class has a name that no folder can have.

    Examples
    --------
    >>> from livermore.strategies import Strategy, strategy_folder
    >>> strategy_folder(Strategy).name
    'strategies'
    """
    check_strategy_name(strategy.__name__)
    file = getattr(sys.modules.get(strategy.__module__), "__file__", None)
    default = Path("strategies", strategy.__name__)
    if file is None or (Path(file).name != "__init__.py" and default.is_dir()):
        return default
    return Path(file).parent
