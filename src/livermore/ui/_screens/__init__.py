"""The screens, a module each: what they show is read from the project's files when it is asked for."""

from collections.abc import Callable, Sequence

from livermore.ui._screen import Screen
from livermore.ui._screens import (
    candles,
    comparisons,
    home,
    live,
    models,
    parity,
    predictions,
    reports,
    samples,
    walk_forward,
)

__all__ = ["make_screens"]


def make_screens(is_stopping: Callable[[], bool]) -> Sequence[Screen]:
    """Return the screens in the order of the menu.

    Parameters
    ----------
    is_stopping : callable
        Tells whether the server stops: what a screen has started is ended then.
    """
    return (
        home.SCREEN,
        candles.SCREEN,
        samples.SCREEN,
        models.SCREEN,
        reports.SCREEN,
        comparisons.SCREEN,
        walk_forward.SCREEN,
        live.SCREEN,
        predictions.SCREEN,
        parity.make_screen(is_stopping),
    )
