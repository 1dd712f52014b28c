"""The equity curve of a session, and when its values are recorded."""

__all__ = ["EquityCurve"]

MINUTE_MS = 60_000
FIRST_AFTER_MS = 1441 * MINUTE_MS
EVERY_MS = 1440 * MINUTE_MS


class EquityCurve:
    """The value of the account about once a day: at the start, 1441 minutes later, then every 1440 minutes, at the end.

    Attributes
    ----------
    times : list of float
        UTC ms.
    values : list of float
        The wallet and everything held, in the settlement currency.
    due : float
        UTC ms at or after which the next value is recorded.

    Examples
    --------
    >>> curve = EquityCurve()
    >>> curve.start(0)
    >>> curve.record(0, 1000.0)
    >>> curve.due
    86460000
    >>> curve.record(curve.due, 1001.0)
    >>> curve.values, curve.due
    ([1000.0, 1001.0], 172860000)
    """

    __slots__ = ("due", "times", "values")

    def __init__(self) -> None:
        self.times: list[float] = []
        self.values: list[float] = []
        self.due = float("inf")

    def start(self, time: float) -> None:
        """Note when the run starts, UTC ms; the first value is recorded then."""
        self.due = time + FIRST_AFTER_MS

    def record(self, time: float, value: float) -> None:
        """Record a value; it replaces one of the same time."""
        if self.times and self.times[-1] == time:
            self.values[-1] = value
        else:
            self.times.append(time)
            self.values.append(value)
        while self.due <= time:
            self.due += EVERY_MS
