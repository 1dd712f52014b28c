"""The command ``models``: versions of saved models, and trust in them."""

import argparse
from pathlib import Path

from livermore.cli._parsing import Commands, add_command
from livermore.console import print_text
from livermore.errors import ModelNotFoundError

__all__ = ["add_commands"]


def add_commands(commands: Commands) -> None:
    """Add the commands of this module."""
    models = add_command(commands, "models", _models, "List, compare, roll back or trust the models of a folder.")
    models.add_argument("folder", type=Path, help="the model folder, such as strategies/TrendFilter")
    act = models.add_mutually_exclusive_group()
    act.add_argument("--compare", nargs=2, metavar="VERSION", help="two versions, or the beginnings of their names")
    act.add_argument("--rollback", nargs="?", const="", metavar="VERSION", help="make an earlier version current")
    act.add_argument("--ledger", action="store_true", help="list which models were evaluated on which days")
    act.add_argument("--trust", action="store_true", help="let a model that was saved elsewhere be loaded")


def _models(options: argparse.Namespace) -> int:
    from livermore.research import compare_models_on_disk, ledger_table, list_models, rollback_model, trust_model

    if options.compare:
        print_text(compare_models_on_disk(options.folder, *options.compare))
    elif options.rollback is not None:
        print(f"current: {rollback_model(options.folder, options.rollback or None)}")
    elif options.ledger:
        print_text(ledger_table(options.folder))
    elif options.trust:
        print(f"trusted: {', '.join(trust_model(options.folder))}")
    else:
        listed = list_models(options.folder)
        if not listed:
            raise ModelNotFoundError(_without_models(options.folder))
        print_text(listed)
    return 0


def _without_models(folder: Path) -> str:
    """Return the message for a folder that keeps no models, with the folders below it that do."""
    below = sorted(str(path.parent) for path in folder.glob("**/model.json") if "models" not in path.parts)
    hint = f"Models are in: {', '.join(below)}" if below else "train_model(..., save_to=FOLDER) saves one"
    return f"{folder} keeps no models. {hint}"
