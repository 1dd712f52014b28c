"""When a session takes samples of what the account is worth."""

__all__ = ["BalanceSamples"]

MINUTE_MS = 60_000
FIRST_AFTER = 1441 * MINUTE_MS
EVERY = 1440 * MINUTE_MS


class BalanceSamples:
    """About one sample a day: at the start, 1441 minutes later, then every 1440 minutes, and at the end.

    Attributes
    ----------
    times : list of float
        UTC ms.
    values : list of float
        In the settlement currency.
    due : float
        UTC ms at or after which the next one is taken.
    """

    __slots__ = ("due", "times", "values")

    def __init__(self) -> None:
        self.times: list[float] = []
        self.values: list[float] = []
        self.due = float("inf")

    def start(self, time: float, value: float) -> None:
        """Take the first sample."""
        self.take(time, value)
        self.due = time + FIRST_AFTER

    def take_due(self, time: float, value: float) -> None:
        """Take the sample that is due."""
        self.take(time, value)
        while self.due <= time:
            self.due += EVERY

    def take(self, time: float, value: float) -> None:
        """Take a sample; it replaces one of the same time."""
        if self.times and self.times[-1] == time:
            self.values[-1] = value
            return
        self.times.append(time)
        self.values.append(value)
