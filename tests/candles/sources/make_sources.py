"""Files of candles in the exact form of each source, made from candles in memory.

    made = MAKERS["kraken"](candles)

Only the forms are the sources'; all numbers are the candles'. Prices need at most five decimals and volumes must be
whole numbers, as no source has more in all its forms.
"""

import gzip
import io
import json
import lzma
import zipfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet as pq
import pytest

from livermore.candles import synthetic_candles
from livermore.typing import Rows

#: Minutes before and after which Binance's spot files have another unit.
BINANCE_CHANGE_MS = 1_735_689_600_000


@dataclass(frozen=True)
class Made:
    """A file of a source.

    Attributes
    ----------
    source : str
        Its name in livermore.
    name : str
        The name of the file.
    content : bytes
        What is in the file before it is packed.
    pack : callable
        Packs the content as the source does.
    options : mapping
        What must be said to read it, besides the source.
    has_volume : bool
        Whether the source has volumes.
    """

    source: str
    name: str
    content: bytes
    pack: Callable[[bytes], bytes] = bytes
    options: Mapping[str, Any] = field(default_factory=dict)
    has_volume: bool = True


def sample_candles(count: int, *, seed: int, start: str = "2024-12-31T23:30") -> Rows:
    """Make candles that every source can hold."""
    rows = synthetic_candles(count, seed=seed)
    rows[:, 1:5] = np.round(rows[:, 1:5], 5)
    rows[:, 5] = np.round(rows[:, 5]) + 1
    first = np.datetime64(start, "ms").astype(np.int64)
    rows[:, 0] = first + 60_000.0 * np.arange(count)
    return rows


def price(value: float) -> str:
    return f"{value:.5f}"


def utc(ms: float) -> datetime:
    return datetime.fromtimestamp(ms / 1000, UTC)


def lines(rows: Iterable[Iterable[Any]], separator: str = ",", above: str = "", end: str = "\n") -> bytes:
    text = "".join(separator.join(map(str, row)) + end for row in rows)
    return (above + text).encode()


def ohlc(row: Any) -> tuple[str, str, str, str]:
    """Open, high, low, close: the order of nearly all sources."""
    return price(row[1]), price(row[3]), price(row[4]), price(row[2])


def zipped(name: str) -> Callable[[bytes], bytes]:
    def pack(content: bytes) -> bytes:
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(name, content)
        return buffer.getvalue()

    return pack


def zstandard(content: bytes) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.CompressedOutputStream(sink, "zstd") as stream:
        stream.write(content)
    return bytes(sink.getvalue())


def binance(rows: Rows) -> Made:
    def line(row: Any) -> tuple[Any, ...]:
        unit = 1000 if row[0] >= BINANCE_CHANGE_MS else 1
        opened, closed = int(row[0]) * unit, (int(row[0]) + 60_000) * unit - 1
        volume = f"{row[5]:.8f}"
        return opened, *ohlc(row), volume, closed, "123456.78", 42, volume, "61728.39", 0

    name = "BTCUSDT-1m-2024-12"
    return Made("binance", f"{name}.zip", lines(map(line, rows)), zipped(f"{name}.csv"))


def binance_futures(rows: Rows) -> Made:
    above = (
        "open_time,open,high,low,close,volume,close_time,quote_volume,count,taker_buy_volume,"
        "taker_buy_quote_volume,ignore\n"
    )
    body = ((int(r[0]), *ohlc(r), int(r[5]), int(r[0]) + 59_999, "1.5", 3, "0.5", "0.7", 0) for r in rows)
    name = "BTCUSDT-1m-2024-12-31"
    return Made("binance", f"{name}.zip", lines(body, above=above), zipped(f"{name}.csv"))


def _frame(rows: Rows) -> Any:
    times = pa.array(rows[:, 0].astype(np.int64)).cast(pa.timestamp("ms", tz="UTC"))
    names = ("open", "high", "low", "close", "volume")
    values = [pa.array(rows[:, column]) for column in (1, 3, 4, 2, 5)]
    return pa.table([times, *values], names=["date", *names])


def freqtrade_feather(rows: Rows) -> Made:
    buffer = io.BytesIO()
    pyarrow.feather.write_feather(_frame(rows), buffer, compression="lz4")
    return Made("freqtrade", "BTC_USDT-1m.feather", buffer.getvalue())


def freqtrade_parquet(rows: Rows) -> Made:
    buffer = io.BytesIO()
    pq.write_table(_frame(rows), buffer)
    return Made("freqtrade", "BTC_USDT-1m.parquet", buffer.getvalue())


