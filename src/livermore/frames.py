"""Data frames of pandas, Polars and Arrow as numpy arrays, through narwhals, and times of all kinds as UTC.

Nothing of these libraries is imported unless a frame of theirs is given.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from livermore.errors import FrameError
from livermore.typing import Rows

__all__ = ["candle_frame", "candle_rows", "frame_columns", "is_frame", "utc_times"]

# The columns of candles in livermore's order, and what the column of times may be called.
CANDLE_COLUMNS = ("open", "close", "high", "low", "volume")
TIME_NAMES = ("timestamp", "time", "datetime", "date", "open_time")
_NO_FRAMES = (np.ndarray, str, bytes, Mapping, Sequence)


def is_frame(value: Any) -> bool:
    """Whether a value is a data frame of pandas, Polars or Arrow.

    Examples
    --------
    >>> import pyarrow as pa
    >>> is_frame(pa.table({"a": [1]})), is_frame(np.zeros(3)), is_frame([{"a": 1}])
    (True, False, False)
    """
    if isinstance(value, _NO_FRAMES):
        return False
    from narwhals.dependencies import is_into_dataframe

    return bool(is_into_dataframe(value))


def frame_columns(frame: Any) -> dict[str, npt.NDArray[Any]]:
    """Return the columns of a frame as arrays.

    Parameters
    ----------
    frame : DataFrame or Table
        Of pandas, Polars or Arrow.

    Returns
    -------
    dict of str to ndarray of shape (n,)
        Numbers as float64 with NaN where they are missing, integers and bools without missing values as they are, times
        as datetime64 in UTC, everything else as objects. The index of pandas is not a column; see `frame_index`.

    Raises
    ------
    FrameError
        If the frame cannot be read; if two columns have the same name, for instance.

    Examples
    --------
    >>> import pyarrow as pa
    >>> frame_columns(pa.table({"a": [1.5, None], "b": [True, False]}))
    {'a': array([1.5, nan]), 'b': array([ True, False])}
    """
    import narwhals.stable.v2 as nw

    try:
        table = nw.from_native(frame, eager_only=True)
        return {str(name): _array(table.get_column(name)) for name in table.columns}
    except Exception as error:
        # Each library has errors of its own, for names that stand twice above all.
        raise FrameError(f"the frame cannot be read: {error}") from error


def frame_index(frame: Any) -> npt.NDArray[Any] | None:
    """Return the times that a pandas frame or series has as its index, as datetime64 in UTC; None if it has none."""
    index = getattr(frame, "index", None)
    if index is None or getattr(getattr(index, "dtype", None), "kind", "") != "M":
        return None
    return utc_times(index)


def utc_times(values: Any) -> npt.NDArray[Any]:
    """Return times as an array in which those with a time zone are datetime64 in UTC.

    Parameters
    ----------
    values : array-like of shape (n,)
        An array, a list, a pandas index, or a series of pandas, Polars or Arrow; numbers are left as they are. Times
        without a zone are taken as UTC.

    Returns
    -------
    ndarray

    Examples
    --------
    >>> from datetime import timedelta, timezone
    >>> utc_times([datetime(2024, 1, 1, 9, tzinfo=timezone(timedelta(hours=9)))])
    array(['2024-01-01T00:00:00.000000'], dtype='datetime64[us]')
    """
    zoned = getattr(values, "dt", values)
    if getattr(zoned, "tz", None) is not None:  # pandas
        return np.asarray(zoned.tz_convert(None))
    array = np.asarray(values)
    if array.dtype == object and array.ndim == 1 and array.size and all(isinstance(value, date) for value in array):
        return np.array([_naive(value) for value in array], dtype="datetime64[us]")
    return array


def candle_rows(frame: Any) -> Rows:
    """Return a frame of candles as the array that livermore works with.

    Parameters
    ----------
    frame : DataFrame or Table
        With columns open, high, low, close (upper or lower case, in any order) and perhaps volume; times in a column
        timestamp, time, datetime, date or open_time (UTC ms, or times), or in the index of pandas.

    Returns
    -------
    ndarray of shape (n, 6)
        Opening time in UTC ms, open, close, high, low, volume (0 where the frame has none). Rules of candles are not
        checked here.

    Raises
    ------
    FrameError
        If a column is missing.

    Examples
    --------
    >>> import pyarrow as pa
    >>> table = pa.table({"Time": [60_000], "Open": [10.0], "High": [12.0], "Low": [9.0], "Close": [11.0]})
    >>> candle_rows(table)
    array([[6.0e+04, 1.0e+01, 1.1e+01, 1.2e+01, 9.0e+00, 0.0e+00]])
    """
    columns = _by_plain_name(frame)
    time_name = next((name for name in TIME_NAMES if name in columns), None)
    times = columns[time_name] if time_name is not None else frame_index(frame)
    missing = [name for name in CANDLE_COLUMNS[:-1] if name not in columns]
    if missing or times is None:
        lacking = ", ".join([*missing, *(["timestamp"] if times is None else [])])
        raise FrameError(f"a frame of candles needs the columns {lacking}; it has {', '.join(columns) or 'none'}.")
    rows = np.zeros((len(times), 6))
    is_time = times.dtype.kind == "M"
    if is_time and np.isnat(times).any():
        raise FrameError(f"row {int(np.isnat(times).argmax())} has no time. Leave it out, or give it one.")
    rows[:, 0] = times.astype("datetime64[ms]").astype(np.int64) if is_time else _numbers(times, "times")
    for position, name in enumerate(CANDLE_COLUMNS, start=1):
        if name in columns:
            rows[:, position] = _numbers(columns[name], name)
    return rows


def candle_frame(candles: Rows, backend: Literal["pandas", "polars", "pyarrow"] = "pandas") -> Any:
    """Return candles as a data frame; `candle_rows` turns it back into the same array.

    Parameters
    ----------
    candles : ndarray of shape (n, 6)
        Opening time in UTC ms, open, close, high, low, volume, as `get_candles` and `read_candles` return them.
    backend : {"pandas", "polars", "pyarrow"}
        The library of the frame.

    Returns
    -------
    pandas.DataFrame, polars.DataFrame or pyarrow.Table
        Columns timestamp (times in UTC), open, high, low, close, volume.

    Raises
    ------
    FrameError
        If there is no such backend, it is not installed, or `candles` are of another shape.

    Examples
    --------
    >>> candle_frame(np.array([[60_000, 10, 11, 12, 9, 5]], dtype=float), "pyarrow").column_names
    ['timestamp', 'open', 'high', 'low', 'close', 'volume']
    """
    import narwhals.stable.v2 as nw
    import pyarrow as pa

    if backend not in ("pandas", "polars", "pyarrow"):
        raise FrameError(f"backend={backend!r} must be one of 'pandas', 'polars', 'pyarrow'.")
    try:
        rows = np.asarray(candles, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise FrameError(f"candles must be an array of numbers ({error}).") from error
    if rows.ndim != 2 or rows.shape[1] != 6:
        raise FrameError(f"candles must be an array of shape (n, 6), not {rows.shape}.")
    if not (np.abs(rows[:, 0]) < 2.0**63).all():
        raise FrameError("candles have times that are not finite, or not in milliseconds.")
    times = pa.array(rows[:, 0].astype(np.int64)).cast(pa.timestamp("ms", tz="UTC"))
    columns = {name: pa.array(rows[:, 1 + CANDLE_COLUMNS.index(name)]) for name in ("open", "high", "low", "close")}
    table = pa.table({"timestamp": times, **columns, "volume": pa.array(rows[:, 5])})
    try:
        return nw.from_arrow(table, backend=backend).to_native()
    except ImportError as error:
        raise FrameError(f"{backend} is not installed; install it, or choose another backend.") from error


def _by_plain_name(frame: Any) -> dict[str, npt.NDArray[Any]]:
    """Return the columns of a frame by their names in lower case.

    yfinance has names of two levels, the second of which is the ticker.
    """
    if getattr(getattr(frame, "columns", None), "nlevels", 1) > 1:
        frame = _one_ticker(frame)
    columns = frame_columns(frame)
    names = [name.strip().lower() for name in columns]
    wanted = [name for name in names if name in (*CANDLE_COLUMNS, *TIME_NAMES) and names.count(name) > 1]
    if wanted:
        raise FrameError(f"the frame has more than one column {wanted[0]!r}; keep one of them.")
    return dict(zip(names, columns.values(), strict=True))


def _one_ticker(frame: Any) -> Any:
    """Return a pandas frame with two levels of columns, prices and one ticker, with one level."""
    levels = [frame.columns.get_level_values(level) for level in range(frame.columns.nlevels)]
    prices = [level for level in levels if {"open", "close"} <= {str(name).lower() for name in level}]
    others = [level for level in levels if all(level is not found for found in prices)]
    tickers = sorted({str(name) for level in others for name in level})
    if len(prices) != 1 or len(tickers) != 1:
        raise FrameError(
            f"the frame has columns of {len(tickers)} tickers ({', '.join(tickers[:8])}). Choose one, for instance "
            f"frame.xs({(tickers or ['AAPL'])[0]!r}, axis=1, level=1)."
        )
    return frame.set_axis([str(name) for name in prices[0]], axis=1)


def _numbers(values: npt.NDArray[Any], name: str) -> npt.NDArray[np.float64]:
    # Truth values, durations and complex numbers could be converted, and are no prices, volumes or times.
    if values.dtype.kind in "bmMc":
        raise FrameError(f"the column of {name} holds no numbers (it is of type {values.dtype}).")
    try:
        return np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise FrameError(f"the column of {name} holds no numbers ({error}).") from error


def _array(series: Any) -> npt.NDArray[Any]:
    """Return a column as an array; numbers with missing values as floats with NaN."""
    kind = series.dtype
    if kind.is_numeric() and (series.null_count() or kind.is_float()):
        import narwhals.stable.v2 as nw

        return np.asarray(series.cast(nw.Float64).to_numpy(), dtype=np.float64)
    if kind.is_temporal():
        return utc_times(series.to_native())
    return np.asarray(series.to_numpy())


def _naive(value: date) -> datetime:
    """Return a time without its zone, in UTC."""
    if not isinstance(value, datetime):
        return datetime(value.year, value.month, value.day)
    return value if value.tzinfo is None else value.astimezone(UTC).replace(tzinfo=None)
