"""What a user may say of a file of candles: `ReadOptions`."""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from livermore.candles._base import MINUTE_BASE, Base
from livermore.candles.sources._preset import Preset
from livermore.errors import CandleError

__all__ = ["ReadOptions"]

_CHOICES: Mapping[str, tuple[str | None, ...]] = {
    "stamp": ("start", "end", None),
    "time_unit": ("s", "ms", "us", "ns", "mixed", None),
    "dates": ("dmy", "mdy", None),
    "decimal": (".", ",", None),
    "empty": ("refuse", "drop", None),
    "repeated_hour": ("refuse", "first", "second"),
    "duplicates": ("refuse", "first", "last"),
}


@dataclass(frozen=True)
class ReadOptions:
    """What a user says of a file of candles; see `read_candles`, whose arguments these are.

    Examples
    --------
    >>> ReadOptions(timezone="UTC-5", stamp="end").stamp
    'end'
    """

    columns: Sequence[str] | Mapping[str, str] | None = None
    separator: str | None = None
    timezone: str | None = None
    stamp: Literal["start", "end"] | None = None
    time_unit: Literal["s", "ms", "us", "ns", "mixed"] | None = None
    dates: Literal["dmy", "mdy"] | None = None
    decimal: Literal[".", ","] | None = None
    price_scale: float | None = None
    ticker: str | None = None
    where: Mapping[str, str] = dataclasses.field(default_factory=dict)
    member: str | None = None
    base: Base = MINUTE_BASE
    empty: Literal["refuse", "drop"] | None = None
    repeated_hour: Literal["refuse", "first", "second"] = "refuse"
    sort: bool = False
    duplicates: Literal["refuse", "first", "last"] = "refuse"

    def __post_init__(self) -> None:
        for name, allowed in _CHOICES.items():
            value = getattr(self, name)
            if value not in allowed:
                choices = ", ".join(repr(choice) for choice in allowed if choice is not None)
                raise CandleError(f"{name}={value!r} must be one of {choices}.")
        for name in ("separator", "timezone", "ticker", "member"):
            value = getattr(self, name)
            if value is not None and not (isinstance(value, str) and value):
                raise CandleError(f"{name} must be text, not {value!r}.")
        if self.timezone is not None:
            from livermore.candles._time_zones import check_zone

            check_zone(self.timezone)
        if not isinstance(self.where, Mapping):
            raise CandleError(f"where must be a mapping of columns to values, not {self.where!r}.")
        if isinstance(self.columns, str):
            raise CandleError(f"columns must be a list of names or a mapping, not the text {self.columns!r}.")

    @classmethod
    def of(cls, options: Mapping[str, Any]) -> "ReadOptions":
        """Make options from keyword arguments, and refuse a name that is none of them.

        Examples
        --------
        >>> ReadOptions.of({"zone": "UTC"})
        Traceback (most recent call last):
        livermore.errors.CandleError: there is no option 'zone'; there are: base, columns, dates, ...
        """
        names = sorted(item.name for item in dataclasses.fields(cls))
        unknown = [name for name in options if name not in names]
        if unknown:
            raise CandleError(f"there is no option {unknown[0]!r}; there are: {', '.join(names)}.")
        return cls(**options)

    def applied_to(self, preset: Preset) -> Preset:
        """Return a preset in which what the user says replaces what is known of the source."""
        said = {
            name: getattr(self, name)
            for name in ("separator", "timezone", "stamp", "dates", "decimal", "empty")
            if getattr(self, name) is not None
        }
        if self.time_unit is not None:
            said["time_units"] = ("s", "ms", "us", "ns") if self.time_unit == "mixed" else (self.time_unit,)
        if self.price_scale is not None:
            said |= {"price_scale": self.price_scale, "integer_price_scale": 1.0}
        if self.columns is not None and not isinstance(self.columns, Mapping):
            said |= {"columns": tuple(self.columns), "header": "none"}
        return dataclasses.replace(preset, **said)