def freqtrade_json(rows: Rows) -> Made:
    body = json.dumps([[int(r[0]), r[1], r[3], r[4], r[2], r[5]] for r in rows.tolist()])
    return Made("freqtrade", "BTC_USDT-1m.json", body.encode())


def freqtrade_json_gz(rows: Rows) -> Made:
    made = freqtrade_json(rows)
    return Made("freqtrade", "BTC_USDT-1m.json.gz", made.content, gzip.compress)


def kraken(rows: Rows) -> Made:
    body = lines((int(r[0]) // 1000, *ohlc(r), f"{r[5]:.8f}", 7) for r in rows)

    def pack(content: bytes) -> bytes:
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            for name in ("ETHUSD_1.csv", "XBTUSD_1.csv", "XBTUSD_60.csv"):
                archive.writestr(name, content if name == "XBTUSD_1.csv" else b"1,2,3,4,5,6,7\n")
        return buffer.getvalue()

    return Made("kraken", "Kraken_OHLCVT.zip", body, pack, {"ticker": "XBTUSD"})


def cryptodatadownload(rows: Rows) -> Made:
    above = "https://www.CryptoDataDownload.com\nunix,date,symbol,open,high,low,close,Volume BTC,Volume USD\n"

    def line(row: Any) -> tuple[Any, ...]:
        # Files switched from seconds to milliseconds.
        time = int(row[0]) if row[0] >= BINANCE_CHANGE_MS else int(row[0]) // 1000
        return time, f"{utc(row[0]):%Y-%m-%d %H:%M:%S}", "BTC/USD", *ohlc(row), int(row[5]), "1234.5"

    return Made("cryptodatadownload", "Bitstamp_BTCUSD_2024_minute.csv", lines(map(line, rows[::-1]), above=above))


def bitstamp(rows: Rows) -> Made:
    above = "Timestamp,Open,High,Low,Close,Volume_(BTC),Volume_(Currency),Weighted_Price\n"

    def both() -> Iterable[tuple[Any, ...]]:
        yield int(rows[0, 0]) // 1000 - 60, *["NaN"] * 7
        for row in rows:
            yield int(row[0]) // 1000, *ohlc(row), int(row[5]), "12.5", price(row[1])
        yield int(rows[-1, 0]) // 1000 + 60, *["NaN"] * 7

    return Made("bitstamp", "bitstampUSD_1-min_data.csv", lines(both(), above=above))


def coinbase(rows: Rows) -> Made:
    body = [[int(r[0]) // 1000, r[4], r[3], r[1], r[2], r[5]] for r in rows[::-1].tolist()]
    return Made("coinbase", "candles.json", json.dumps(body).encode())


def coinbase_csv(rows: Rows) -> Made:
    body = ((int(r[0]) // 1000, *map(price, (r[4], r[3], r[1], r[2])), int(r[5])) for r in rows[::-1])
    return Made("coinbase", "candles.csv", lines(body, above="time,low,high,open,close,volume\n"))


def histdata(rows: Rows) -> Made:
    body = ((f"{utc(r[0]) - timedelta(hours=5):%Y%m%d %H%M%S}", *ohlc(r), 0) for r in rows)
    return Made(
        "histdata", "HISTDATA_COM_ASCII_EURUSD.zip", lines(body, ";", end="\r\n"), zipped("DAT.csv"), has_volume=False
    )


def histdata_mt(rows: Rows) -> Made:
    body = ((f"{utc(r[0]) - timedelta(hours=5):%Y.%m.%d,%H:%M}", *ohlc(r), 0) for r in rows)
    return Made("histdata-mt", "DAT_MT_EURUSD_M1.csv", lines(body, end="\r\n"), has_volume=False)


def dukascopy(rows: Rows) -> Made:
    body = ((f"{utc(r[0]):%d.%m.%Y %H:%M:%S}.000", *ohlc(r), f"{r[5]:.2f}") for r in rows)
    return Made("dukascopy", "EURUSD_M1_BID.csv", lines(body, above="Gmt time,Open,High,Low,Close,Volume\n"))


def dukascopy_local(rows: Rows) -> Made:
    berlin = ZoneInfo("Europe/Berlin")
    body = ((f"{utc(r[0]).astimezone(berlin):%d.%m.%Y %H:%M:%S.000 GMT%z}", *ohlc(r), int(r[5])) for r in rows)
    return Made("dukascopy-local", "EURUSD_M1_BID.csv", lines(body, above="Local time,Open,High,Low,Close,Volume\n"))


def _broker(ms: float) -> datetime:
    return utc(ms).astimezone(ZoneInfo("America/New_York")).replace(tzinfo=None) + timedelta(hours=7)


def metatrader4(rows: Rows) -> Made:
    body = ((f"{_broker(r[0]):%Y.%m.%d,%H:%M}", *ohlc(r), int(r[5])) for r in rows)
    options = {"timezone": "America/New_York+7h"}
    return Made("metatrader4", "EURUSD1.csv", lines(body, end="\r\n"), options=options)


def metatrader5(rows: Rows) -> Made:
    above = "<DATE>\t<TIME>\t<OPEN>\t<HIGH>\t<LOW>\t<CLOSE>\t<TICKVOL>\t<VOL>\t<SPREAD>\r\n"
    body = ((f"{_broker(r[0]):%Y.%m.%d\t%H:%M:%S}", *ohlc(r), int(r[5]), 0, 3) for r in rows)
    content = lines(body, "\t", above, "\r\n")
    options = {"timezone": "America/New_York+7h"}
    return Made("metatrader5", "EURUSD_M1.csv", content, lambda data: data.decode().encode("utf-16"), options)


def tradingview(rows: Rows) -> Made:
    body = ((int(r[0]) // 1000, *ohlc(r), int(r[5]), "", "55.1") for r in rows)
    return Made("tradingview", "BINANCE_BTCUSDT, 1.csv", lines(body, above="time,open,high,low,close,Volume,MA,RSI\n"))


def tradingview_iso(rows: Rows) -> Made:
    tokyo = ZoneInfo("Asia/Tokyo")
    body = ((utc(r[0]).astimezone(tokyo).isoformat(), *ohlc(r)) for r in rows)
    return Made("tradingview", "TSE_7203, 1.csv", lines(body, above="time,open,high,low,close\n"), has_volume=False)


def _yahoo_lines(rows: Rows) -> Iterable[tuple[Any, ...]]:
    for r in rows:
        yield f"{utc(r[0]):%Y-%m-%d %H:%M:%S}+00:00", price(r[2]), price(r[3]), price(r[4]), price(r[1]), int(r[5])


def yfinance(rows: Rows) -> Made:
    return Made("yfinance", "AAPL.csv", lines(_yahoo_lines(rows), above="Datetime,Close,High,Low,Open,Volume\n"))


def yfinance_levels(rows: Rows) -> Made:
    above = "Price,Close,High,Low,Open,Volume\nTicker,AAPL,AAPL,AAPL,AAPL,AAPL\nDatetime,,,,,\n"
    return Made("yfinance", "AAPL.csv", lines(_yahoo_lines(rows), above=above))


def yfinance_tickers(rows: Rows) -> Made:
    names = ("Close", "High", "Low", "Open", "Volume")
    above = "Price," + ",".join(f"{name},{name}" for name in names) + "\nTicker" + ",AAPL,MSFT" * 5 + "\n"
    above += "Datetime" + "," * 10 + "\n"
    body = ((time, *(cell for value in values for cell in (value, "7"))) for time, *values in _yahoo_lines(rows))
    return Made("yfinance", "stocks.csv", lines(body, above=above), options={"ticker": "AAPL"})


def alphavantage(rows: Rows) -> Made:
    new_york = ZoneInfo("America/New_York")
    body = ((f"{utc(r[0]).astimezone(new_york):%Y-%m-%d %H:%M:%S}", *ohlc(r), int(r[5])) for r in rows[::-1])
    content = lines(body, above="timestamp,open,high,low,close,volume\r\n", end="\r\n")
    return Made("alphavantage", "intraday_1min_IBM.csv", content, options={"stamp": "start"})


def stooq(rows: Rows) -> Made:
    warsaw = ZoneInfo("Europe/Warsaw")
    above = "<TICKER>,<PER>,<DATE>,<TIME>,<OPEN>,<HIGH>,<LOW>,<CLOSE>,<VOL>,<OPENINT>\r\n"

    def line(row: Any) -> tuple[Any, ...]:
        # The stamp is made the end of the bar here, so that both kinds are among the sources.
        time = utc(row[0] + 60_000).astimezone(warsaw)
        return "EURUSD", 1, f"{time:%Y%m%d}", f"{time:%H%M%S}", *ohlc(row), int(row[5]), 0

    options = {"timezone": "Europe/Warsaw", "stamp": "end"}
    return Made("stooq", "eurusd.txt", lines(map(line, rows), above=above, end="\r\n"), options=options)


_DATABENTO = "ts_event,rtype,publisher_id,instrument_id,open,high,low,close,volume,symbol\n"


def _nano(value: float) -> int:
    return round(value * 100_000) * 10_000


def databento(rows: Rows) -> Made:
    order = (1, 3, 4, 2)
    body = ((int(r[0]) * 1_000_000, 33, 1, 99, *(_nano(r[i]) for i in order), int(r[5]), "ESH5") for r in rows)
    return Made("databento", "glbx-mdp3.ohlcv-1m.csv.zst", lines(body, above=_DATABENTO), zstandard)


def databento_pretty(rows: Rows) -> Made:
    def line(row: Any) -> tuple[Any, ...]:
        prices = (f"{row[column]:.9f}" for column in (1, 3, 4, 2))
        return f"{utc(row[0]):%Y-%m-%dT%H:%M:%S}.000000000Z", 33, 1, 99, *prices, int(row[5]), "ESH5"

    return Made("databento", "glbx-mdp3.ohlcv-1m.csv", lines(map(line, rows), above=_DATABENTO))


def databento_dbn(rows: Rows) -> Made:
    dbn = pytest.importorskip("databento_dbn", reason="needs databento-dbn: pip install 'livermore[databento]'")
    metadata = dbn.Metadata(
        dataset="GLBX.MDP3",
        start=int(rows[0, 0]) * 1_000_000,
        stype_in=dbn.SType.RAW_SYMBOL,
        stype_out=dbn.SType.INSTRUMENT_ID,
        schema=dbn.Schema.OHLCV_1M,
        symbols=["ESH5"],
    )
    records = (
        dbn.OHLCVMsg(
            rtype=dbn.RType.OHLCV_1M,
            publisher_id=1,
            instrument_id=99,
            ts_event=int(r[0]) * 1_000_000,
            open=_nano(r[1]),
            high=_nano(r[3]),
            low=_nano(r[4]),
            close=_nano(r[2]),
            volume=int(r[5]),
        )
        for r in rows
    )
    return Made("databento", "x.ohlcv-1m.dbn.zst", metadata.encode() + b"".join(map(bytes, records)), zstandard)


def polygon(rows: Rows) -> Made:
    above = "ticker,volume,open,close,high,low,window_start,transactions\n"

    def both() -> Iterable[tuple[Any, ...]]:
        for ticker, factor in (("A", 2.0), ("AAPL", 1.0), ("ZZZ", 3.0)):
            for r in rows:
                prices = (price(r[column] * factor) for column in (1, 2, 3, 4))
                yield ticker, int(r[5]), *prices, int(r[0]) * 1_000_000, 12

    return Made("polygon", "2024-12-31.csv.gz", lines(both(), above=above), gzip.compress, {"ticker": "AAPL"})


def firstrate(rows: Rows) -> Made:
    new_york = ZoneInfo("America/New_York")
    body = ((f"{utc(r[0]).astimezone(new_york):%Y-%m-%d %H:%M:%S}", *ohlc(r), int(r[5])) for r in rows)
    return Made("firstrate", "AAPL_1min.txt", lines(body))


def kaiko(rows: Rows) -> Made:
    body = ((int(r[0]), *ohlc(r), int(r[5])) for r in rows)
    return Made("kaiko", "btcusd.csv.xz", lines(body, above="timestamp,open,high,low,close,volume\n"), lzma.compress)


def cryptoarchive(rows: Rows) -> Made:
    def both() -> Iterable[tuple[Any, ...]]:
        for row in rows:
            yield int(row[0]) // 1000, *ohlc(row), int(row[5]), "1.5", 3
        yield int(rows[-1, 0]) // 1000 + 60, *["null"] * 7

    return Made("cryptoarchive", "BTCUSDT.csv", lines(both(), "|"))


def jesse(rows: Rows) -> Made:
    body = ((int(r[0]), *map(price, r[1:5]), int(r[5])) for r in rows)
    return Made("jesse", "candles.csv", lines(body, above="timestamp,open,close,high,low,volume\n"))


MAKERS: Mapping[str, Callable[[Rows], Made]] = {
    maker.__name__: maker
    for maker in (
        *(binance, binance_futures, freqtrade_feather, freqtrade_parquet, freqtrade_json, freqtrade_json_gz, kraken),
        *(cryptodatadownload, bitstamp, coinbase, coinbase_csv, histdata, histdata_mt, dukascopy, dukascopy_local),
        *(metatrader4, metatrader5, tradingview, tradingview_iso, yfinance, yfinance_levels, yfinance_tickers),
        *(alphavantage, stooq, databento, databento_pretty, databento_dbn, polygon, firstrate, kaiko, cryptoarchive),
        jesse,
    )
}
