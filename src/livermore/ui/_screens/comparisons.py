"""With and without the model: the reports of comparisons, each with its verdict and its chart of decisions."""

from livermore.ui._screen import Asked, Screen, Shown
from livermore.ui._screens.reports import reports_about

__all__ = ["SCREEN"]

ABOUT = (
    "Each report compares a backtest without the model with one that asks it, on days that the model has not seen, and "
    "says whether the difference is more than chance."
)


def show(asked: Asked) -> Shown:
    """Show the reports of comparisons."""
    values = {
        "reports": reports_about(asked.root, "comparison"),
        "about": ABOUT,
        "empty": "There is no comparison yet: livermore compare makes one.",
    }
    return Shown("reports", "With and without the model", values)


SCREEN = Screen("/comparisons", "Comparison", {"/comparisons": show})
