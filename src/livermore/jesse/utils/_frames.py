"""Candles as a pandas DataFrame."""

from typing import TYPE_CHECKING

from livermore.candles import CLOSE, HIGH, LOW, OPEN, TIMESTAMP, VOLUME
from livermore.errors import MissingExtraError
from livermore.typing import Rows

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["numpy_candles_to_dataframe"]


def numpy_candles_to_dataframe(
    candles: Rows,
    name_date: str = "date",
    name_open: str = "open",
    name_high: str = "high",
    name_low: str = "low",
    name_close: str = "close",
    name_volume: str = "volume",
) -> "pd.DataFrame":
    """Return candles as a DataFrame, indexed by their opening times (UTC, without a zone).

    Parameters
    ----------
    candles : ndarray of shape (n, 6)
        Candles.
    name_date, name_open, name_high, name_low, name_close, name_volume : str
        Names of the columns, which come in the order date, open, close, high, low, volume.

    Examples
    --------
    >>> import numpy as np
    >>> frame = numpy_candles_to_dataframe(np.array([[0, 1, 2, 3, 0.5, 9.0]]), name_volume="vol")
    >>> list(frame.columns), str(frame.index[0])
    (['date', 'open', 'close', 'high', 'low', 'vol'], '1970-01-01 00:00:00')
    """
    try:
        import pandas as pd
    except ImportError as error:
        raise MissingExtraError("pandas is not installed; install it with: pip install pandas") from error
    columns = {name_open: OPEN, name_close: CLOSE, name_high: HIGH, name_low: LOW, name_volume: VOLUME}
    times = pd.to_datetime(candles[:, TIMESTAMP].astype("int64"), unit="ms").astype("datetime64[ns]")
    values = {name: candles[:, column] for name, column in columns.items()}
    return pd.DataFrame({name_date: times, **values}, index=pd.DatetimeIndex(times))
