"""The candles room."""
