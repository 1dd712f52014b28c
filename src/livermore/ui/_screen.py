"""What a screen is made of, without a web framework: functions from what was asked to what is shown."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from livermore.errors import LivermoreError

__all__ = ["Asked", "Moved", "NotInProjectError", "Screen", "Shown", "choose"]

Found = TypeVar("Found")


class NotInProjectError(LivermoreError, LookupError):
    """A page about something that the project does not have."""


@dataclass(frozen=True)
class Asked:
    """What a browser asks for.

    Attributes
    ----------
    root : Path
        The project folder.
    values : mapping of str to str
        The fields of the address or of the form.
    """

    root: Path
    values: Mapping[str, str] = field(default_factory=dict)

    def __getitem__(self, name: str) -> str:
        """Return a field; empty if it was not given."""
        return self.values.get(name, "")


@dataclass(frozen=True)
class Shown:
    """A page: a template, its title, and the values that the template shows."""

    template: str
    title: str
    values: Mapping[str, Any]


@dataclass(frozen=True)
class Moved:
    """What an action answers when it is done: the address of the page that shows what became of it."""

    address: str


@dataclass(frozen=True)
class Screen:
    """One entry of the menu.

    Attributes
    ----------
    path : str
        Address of its first page.
    title : str
        What the menu calls it.
    pages : mapping of str to callable
        By address: takes an `Asked`, returns a `Shown`.
    data : mapping of str to callable
        By address: takes an `Asked`, returns what charts draw, as JSON can hold it.
    actions : mapping of str to callable
        By address, by POST only: takes an `Asked`, returns a `Shown` or a `Moved`.
    """

    path: str
    title: str
    pages: Mapping[str, Callable[[Asked], Shown]]
    data: Mapping[str, Callable[[Asked], Mapping[str, Any]]] = field(default_factory=dict)
    actions: Mapping[str, Callable[[Asked], Shown | Moved]] = field(default_factory=dict)


def choose(known: Mapping[str, Found], name: str, what: str) -> Found:
    """Return what the project has under a name. A name is looked up only, and never becomes a path.

    Parameters
    ----------
    known : mapping of str to object
        What there is.
    name : str
        As the browser gave it.
    what : str
        For the error: "model folder".

    Raises
    ------
    NotInProjectError
        If there is no such thing.

    Examples
    --------
    >>> choose({"first": 1}, "../first", "session")
    Traceback (most recent call last):
    livermore.ui._screen.NotInProjectError: this project has no session '../first'
    """
    if name not in known:
        raise NotInProjectError(f"this project has no {what} {name[:100]!r}")
    return known[name]
