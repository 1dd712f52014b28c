"""The command line: parses, calls `livermore.research`, prints. No logic of its own.

Errors that livermore raises on purpose are printed as one line; set ``LIVERMORE_DEBUG=1`` to see where they came from.
"""

import os
import runpy
import sys
import traceback
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

import livermore
from livermore.compat import install_as_jesse
from livermore.errors import LivermoreError

__all__ = ["app", "main"]

app = typer.Typer(
    help="Machine learning for rule-based trading strategies, from a labelled backtest to a deployed model.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


def main() -> None:
    """Run the command line; the entry point of the ``livermore`` script."""
    try:
        app()
    except LivermoreError as error:
        if os.environ.get("LIVERMORE_DEBUG") == "1":
            raise
        Console(stderr=True).print(f"error: {error}", style="bold red", markup=False, highlight=False)
        for note in getattr(error, "__notes__", ()):
            Console(stderr=True).print(f"  {note}", style="red", markup=False, highlight=False)
        raise SystemExit(1) from None
    except KeyboardInterrupt:
        Console(stderr=True).print("interrupted")
        raise SystemExit(130) from None


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"livermore {livermore.__version__}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """Options that come before a command."""


@app.command()
def demo(
    folder: Annotated[Path, typer.Argument(help="Where to write the project.")] = Path("livermore-demo"),
    seed: Annotated[int, typer.Option(help="Seed of the candles that are made.")] = 7,
) -> None:
    """Write a project with candles of its own making, then gather, train, deploy and compare."""
    from livermore.research import run_demo

    run_demo(folder, seed=seed)


@app.command()
def new(
    name: Annotated[str, typer.Argument(help="Name of the strategy, such as TrendFilter.")],
    folder: Annotated[Path, typer.Option(help="The project folder.")] = Path(),
) -> None:
    """Write a strategy, its scripts and candles to try them on, without running anything."""
    from livermore.research import new_project

    for path in new_project(name, folder):
        typer.echo(f"wrote {path}")


@app.command("import-candles")
def import_candles(
    file: Annotated[Path, typer.Argument(help="CSV (also gzipped) or Parquet file of one-minute candles.")],
    exchange: Annotated[str, typer.Option(help="Name of the exchange, as routes will say it.")],
    symbol: Annotated[str, typer.Option(help="Symbol with a dash, such as BTC-USDT.")],
    folder: Annotated[Path, typer.Option(help="The project folder.")] = Path(),
) -> None:
    """Read a file of candles into the project's store, where get_candles finds them."""
    from livermore.research import import_candles_file

    typer.echo(import_candles_file(file, exchange, symbol, root=folder))


@app.command(
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True, "allow_interspersed_args": False}
)
def run(
    context: typer.Context,
    script: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="A Python script that imports jesse.")],
) -> None:
    """Run a script in which `import jesse…` means livermore; what follows its name is its own arguments."""
    install_as_jesse(replace=True)
    sys.argv = [str(script), *context.args]
    sys.path.insert(0, str(script.resolve().parent))
    try:
        runpy.run_path(str(script), run_name="__main__")
    except LivermoreError:
        # In a user's own script, the line that failed is what he wants to see.
        traceback.print_exc()
        raise typer.Exit(1) from None
