"""Loops over candles that are compiled."""
