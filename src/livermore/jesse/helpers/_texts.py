"""Texts: numbers and durations for people, identifiers, hashes."""

import hashlib
import math
import random
import string
import uuid
from decimal import ROUND_DOWN, Decimal

__all__ = [
    "color",
    "format_currency",
    "format_price",
    "generate_short_unique_id",
    "generate_unique_id",
    "insecure_hash",
    "is_valid_uuid",
    "random_str",
    "readable_duration",
    "secure_hash",
    "string_after_character",
    "style",
]

_COLORS = ("black", "red", "green", "yellow", "blue", "magenta", "cyan", "white")
_STYLES = {"bold": 1, "b": 1, "underline": 4, "u": 4}
_UNITS = (("week", 604_800), ("day", 86_400), ("hour", 3600), ("minute", 60), ("second", 1))


def generate_unique_id() -> str:
    """Return a random UUID.

    Examples
    --------
    >>> len(generate_unique_id())
    36
    """
    return str(uuid.uuid4())


def random_str(num_characters: int = 8) -> str:
    """Return random letters, from Python's `random`.

    Examples
    --------
    >>> len(random_str(12))
    12
    """
    return "".join(random.choices(string.ascii_letters, k=num_characters))


def insecure_hash(msg: str) -> str:
    """Return the MD5 of a text, in hexadecimal.

    Examples
    --------
    >>> insecure_hash("a")
    '0cc175b9c0f1b6a831c399e269772661'
    """
    return hashlib.md5(msg.encode(), usedforsecurity=False).hexdigest()


def secure_hash(msg: str) -> str:
    """Return the SHA-256 of a text, in hexadecimal.

    Examples
    --------
    >>> secure_hash("a")[:16]
    'ca978112ca1bbdca'
    """
    return hashlib.sha256(msg.encode()).hexdigest()


def readable_duration(seconds: float, granularity: int = 2) -> str:
    """Say how long something takes, in its largest units.

    Parameters
    ----------
    seconds : float
        Duration.
    granularity : int
        How many units to name.

    Examples
    --------
    >>> readable_duration(3661), readable_duration(90061, 3)
    ('1 hour, 1 minute', '1 day, 1 hour, 1 minute')
    """
    rest = int(seconds)
    parts = []
    for name, length in _UNITS:
        count, rest = divmod(rest, length)
        if count:
            parts.append(f"{count} {name}{'' if count == 1 else 's'}")
    return ", ".join(parts[:granularity])


def format_currency(num: float) -> str:
    """Write a number with commas between thousands.

    Examples
    --------
    >>> format_currency(1234.5)
    '1,234.5'
    """
    return f"{num:,}"


def format_price(price: float | None) -> str:
    """Write a price with as many decimals as it needs, cut off rather than rounded.

    Two decimals from 1 on, below that five digits after the zeros; ``"N/A"`` for NaN, and nothing for None.

    Examples
    --------
    >>> format_price(1234.5), format_price(0.00012345678)
    ('1234.50', '0.00012345')
    """
    if price is None:
        return ""
    if math.isnan(price):
        return "N/A"
    number = Decimal(repr(float(price)))
    decimals = 2 if number == 0 or abs(number) >= 1 else 4 - number.adjusted()
    return f"{number.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_DOWN):f}"


def generate_short_unique_id() -> str:
    """Return the first 22 characters of a random UUID.

    Examples
    --------
    >>> len(generate_short_unique_id())
    22
    """
    return generate_unique_id()[:22]


def is_valid_uuid(uuid_to_test: str, version: int = 4) -> bool:
    """Tell whether a text is a UUID of a version, written as usual.

    Examples
    --------
    >>> is_valid_uuid("123e4567-e89b-42d3-a456-426614174000"), is_valid_uuid("a")
    (True, False)
    """
    try:
        found = uuid.UUID(uuid_to_test)
    except (ValueError, AttributeError, TypeError):
        return False
    return found.version == version and str(found) == uuid_to_test


def string_after_character(s: str, character: str) -> str | None:
    """Return what follows the first occurrence of a character; None if there is none.

    Examples
    --------
    >>> string_after_character("a-b-c", "-"), string_after_character("abc", "-")
    ('b-c', None)
    """
    _, found, rest = s.partition(character)
    return rest if found else None


def color(msg_text: str, msg_color: str) -> str:
    r"""Return a text that a terminal shows in a colour.

    Parameters
    ----------
    msg_text : str
        The text.
    msg_color : {"black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"}
        The colour.

    Raises
    ------
    ValueError
        If there is no such colour.

    Examples
    --------
    >>> color("a", "red")
    '\x1b[31ma\x1b[0m'
    """
    if msg_color not in _COLORS:
        raise ValueError(f"unsupported color {msg_color!r}; there are {', '.join(_COLORS)}")
    return f"\033[{30 + _COLORS.index(msg_color)}m{msg_text}\033[0m"


def style(msg_text: str, msg_style: str) -> str:
    r"""Return a text that a terminal shows in bold letters or underlined.

    Parameters
    ----------
    msg_text : str
        The text.
    msg_style : {"bold", "b", "underline", "u"}
        The style.

    Raises
    ------
    ValueError
        If there is no such style.

    Examples
    --------
    >>> style("a", "bold")
    '\x1b[1ma\x1b[0m'
    """
    if msg_style not in _STYLES:
        raise ValueError(f"unsupported style {msg_style!r}; there are {', '.join(_STYLES)}")
    return f"\033[{_STYLES[msg_style]}m{msg_text}\033[0m"
