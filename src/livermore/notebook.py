"""What notebooks show: small results as HTML without scripts, in which no value becomes markup, and progress."""

import html
import sys
import time
from collections.abc import Iterable, Sequence
from typing import Any

__all__ = ["NotebookBar", "html_table", "html_text", "in_notebook"]

#: Seconds between two pictures of a bar: each is a message to the browser.
REFRESH = 0.2


def html_table(caption: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a table as HTML.

    Parameters
    ----------
    caption : str
        What stands above it.
    columns : sequence of str
        Titles.
    rows : iterable of sequence
        The cells of each row, as many as there are columns.

    Returns
    -------
    str
        The table; all signs of markup in caption, titles and cells are escaped.

    Examples
    --------
    >>> html_table("2 <features>", ["name", "missing"], [("rsi", 0)])
    '<table><caption>2 &lt;features&gt;</caption><thead>...<td>rsi</td><td>0</td></tr></tbody></table>'
    """
    head = "".join(f"<th>{html.escape(title)}</th>" for title in columns)
    body = "".join(f"<tr>{''.join(f'<td>{html.escape(str(cell))}</td>' for cell in row)}</tr>" for row in rows)
    return (
        f"<table><caption>{html.escape(caption)}</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    )


def html_text(text: object) -> str:
    """Return a text of fixed width as HTML, such as a printed report.

    Examples
    --------
    >>> html_text("a < b")
    '<pre>a &lt; b</pre>'
    """
    return f"<pre>{html.escape(str(text))}</pre>"


def in_notebook() -> bool:
    """Tell whether this is the kernel of a notebook, whose cells can show HTML.

    Examples
    --------
    >>> in_notebook()  # in a program or a terminal
    False
    """
    if "ipykernel" not in sys.modules:
        return False
    from IPython import get_ipython

    return getattr(get_ipython(), "kernel", None) is not None


class NotebookBar:
    """A progress bar below a cell of a notebook, as an element of HTML: it needs no widgets.

    Parameters
    ----------
    title : str
        What is being done.
    unit : str
        What is counted, in the plural.
    """

    def __init__(self, title: str, unit: str) -> None:
        self._title, self._unit = title, unit
        self._started = self._shown = time.monotonic()
        self._first: int | None = None
        self._handle: Any = None

    def update(self, done: int, total: int) -> None:
        """Show that `done` of `total` are done, if the last picture is old enough."""
        now = time.monotonic()
        if self._handle is not None and now - self._shown < REFRESH:
            return
        if self._first is None:
            self._first = done
        rate = (done - self._first) / (now - self._started) if now > self._started else 0.0
        self._show(bar_html(self._title, self._unit, done, total, rate))
        self._shown = now

    def stop(self) -> None:
        """Remove the bar."""
        if self._handle is not None:
            self._show("")

    def _show(self, text: str) -> None:
        from IPython.display import HTML, display

        if self._handle is None:
            self._handle = display(HTML(text), display_id=True)
        else:
            self._handle.update(HTML(text))


def bar_html(title: str, unit: str, done: int, total: int, rate: float) -> str:
    """Return the picture of a bar; `rate` is in units a second, 0 for not known.

    Examples
    --------
    >>> bar_html("Backtest", "minutes", 50, 200, 25.0)
    'Backtest <progress value="50" max="200"></progress> 50/200 minutes, 25/s, 6 s left'
    """
    text = f'{html.escape(title)} <progress value="{done}" max="{max(total, 1)}"></progress> {done:,}/{total:,} '
    text += html.escape(unit)
    if rate > 0:
        text += f", {rate:,.{0 if rate >= 10 else 2}f}/s, {max(0, total - done) / rate:,.0f} s left"
    return text
