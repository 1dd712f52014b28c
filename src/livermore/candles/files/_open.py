"""Which format a file has, by what it begins with."""

import re
from collections.abc import Callable, Sequence

from livermore.candles.files._file import CandleFile
from livermore.candles.files._text import decoded, first_lines, open_text
from livermore.candles.files._unpack import Content
from livermore.errors import CandleError

__all__ = ["open_file", "top_lines"]

_JSON = re.compile(rb"\s*[\[{]")
# By suffix as well, so that a damaged beginning is an error of that format.
_FORMATS = (
    (b"PAR1", (".parquet", ".pq"), "parquet"),
    (b"ARROW1", (".feather", ".arrow"), "feather"),
    (b"DBN", (".dbn",), "dbn"),
)


def _format(content: Content) -> str:
    for magic, suffixes, name in _FORMATS:
        if content.data.startswith(magic) or content.name.lower().endswith(suffixes):
            return name
    return "json" if _JSON.match(content.data[:100].removeprefix(b"\xef\xbb\xbf")) else "text"


def top_lines(content: Content) -> Sequence[str]:
    """Return the first lines of a text file that are not empty; none of a file in another format."""
    if _format(content) != "text":
        return []
    lines, _ = first_lines(decoded(content))
    return [line.decode(errors="replace") for line in lines if line.strip()]


def open_file(
    content: Content,
    *,
    columns: Sequence[str],
    header: str,
    further_columns: bool,
    separator: str | None,
    is_header: Callable[[Sequence[str]], bool],
) -> CandleFile:
    """Open unpacked bytes as a file of named columns.

    Parameters
    ----------
    content : Content
        The bytes.
    columns : sequence of str
        The names of columns where the file has none.
    header : {"required", "optional", "none"}
        Whether a text file has a line of names.
    further_columns : bool
        Whether lines may have columns after those of `columns`.
    separator : str or None
        Between the columns of a text file; None to find it out.
    is_header : callable
        Whether the fields of a line are names of columns.

    Raises
    ------
    CandleError
        If the file is damaged, empty, or of no known format.
    """
    kind = _format(content)
    if kind == "text":
        return open_text(
            content,
            columns=columns,
            header=header,
            further_columns=further_columns,
            separator=separator,
            is_header=is_header,
        )
    if kind == "json":
        from livermore.candles.files._json import open_json

        return open_json(content.label, content.data, columns)
    if kind == "dbn":
        from livermore.candles.files._databento import open_databento

        return open_databento(content.label, content.data)
    from livermore.candles.files._columnar import open_feather, open_parquet

    if content.data.startswith(b"FEA1"):
        raise CandleError(f"{content.label} is of Feather's first version. Write it again with pyarrow or pandas.")
    return (open_parquet if kind == "parquet" else open_feather)(content.label, content.data)
