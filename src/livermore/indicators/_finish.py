"""Last touches to a value that is not a series."""

from typing import Any


def none_for_nan(value: Any) -> Any:
    """The value, or None where it is NaN."""
    return None if value != value else value
