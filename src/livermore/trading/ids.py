"""Random names of orders, trades and positions."""

from os import urandom

__all__ = ["random_id"]


def random_id() -> str:
    """Return a random UUID (version 4) as text; the same as ``str(uuid4())``, without the object in between.

    Examples
    --------
    >>> from uuid import UUID
    >>> name = random_id()
    >>> str(UUID(name)) == name, UUID(name).version
    (True, 4)
    """
    digits = urandom(16).hex()
    # Version and variant take six bits.
    variant = "89ab"[int(digits[16], 16) & 3]
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-{variant}{digits[17:20]}-{digits[20:]}"
