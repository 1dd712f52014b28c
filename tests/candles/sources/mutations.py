"""Ways in which files of candles are broken in practice, applied to the text of a file.

Each takes the text and a random generator, and returns the broken text. None means that it does not apply.
"""

import re
from collections.abc import Callable, Mapping

import numpy as np

Mutation = Callable[[str, np.random.Generator], str | None]

_PRICE = re.compile(r"^-?\d+\.\d{4,9}$")
_NANO = re.compile(r"^\d{12,16}$")
_SIGNS = ",;\t|"


def rows_of(lines: list[str]) -> list[int]:
    """Return which lines are rows: those with four prices."""
    return [number for number, line in enumerate(lines) if len(prices_in(line)) >= 4]


def prices_in(line: str) -> list[int]:
    """Return which cells of a line are prices."""
    cells = cells_of(line)
    found = [place for place, cell in enumerate(cells) if _PRICE.match(cell)]
    return found if len(found) >= 4 else [place for place, cell in enumerate(cells) if place and _NANO.match(cell)]


def cells_of(line: str) -> list[str]:
    return re.split(f"[{_SIGNS}]", line)


def sign_of(line: str) -> str:
    return max(_SIGNS, key=line.count)


def _with_cells(line: str, change: Callable[[list[str]], None]) -> str:
    cells = cells_of(line)
    change(cells)
    return sign_of(line).join(cells)


def _on_a_row(text: str, rng: np.random.Generator, change: Callable[[str], str]) -> str | None:
    lines = text.split("\n")
    rows = rows_of(lines)
    if not rows:
        return None
    row = int(rng.choice(rows))
    lines[row] = change(lines[row])
    return "\n".join(lines)


def cut(text: str, rng: np.random.Generator) -> str | None:
    return text[: int(rng.integers(len(text)))]


def reordered(text: str, rng: np.random.Generator) -> str | None:
    lines = text.split("\n")
    rows = rows_of(lines)
    if len(rows) < 3:
        return None
    first, second = rng.choice(rows, 2, replace=False)
    lines[first], lines[second] = lines[second], lines[first]
    return "\n".join(lines)


def duplicated(text: str, rng: np.random.Generator) -> str | None:
    lines = text.split("\n")
    rows = rows_of(lines)
    if not rows:
        return None
    row = int(rng.choice(rows))
    lines.insert(int(rng.choice([row, rows[-1] + 1])), lines[row])
    return "\n".join(lines)


def with_another_offset(text: str, rng: np.random.Generator) -> str | None:
    """Write one time, if it is text, with an offset that the others do not have, or with another one."""

    def change(line: str) -> str:
        def shift(cells: list[str]) -> None:
            place = next((p for p, cell in enumerate(cells) if re.search(r"\d\d:?\d\d(:?\d\d)?", cell)), 0)
            cells[place] = re.sub(r"(Z|(GMT)?[+-]\d\d:?\d\d)?$", "+03:30", cells[place])

        return _with_cells(line, shift)

    return _on_a_row(text, rng, change) if re.search(r"\d\d:\d\d|\d{8} \d{6}", text) else None


def decimal_comma(text: str, rng: np.random.Generator) -> str | None:
    """Write the prices of all rows, or of one, with a comma."""

    def change(line: str) -> str:
        places = prices_in(line)
        cells = cells_of(line)
        for place in places:
            cells[place] = cells[place].replace(".", ",")
        return sign_of(line).join(cells)

    if rng.random() < 0.5:
        return _on_a_row(text, rng, change)
    lines = text.split("\n")
    for row in rows_of(lines):
        lines[row] = change(lines[row])
    return "\n".join(lines)


def byte_order_mark(text: str, rng: np.random.Generator) -> str | None:
    return "\ufeff" + text


def other_line_ends(text: str, rng: np.random.Generator) -> str | None:
    plain = text.replace("\r\n", "\n")
    return plain.replace("\n", str(rng.choice(["\r\n", "\r"])))


def one_nan(text: str, rng: np.random.Generator) -> str | None:
    empty = str(rng.choice(["NaN", "", "null", "nan"]))

    def change(line: str) -> str:
        return _with_cells(line, lambda cells: cells.__setitem__(int(rng.choice(prices_in(line))), empty))

    return _on_a_row(text, rng, change)


def row_of_nan(text: str, rng: np.random.Generator) -> str | None:
    def change(line: str) -> str:
        places = prices_in(line)
        return _with_cells(line, lambda cells: [cells.__setitem__(place, "NaN") for place in places] and None)

    return _on_a_row(text, rng, change)


def scientific(text: str, rng: np.random.Generator) -> str | None:
    """Write a price as spreadsheets do, with all digits."""

    def change(line: str) -> str:
        place = int(rng.choice(prices_in(line)))
        return _with_cells(line, lambda cells: cells.__setitem__(place, f"{float(cells[place]):.15e}"))

    return _on_a_row(text, rng, change)


def rounded_time(text: str, rng: np.random.Generator) -> str | None:
    """Write a time since 1970 as spreadsheets do, with six digits."""

    def change(line: str) -> str:
        return re.sub(r"(?<!\d)1[67]\d{8,17}(?!\d)", lambda match: f"{float(match[0]):.5E}", line, count=1)

    return _on_a_row(text, rng, change) if re.search(r"(?<!\d)1[67]\d{8,17}(?!\d)", text) else None


def other_unit(text: str, rng: np.random.Generator) -> str | None:
    """Write the times of the later rows in a finer unit."""
    lines = text.split("\n")
    rows = rows_of(lines)
    if not rows or not re.search(r"(?<!\d)1[67]\d{8,11}(?!\d)", lines[rows[0]]):
        return None
    begin = int(rng.choice(rows))
    for row in rows:
        if row >= begin:
            lines[row] = re.sub(r"(?<!\d)(1[67]\d{8,11})(?!\d)", r"\g<1>000", lines[row], count=1)
    return "\n".join(lines)


MUTATIONS: Mapping[str, Mutation] = {
    mutation.__name__: mutation
    for mutation in (
        *(cut, reordered, duplicated, with_another_offset, decimal_comma, byte_order_mark, other_line_ends),
        *(one_nan, row_of_nan, scientific, rounded_time, other_unit),
    )
}
