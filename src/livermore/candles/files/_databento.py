"""Databento's binary encoding (DBN), read by Databento's own library (extra ``databento``)."""

from typing import Any

import numpy as np
import pyarrow as pa

from livermore.candles.files._columnar import ColumnarFile
from livermore.errors import CandleError, MissingExtraError

__all__ = ["open_databento"]

_FIELDS = ("ts_event", "rtype", "publisher_id", "instrument_id", "open", "high", "low", "close", "volume")


def open_databento(label: str, data: bytes) -> ColumnarFile:
    """Open the bytes of a DBN file of OHLCV records; prices are integers of nanounits.

    Raises
    ------
    MissingExtraError
        If databento-dbn is not installed.
    CandleError
        If the file is damaged, or holds records of another kind.
    """
    try:
        import databento_dbn as dbn
    except ImportError as error:
        raise MissingExtraError.of("databento-dbn", extra="databento") from error
    try:
        decoder = dbn.DBNDecoder()
        decoder.write(data)
        metadata, *records = decoder.decode()
        left = len(decoder.buffer())
    except (dbn.DBNError, ValueError, RuntimeError, OverflowError) as error:
        raise CandleError(f"{label} is damaged or no DBN file ({error}). Copy or download it again.") from error
    if left:
        raise CandleError(f"{label} is cut off: {left} bytes are left after the last record. Download it again.")
    others = {type(record).__name__ for record in records if not isinstance(record, dbn.OHLCVMsg)}
    if others:
        raise CandleError(f"{label} holds records of the kind {min(others)}, no candles. Ask for the schema ohlcv-1m.")
    columns = {name: np.array([int(getattr(record, name)) for record in records], np.int64) for name in _FIELDS}
    table = pa.table(columns)
    symbols = _symbols(metadata, columns["instrument_id"])
    if symbols is not None:
        table = table.append_column("symbol", pa.array(symbols))
    return ColumnarFile(label, table.schema, table.select)


def _symbols(metadata: Any, instruments: Any) -> list[str] | None:
    """Return the symbol of each row, if each instrument has one symbol for the whole file."""
    by_instrument: dict[int, set[str]] = {}
    for symbol, intervals in metadata.mappings.items():
        for interval in intervals:
            if str(interval["symbol"]).isdigit():
                by_instrument.setdefault(int(interval["symbol"]), set()).add(symbol)
    found = np.unique(instruments).tolist()
    if not all(len(by_instrument.get(instrument, ())) == 1 for instrument in found):
        return None
    return [next(iter(by_instrument[instrument])) for instrument in instruments.tolist()]
