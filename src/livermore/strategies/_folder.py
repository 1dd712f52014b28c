"""Where the files of a strategy are: its model and its samples."""

import sys
from pathlib import Path

__all__ = ["strategy_folder"]


def strategy_folder(strategy: type) -> Path:
    """Return the folder of a strategy class: that of its own module, else ``strategies/<Name>``.

    Parameters
    ----------
    strategy : type
        The class. If it was defined in a script or a notebook, and ``strategies/<Name>`` exists, it is that folder.

    Examples
    --------
    >>> from livermore.strategies import Strategy, strategy_folder
    >>> strategy_folder(Strategy).name
    'strategies'
    """
    file = getattr(sys.modules.get(strategy.__module__), "__file__", None)
    default = Path("strategies", strategy.__name__)
    if file is None or (Path(file).name != "__init__.py" and default.is_dir()):
        return default
    return Path(file).parent
