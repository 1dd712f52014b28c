"""Printing for people: text that every terminal, pipe and file can show, whatever its encoding."""

import sys
from typing import TextIO

__all__ = ["encodable", "print_text"]

# Each sign that a report uses and that some encoding in common use (ASCII, cp1252, cp437) lacks.
SUBSTITUTES = str.maketrans(
    {
        "═": "=",
        "─": "-",
        "━": "-",
        "│": "|",
        "·": "-",
        "→": "->",
        "–": "-",
        "−": "-",
        "…": "...",
        "±": "+/-",
        "≤": "<=",
        "≥": ">=",
        "∞": "inf",
        "×": "x",
        "ρ": "rho",
        "²": "^2",
        "✓": "+",
        "✗": "x",
    }
)


def print_text(text: object, file: TextIO | None = None) -> None:
    """Print a text and a line break; signs that the stream cannot encode are replaced by ASCII ones.

    Parameters
    ----------
    text : object
        What to print; anything that is not a str is converted to one.
    file : text stream, optional
        Where to print it. Default: standard output.

    Raises
    ------
    BrokenPipeError
        If the reader of a pipe has gone.
    OSError
        If the stream cannot be written to, for instance because the disk is full.

    Examples
    --------
    >>> print_text("2021-01-01 to 2021-03-31: ROC AUC 0.560")
    2021-01-01 to 2021-03-31: ROC AUC 0.560
    """
    stream = sys.stdout if file is None else file
    # Plain print, so that doctest, pytest and notebooks capture it as usual.
    print(encodable(str(text), stream.encoding), file=stream)


def encodable(text: str, encoding: str | None) -> str:
    r"""Return a text whose signs all exist in an encoding.

    Parameters
    ----------
    text : str
        The text.
    encoding : str or None
        Name of the encoding. None, or a name that Python does not know, leaves the text as it is.

    Returns
    -------
    str
        The text itself where it can be encoded. Otherwise each sign that cannot be encoded is replaced by an ASCII
        substitute, and by its code point (``\u03c9``) where there is no substitute.

    Examples
    --------
    >>> encodable("2021-01-01 → 2021-03-31 ± 1 ω", "ascii")
    '2021-01-01 -> 2021-03-31 +/- 1 \\u03c9'
    >>> encodable("± 1", "cp1252")
    '± 1'
    """
    if encoding is None:
        return text
    try:
        text.encode(encoding)
    except LookupError:
        return text
    except UnicodeEncodeError:
        return "".join(sign if _exists(sign, encoding) else _substitute(sign) for sign in text)
    return text


def _exists(sign: str, encoding: str) -> bool:
    try:
        sign.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


def _substitute(sign: str) -> str:
    return sign.translate(SUBSTITUTES).encode("ascii", "backslashreplace").decode("ascii")
