"""The schedule of retrainings: when to train, and on which samples, in walk-forward backtests and live."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
import numpy.typing as npt

from livermore.errors import ConfigError, DatasetError
from livermore.typing import Integers

__all__ = ["RetrainSchedule"]

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class RetrainSchedule:
    """Retrain at fixed times, on the samples whose labels are known by then.

    It has no state: the training in force follows from the time alone. So a backtest that starts later, and a live
    session after a restart, train at the same times on the same samples.

    Attributes
    ----------
    every : timedelta
        Time between two trainings.
    window : timedelta or None
        Rolling window: only samples taken at most this long before the training. None is expanding: all of them.
    min_samples : int
        With fewer samples a training is skipped, and the previous model, if there is one, stays in force.
    anchor : datetime
        A time at which a training is due, with its time zone; all others follow from it and `every`. The default is
        midnight UTC of 1970-01-01, a Thursday.

    Examples
    --------
    >>> schedule = RetrainSchedule(every=timedelta(days=7), window=timedelta(days=365), min_samples=500)
    >>> noon = int(datetime(2024, 1, 2, 12, tzinfo=UTC).timestamp())
    >>> str(datetime.fromtimestamp(schedule.last_due(noon), UTC))
    '2023-12-28 00:00:00+00:00'
    >>> schedule.is_due(trained_at=schedule.last_due(noon), now=noon + 86400)
    False
    >>> schedule.is_due(trained_at=schedule.last_due(noon), now=noon + 2 * 86400)
    True
    """

    every: timedelta
    window: timedelta | None = None
    min_samples: int = 200
    anchor: datetime = EPOCH

    def __post_init__(self) -> None:
        for name, span in (("every", self.every), ("window", self.window)):
            if name == "window" and span is None:
                continue
            if not isinstance(span, timedelta) or span < timedelta(seconds=1):
                raise ConfigError(f"{name} must be a timedelta, such as timedelta(days=30), not {span!r}")
        if self.min_samples < 2:
            raise ConfigError(f"min_samples must be 2 or more; it is {self.min_samples!r}")
        if self.anchor.tzinfo is None:
            raise ConfigError(f"anchor must have a time zone, such as UTC: {self.anchor!r}")

    def last_due(self, now: int) -> int:
        """Return the last time at or before `now` at which a training was due; both in UTC seconds."""
        step = int(self.every.total_seconds())
        anchor = int(self.anchor.timestamp())
        return anchor + (now - anchor) // step * step

    def is_due(self, trained_at: int | None, now: int) -> bool:
        """Return whether to train now, if the last training was due at `trained_at` (UTC seconds; None: never)."""
        return trained_at is None or self.last_due(now) > trained_at

    def times(self, start: int, end: int) -> tuple[int, ...]:
        """Return the times of the trainings that are in force at some time in [start, end); UTC seconds."""
        return tuple(range(self.last_due(start), end, int(self.every.total_seconds()))) if end > start else ()

    def known(self, time: npt.ArrayLike, label_time: npt.ArrayLike | None, at: int) -> Integers:
        """Return the samples that a training may use.

        Parameters
        ----------
        time : array-like of shape (n,)
            When each sample was taken, in UTC seconds.
        label_time : array-like of shape (n,)
            When its label became known, in UTC seconds.
        at : int
            When the training is due, in UTC seconds.

        Returns
        -------
        ndarray of shape (m,)
            Indices, in the order of the samples; none if there are fewer than `min_samples`.

        Raises
        ------
        DatasetError
            If the label times are unknown: then no sample is out of sample for certain.

        Examples
        --------
        >>> schedule = RetrainSchedule(every=timedelta(days=1), min_samples=2)
        >>> schedule.known(time=[0, 60, 120], label_time=[60, 180, 150], at=170).tolist()
        [0, 2]
        """
        if label_time is None:
            raise DatasetError(
                "the samples have no label_time, so it is unknown which labels were known when. Gather again with "
                "livermore, which records it."
            )
        taken, labelled = np.asarray(time, dtype=np.int64), np.asarray(label_time, dtype=np.int64)
        usable = labelled <= at
        if self.window is not None:
            usable &= taken >= at - int(self.window.total_seconds())
        rows = np.flatnonzero(usable).astype(np.int64)
        return rows if rows.size >= self.min_samples else rows[:0]
