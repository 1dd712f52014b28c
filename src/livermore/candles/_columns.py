"""Where the six numbers of a candle stand: Jesse's order, in which close comes before high and low."""

TIMESTAMP = 0
OPEN = 1
CLOSE = 2
HIGH = 3
LOW = 4
VOLUME = 5

COLUMN_NAMES = ("timestamp", "open", "close", "high", "low", "volume")
MINUTE_MS = 60_000
DAY_MS = 1440 * MINUTE_MS

__all__ = ["CLOSE", "COLUMN_NAMES", "DAY_MS", "HIGH", "LOW", "MINUTE_MS", "OPEN", "TIMESTAMP", "VOLUME"]
