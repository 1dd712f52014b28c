"""Prices and volumes as files have them: empty cells, decimal commas, scaled integers."""

import re
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from livermore.candles._check import Refusal
from livermore.candles._columns import COLUMN_NAMES, VOLUME
from livermore.candles._sheet import Sheet
from livermore.candles.files import CandleFile
from livermore.typing import Booleans, Rows

__all__ = ["text_or_number", "write_prices"]

_EMPTY = pa.array(["", "nan", "NaN", "NAN", "null", "NULL", "None", "none", "N/A", "n/a", "NA", "-", r"\N"])
_PRICES = ("open", "close", "high", "low")
_THOUSANDS = re.compile(r"^[+-]?\d{1,3}(,\d{3})+$")
# Whole numbers of this size are no prices of anything that is traded, but for a few in weak currencies.
_NO_PRICE = 1e8
# The largest integer of 64 bits, as a double: what Databento writes where there is no price.
_LARGEST_INTEGER = 2.0**63
_LEAVE_OUT = "Leave minutes without trades out; gaps are allowed"


def text_or_number(column: Any, value: str) -> Any:
    """Return which cells are `value`, as text or as the number that it is."""
    if _is_text(column):
        return pc.equal(pc.utf8_trim_whitespace(column), str(value)).combine_chunks()
    return pc.equal(column.cast(pa.string()), str(value)).combine_chunks()


def write_prices(sheet: Sheet, rows: Rows) -> tuple[Booleans, list[str]]:
    """Write prices and volumes to rows of shape (n, 6); return which have no price at all, and what is to be said.

    Raises
    ------
    CandleError
        If a cell is no number, or may mean two.
    """
    blanks: dict[str, Booleans] = {}
    has_points = sheet.known.decimal is None and sheet.file.separator != "," and _has_points(sheet)
    for position, ours in enumerate(COLUMN_NAMES[1:], start=1):
        if ours not in sheet.chosen:
            rows[:, position] = 0.0
            continue
        if pa.types.is_boolean(sheet.column(ours).type):
            raise sheet.wrong_type(ours)
        try:
            rows[:, position], is_blank = _numbers(sheet, ours, has_points=has_points)
        except pa.ArrowException as error:
            raise sheet.wrong_type(ours) from error
        if is_blank is not None:
            blanks[ours] = is_blank
    prices = rows[:, 1:5]
    blank: Booleans = np.isnan(prices[:, 0])
    if blank.any():
        blank = np.asarray(np.isnan(prices).all(axis=1))
        rows[blank, VOLUME] = 0.0
    for ours, is_blank in blanks.items():
        # An empty cell in a row with prices; a row without any is left to the caller.
        alone: Booleans = is_blank & ~blank
        if alone.any():
            raise sheet.refuse(int(alone.argmax()), f"{ours} is empty", _LEAVE_OUT)
    return blank, _scale(sheet, prices)


def _has_points(sheet: Sheet) -> bool:
    """Whether any number has a point; one that has a comma is then not written like the others."""
    columns = [sheet.column(ours) for ours in COLUMN_NAMES[1:] if ours in sheet.chosen]
    return any(pc.any(pc.match_substring(column, ".")).as_py() for column in columns if _is_text(column))


def _is_text(column: Any) -> bool:
    return bool(pa.types.is_string(column.type) or pa.types.is_large_string(column.type))


def _numbers(sheet: Sheet, ours: str, *, has_points: bool) -> tuple[npt.NDArray[Any], Booleans | None]:
    """Return a column as floats, NaN where it is empty, and where that is if it is anywhere."""
    from livermore.candles._times import numbers_of

    column = sheet.column(ours)
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    if not _is_text(column):
        values = column.cast(pa.float64()).to_numpy()
        return values, column.is_null().to_numpy() if column.null_count else None
    text = pc.utf8_trim_whitespace(column.cast(pa.string()))
    decimal = sheet.known.decimal
    if sheet.file.separator != "," or decimal is not None:
        text = _with_points(text, decimal, sheet.refuse, has_points=has_points)
    is_empty = pc.or_kleene(pc.is_in(text, value_set=_EMPTY), text.is_null())
    empty = np.asarray(pc.fill_null(is_empty, True).to_numpy())
    if empty.any():
        text = pc.if_else(is_empty, "nan", text)
        # "nan" that the file has is a value like any other; rows of nothing else are empty all the same.
        written = np.asarray(
            pc.equal(pc.utf8_lower(pc.fill_null(pc.utf8_trim_whitespace(column), "")), "nan").to_numpy()
        )
        return numbers_of(text, ours, _LEAVE_OUT, sheet.refuse).astype(np.float64), empty & ~written
    return numbers_of(text, ours, _LEAVE_OUT, sheet.refuse), None


