"""Kraken's names of assets and pairs, and the form of its answers."""

from datetime import UTC, datetime
from typing import Any

from livermore.testing.loopback._answers import Answer
from livermore.testing.loopback._market import LoopbackMarket

__all__ = ["asset_id", "iso_time", "kraken_error", "kraken_result", "pair_id", "short_name"]

# Kraken's own names of assets: in pairs of two such assets, and everywhere else.
_LEGACY = {"BTC": ("XXBT", "XBT"), "ETH": ("XETH", "ETH"), "USD": ("ZUSD", "USD"), "EUR": ("ZEUR", "EUR")}


def asset_id(asset: str) -> str:
    """Return Kraken's name of an asset."""
    return _LEGACY.get(asset, (asset, asset))[0]


def short_name(asset: str) -> str:
    """Return Kraken's short name of an asset."""
    return _LEGACY.get(asset, (asset, asset))[1]


def pair_id(market: LoopbackMarket) -> str:
    """Return Kraken's name of a pair: long where both assets have a long name."""
    name = asset_id if market.base in _LEGACY and market.quote in _LEGACY else short_name
    return name(market.base) + name(market.quote)


def iso_time(time_ms: int) -> str:
    """Return a time as Kraken's streams write it."""
    return f"{datetime.fromtimestamp(time_ms / 1000, UTC):%Y-%m-%dT%H:%M:%S.%fZ}"


def kraken_result(result: Any) -> Answer:
    """Return an answer that went well."""
    return Answer({"error": [], "result": result})


def kraken_error(message: str) -> Answer:
    """Return one of Kraken's errors; its HTTP status is 200."""
    return Answer({"error": [message]})
