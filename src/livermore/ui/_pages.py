"""Pages as HTML. All that is shown is escaped by the templates, so that a name with markup in it is text."""

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from livermore._version import __version__
from livermore.dates import minute
from livermore.formatting import age, number
from livermore.ui._screen import Screen, Shown

if TYPE_CHECKING:
    from jinja2 import Environment

__all__ = ["error_page", "render", "render_part"]


def render(shown: Shown, screens: Sequence[Screen], project: str, active: str = "") -> str:
    """Return a page.

    Parameters
    ----------
    shown : Shown
        What it shows.
    screens : sequence of Screen
        The menu.
    project : str
        Name of the project, for the head of the page.
    active : str
        Path of the screen that the page belongs to.
    """
    template = _environment().get_template(f"{shown.template}.html.jinja")
    page = template.render(
        shown.values, title=shown.title, screens=screens, project=project, active=active, version=__version__
    )
    # Paths in messages may have bytes that are no text, which Linux allows in names.
    return page.encode("utf-8", "backslashreplace").decode()


def render_part(template: str, **values: Any) -> str:
    """Return a part of a page."""
    return _environment().get_template(f"{template}.html.jinja").render(values)


def error_page(message: str, title: str = "This cannot be shown", notes: Sequence[str] = ()) -> Shown:
    """Return a page that says what is wrong."""
    return Shown("error", title, {"message": message, "notes": notes})


@cache
def _environment() -> "Environment":
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("livermore.ui", "templates"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    environment.filters |= {
        "number": number,
        "minute": minute,
        "minute_ms": _minute_ms,
        "age": age,
    }
    return environment


def _minute_ms(time: float) -> str:
    return minute(time / 1000)
