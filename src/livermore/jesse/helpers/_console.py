"""Print values while looking for a fault."""

import traceback
from datetime import UTC, datetime
from typing import Any, NoReturn

__all__ = [
    "dd",
    "debug",
    "dump",
    "dump_exception",
    "error",
    "terminal_debug",
]


def dump(*item: Any) -> None:
    """Print values between two lines, to find them among other output.

    Examples
    --------
    >>> dump("price", 101.5)
    <BLANKLINE>
    ========= DEBUGGING VALUE ==========
    price
    101.5
    ====================================
    <BLANKLINE>
    """
    print("\n========= DEBUGGING VALUE ==========")
    for value in item:
        print(value)
    print("====================================\n")


def dd(*item: Any) -> NoReturn:
    """Print values and end the program ("dump and die").

    Raises
    ------
    SystemExit
        Always, so that files are closed and a notebook's kernel survives.
    """
    dump(*item)
    raise SystemExit(1)


def debug(*item: Any) -> None:
    """Print values on one line, with an arrow in front of them.

    Examples
    --------
    >>> debug("price", 101.5)
    <BLANKLINE>
    ========= DEBUGGING VALUE ==========
    ==> price, 101.5
    ====================================
    <BLANKLINE>
    """
    dump("==> " + ", ".join(map(str, item)))


def error(msg: str, force_print: bool = False) -> None:
    """Print a text as a critical error; `force_print` is accepted for Jesse's sake.

    Examples
    --------
    >>> error("no candles")
    <BLANKLINE>
    ========== CRITICAL ERROR ==========
    no candles
    ====================================
    """
    print(f"\n========== CRITICAL ERROR ==========\n{msg}\n====================================")


def terminal_debug(*item: Any) -> None:
    """Print values on one line with the time (UTC) in front of them."""
    now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S")
    dump(f"[{now}] ==> {', '.join(map(str, item))}")


def dump_exception() -> None:
    """Print the traceback of the error that is being handled."""
    traceback.print_exc()