def _with_points(text: Any, decimal: str | None, refuse: Refusal, *, has_points: bool) -> Any:
    """Return numbers with decimal points; refuse signs that may separate thousands."""
    if decimal == ".":
        return text
    if decimal == "," and pc.any(pc.match_substring(text, ".")).as_py():
        row = int(pc.match_substring(text, ".").to_numpy().argmax())
        raise refuse(
            row,
            f"{text[row].as_py()!r} has a point, and the decimal sign is a comma",
            "If points separate thousands, remove them; if they are decimal signs, give no decimal",
        )
    has_comma = pc.match_substring(text, ",")
    if decimal is None and pc.any(has_comma).as_py():
        with_comma = text.filter(has_comma)
        if has_points:
            row = int(has_comma.to_numpy().argmax())
            value = text[row].as_py()
            if "." in value:
                raise refuse(row, f"{value!r} has a point and a comma", "Remove those that separate thousands")
            raise refuse(row, f"{value!r} has a comma where others have a point", "Write all alike")
        if pc.all(pc.match_substring_regex(with_comma, _THOUSANDS.pattern)).as_py():
            row = int(has_comma.to_numpy().argmax())
            raise refuse(
                row,
                f"the comma of {text[row].as_py()!r} may be a decimal sign, or separate thousands",
                'If it is a decimal sign, say so: decimal="," (on the command line --decimal)',
            )
    return pc.replace_substring(text, ",", ".")


def _scale(sheet: Sheet, prices: npt.NDArray[np.float64]) -> list[str]:
    """Multiply prices by the factor of the source, in place, and return what is to be said of it."""
    known = sheet.known
    factor = known.price_scale
    if known.integer_price_scale != 1:
        whole = [_are_whole(sheet.column(ours)) for ours in _PRICES]
        if all(mask.all() for mask in whole):
            factor *= known.integer_price_scale
            is_none = (prices >= _LARGEST_INTEGER).any(axis=1)
            if is_none.any():
                raise sheet.refuse(int(is_none.argmax()), "a price is the integer that means none", _LEAVE_OUT)
        elif any(mask.any() for mask in whole):
            row = int(np.any(whole, axis=0).argmax())
            raise sheet.refuse(row, "a price is a whole number where others are fractions", "Write all alike")
    if factor == 1:
        is_open = sheet.options.price_scale is None and not known.name
        if is_open and _may_be_scaled(prices, [sheet.chosen[ours] for ours in _PRICES], sheet.file):
            raise sheet.refuse(
                0,
                f"the prices are whole numbers as large as {prices[0, 0]:.0f}, and may be scaled",
                "Say by what: price_scale=1e-9 (Databento), or price_scale=1 if they are prices (on the command line "
                "--price-scale)",
            )
        return []
    # Division by a whole number gives the decimal fraction that was meant; its inverse is rounded already.
    inverse = round(1 / factor) if factor < 1 else 0
    if inverse and abs(inverse * factor - 1) < 1e-12:
        prices /= inverse
    else:
        with np.errstate(over="ignore"):  # infinite prices are refused by their rows
            prices *= factor
    return [f"prices were multiplied by {factor:g}"]


def _are_whole(column: Any) -> Booleans:
    if pa.types.is_string(column.type):
        whole = pc.match_substring_regex(pc.utf8_trim_whitespace(column), r"^[+-]?\d+$")
        return np.asarray(whole.to_numpy())
    return np.full(len(column), pa.types.is_integer(column.type))


def _may_be_scaled(prices: npt.NDArray[np.float64], names: Sequence[str], file: CandleFile) -> bool:
    """Whether prices are large and written as whole numbers, without a decimal point."""
    if not len(prices) or not abs(prices[0, 0]) >= _NO_PRICE or not (np.abs(prices) >= _NO_PRICE).all():
        return False
    # The text of the numbers is needed, which is not kept otherwise.
    written = file.table(list(dict.fromkeys(names)))
    return all(bool(_are_whole(written.column(name)).all()) for name in names)
