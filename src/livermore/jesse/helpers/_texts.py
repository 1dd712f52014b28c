"""Texts: numbers and durations for people, identifiers, hashes."""

import hashlib
import math
import random
import string
import uuid
from decimal import ROUND_DOWN, Decimal

__all__ = [
    "format_currency",
    "format_price",
    "generate_unique_id",
    "insecure_hash",
    "random_str",
    "readable_duration",
    "secure_hash",
]

_UNITS = (("week", 604_800), ("day", 86_400), ("hour", 3600), ("minute", 60), ("second", 1))


def generate_unique_id() -> str:
    """Return a random UUID."""
    return str(uuid.uuid4())


def random_str(num_characters: int = 8) -> str:
    """Return random letters, from Python's `random`."""
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

    Two decimals from 1 on, five digits behind the zeros below; ``"N/A"`` for NaN, and nothing for None.

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
