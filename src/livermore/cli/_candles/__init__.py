"""Commands about stored candles: the group ``livermore candles``, a module per command."""

from pathlib import Path

from livermore.cli._candles import _check, _export, _import, _list, _remove, _sources, _update
from livermore.cli._parsing import Commands, add_command, add_folder

__all__ = ["add_commands"]

# In the order of the help.
_MODULES = (_list, _check, _import, _update, _export, _remove, _sources)


def add_commands(commands: Commands) -> None:
    """Add ``livermore candles``, and ``livermore import-candles``, an older name of ``candles import``."""
    group = add_command(commands, "candles", _list.list_candles, "Candles of the project, and what to do with them.")
    # Without a command, the candles are listed.
    add_folder(group)
    parts = group.add_subparsers(metavar="COMMAND")
    for module in _MODULES:
        module.add_command_to(parts)
    older = _import.add_command_to(commands, "import-candles", "An older name of `livermore candles import`.")
    older.set_defaults(folder=Path())
