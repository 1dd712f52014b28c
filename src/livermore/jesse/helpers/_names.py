"""Names of markets: exchange, symbol, base and quote asset."""

from livermore.errors import RouteError

__all__ = [
    "base_asset",
    "convert_to_env_name",
    "dashless_symbol",
    "dashy_symbol",
    "dashy_to_underline",
    "get_base_asset",
    "get_quote_asset",
    "key",
    "quote_asset",
    "underline_to_dashy_symbol",
]

# Quote assets that the letters of a symbol may end in, those of more letters first.
_QUOTES = (
    *("FDUSD",),
    *("USDT", "USDC", "USDP"),
    *("USD", "EUR", "GBP", "JPY", "TRY", "BTC", "XBT", "ETH", "BNB", "DAI", "UST"),
)


def key(exchange: str, symbol: str, timeframe: str | None = None) -> str:
    """Return the name under which candles of a market are given to `backtest`.

    Examples
    --------
    >>> key("Binance Spot", "BTC-USDT"), key("Binance Spot", "BTC-USDT", "4h")
    ('Binance Spot-BTC-USDT', 'Binance Spot-BTC-USDT-4h')
    """
    return f"{exchange}-{symbol}" if timeframe is None else f"{exchange}-{symbol}-{timeframe}"


def base_asset(symbol: str) -> str:
    """Return what a symbol trades.

    Examples
    --------
    >>> base_asset("BTC-USDT")
    'BTC'
    """
    return symbol.split("-")[0]


def quote_asset(symbol: str) -> str:
    """Return what a symbol is traded for.

    Raises
    ------
    RouteError
        If the symbol has no dash.

    Examples
    --------
    >>> quote_asset("BTC-USDT")
    'USDT'
    """
    parts = symbol.split("-")
    if len(parts) < 2:
        raise RouteError(f"the symbol {symbol!r} needs a dash between base and quote asset, as in 'BTC-USDT'")
    return parts[1]


def get_base_asset(symbol: str) -> str:
    """Return what a symbol trades; the same as `base_asset`.

    Examples
    --------
    >>> get_base_asset("BTC-USDT")
    'BTC'
    """
    return base_asset(symbol)


def get_quote_asset(symbol: str) -> str:
    """Return what a symbol is traded for; the same as `quote_asset`.

    Examples
    --------
    >>> get_quote_asset("BTC-USDT")
    'USDT'
    """
    return quote_asset(symbol)


def dashless_symbol(symbol: str) -> str:
    """Return a symbol as most exchanges write it.

    Examples
    --------
    >>> dashless_symbol("BTC-USDT")
    'BTCUSDT'
    """
    return symbol.replace("-", "")


def dashy_symbol(symbol: str) -> str:
    """Return a symbol with a dash between base and quote asset.

    The quote asset is guessed from the last letters: a known one, otherwise all letters after the third.

    Examples
    --------
    >>> dashy_symbol("BTCUSDT"), dashy_symbol("ETHBTC"), dashy_symbol("BTC-USDT")
    ('BTC-USDT', 'ETH-BTC', 'BTC-USDT')
    """
    if "-" in symbol:
        return symbol
    for quote in _QUOTES:
        if symbol.upper().endswith(quote) and len(symbol) > len(quote):
            return f"{symbol[: -len(quote)]}-{symbol[-len(quote) :]}"
    return f"{symbol[:3]}-{symbol[3:]}"


def dashy_to_underline(symbol: str) -> str:
    """Return a symbol with an underline in place of the dash.

    Examples
    --------
    >>> dashy_to_underline("BTC-USDT")
    'BTC_USDT'
    """
    return symbol.replace("-", "_")


def underline_to_dashy_symbol(symbol: str) -> str:
    """Return a symbol with a dash in place of the underline.

    Examples
    --------
    >>> underline_to_dashy_symbol("BTC_USDT")
    'BTC-USDT'
    """
    return symbol.replace("_", "-")


def convert_to_env_name(name: str) -> str:
    """Return a name as one of the environment's variables: capitals, and underlines for spaces.

    Examples
    --------
    >>> convert_to_env_name("Binance Perpetual Futures")
    'BINANCE_PERPETUAL_FUTURES'
    """
    return name.replace(" ", "_").upper()
