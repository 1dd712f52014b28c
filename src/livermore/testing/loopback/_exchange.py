"""An exchange on this machine that ccxt takes for the real one."""

from collections.abc import Mapping
from decimal import Decimal
from types import TracebackType
from typing import Any, Literal

from livermore.candles import MINUTE_MS
from livermore.errors import ConfigError, MissingExtraError
from livermore.live import Clock, ManualClock
from livermore.testing.loopback._account import LoopbackAccount
from livermore.testing.loopback._binance import BinanceUsdmDialect
from livermore.testing.loopback._faults import Fault, FaultScript
from livermore.testing.loopback._kraken import KrakenDialect
from livermore.testing.loopback._market import LoopbackMarket, make_markets
from livermore.testing.loopback._server import LoopbackServer
from livermore.testing.loopback._stream_faults import StreamFault
from livermore.testing.loopback._venue import Dialect, Venue
from livermore.typing import Rows

__all__ = ["DIALECTS", "LoopbackExchange"]

#: By the name that ccxt has for the exchange.
DIALECTS: Mapping[str, type[KrakenDialect] | type[BinanceUsdmDialect]] = {
    dialect.name: dialect for dialect in (KrakenDialect, BinanceUsdmDialect)
}


class LoopbackExchange:
    """An exchange on this machine, on which ccxt's own classes work with nothing but their addresses changed.

    It has the candles that it is given, shows of them what its clock has reached, and goes wrong by script. It needs no
    account and no network. Use it in a ``with`` block: the server runs in a thread until the block ends.

    Parameters
    ----------
    candles : mapping of str to array of shape (n, 6), or to LoopbackMarket
        One-minute candles by symbol (``"BTC-USDT"``), those of the future included. A minute without a candle had no
        trade, and is not shown.
    name : {"kraken", "binanceusdm"}
        Which exchange it speaks like, by ccxt's name. Kraken shows the last 720 candles, whatever is asked for; Binance
        500, or as many as asked for, 1,500 at most, from any time on.
    clock : Clock, optional
        By default a `ManualClock` at the end of the last candle: everything has happened.
    balances : mapping of str to number, optional
        What the account owns, by asset; by default 10,000 of each quote asset.

    Attributes
    ----------
    clock : Clock
        Its clock.
    account : LoopbackAccount
        The one account, whatever the key: what it owns, its orders and trades, and what a person does by hand
        (`close_by_hand`, `cancel_all`).
    faults : FaultScript
        What goes wrong with requests: ``exchange.faults.add(HttpError(503), path="OHLC")``.
    stream_faults : FaultScript
        What goes wrong with the messages of websockets: ``exchange.stream_faults.add(LostMessages("ETH"), times=50)``.

    Raises
    ------
    ConfigError
        If there are no candles, or no such exchange.
    CandleError
        If a symbol or its candles break a rule.
    MissingExtraError
        If ccxt, which brings the web server, is not installed. Raised by the ``with`` statement and by `client`.

    Notes
    -----
    The last candle shown is not over yet, as on real exchanges: its close, high, low and volume still change. Only
    candles of one minute are served.

    Examples
    --------
    ::

        with LoopbackExchange({"BTC-USDT": candles}, "kraken") as exchange:
            kraken = exchange.client()
            kraken.fetch_ohlcv("BTC/USDT", "1m")
    """

    def __init__(
        self,
        candles: Mapping[str, Rows | LoopbackMarket],
        name: str = "kraken",
        *,
        clock: Clock | None = None,
        balances: Mapping[str, float | str] | None = None,
    ) -> None:
        if name not in DIALECTS:
            raise ConfigError(f"there is no loopback exchange {name!r}; there are {', '.join(DIALECTS)}")
        markets = make_markets(candles)
        self.clock = clock if clock is not None else ManualClock(_end_of(markets))
        self.faults = FaultScript[Fault]()
        self.stream_faults = FaultScript[StreamFault]()
        self.name = name
        self._venue = Venue(markets, self.clock.now)
        owned = {asset: Decimal(str(amount)) for asset, amount in (balances or _usual_balances(markets)).items()}
        self.account = LoopbackAccount(markets, self._venue.now, DIALECTS[name].money(markets, owned))
        self._dialect: Dialect = DIALECTS[name](self._venue, self.account)
        self._server = LoopbackServer(self._dialect, self.faults, self.stream_faults)

    def __enter__(self) -> "LoopbackExchange":
        self._server.start()
        if isinstance(self.clock, ManualClock):
            # Who sets the clock finds everything sent that was due by then.
            self.clock.add_listener(self._server.push)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._server.close()

    @property
    def skew_ms(self) -> int:
        """By how many ms the exchange's clock is ahead of `clock`; it can be set."""
        return self._venue.skew_ms

    @skew_ms.setter
    def skew_ms(self, skew: int) -> None:
        self._venue.skew_ms = skew

    @property
    def unknown_requests(self) -> list[str]:
        """Requests that the loopback exchange could not answer, because it lacks that part of the exchange."""
        return self._server.unknown

    def rewrite(self, client: Any) -> Any:
        """Let an object of ccxt talk to this exchange instead of the real one: its addresses change.

        Parameters
        ----------
        client : ccxt.Exchange
            Of ``ccxt``, ``ccxt.async_support`` or ``ccxt.pro``, before its first request.

        Returns
        -------
        ccxt.Exchange
            The same object.
        """
        self._dialect.prepare(client)
        client.urls["api"] = _rewritten(client.urls["api"], f"127.0.0.1:{self._server.port}", client)
        return client

    def client(self, kind: Literal["rest", "async", "pro"] = "rest", **config: Any) -> Any:
        """Make an object of ccxt that talks to this exchange.

        Parameters
        ----------
        kind : {"rest", "async", "pro"}
            Of ``ccxt``, ``ccxt.async_support`` or ``ccxt.pro``.
        **config
            For ccxt, such as ``timeout=1_000`` or ``apiKey=…``. Without ``enableRateLimit`` ccxt does not wait between
            requests.
        """
        if kind not in _MODULES:
            raise ConfigError(f"kind must be one of {', '.join(_MODULES)}, not {kind!r}")
        try:
            import importlib

            module = importlib.import_module(_MODULES[kind])
        except ImportError as error:
            raise MissingExtraError.of("ccxt", extra="ccxt") from error
        return self.rewrite(getattr(module, self.name)({"enableRateLimit": False, **config}))

    def close_websockets(self) -> None:
        """Close all websocket connections; programs may connect again."""
        self._server.disconnect()

    def ping_websockets(self, seconds: float = 5.0) -> int:
        """Ping all websocket connections, and return how many answer within a time of real seconds."""
        return self._server.ping(seconds)

    def silence_websockets(self, is_silent: bool = True) -> None:
        """Let websockets stay open without saying anything; what happens meanwhile is never sent."""
        self._server.set_silent(is_silent)


_MODULES = {"rest": "ccxt", "async": "ccxt.async_support", "pro": "ccxt.pro"}


def _usual_balances(markets: Mapping[str, LoopbackMarket]) -> dict[str, float | str]:
    return {market.quote: 10_000 for market in markets.values()}


def _end_of(markets: Mapping[str, LoopbackMarket]) -> int:
    return max(int(market.rows[-1, 0]) + MINUTE_MS for market in markets.values())


def _rewritten(urls: Any, address: str, client: Any) -> Any:
    """Return addresses with this machine in place of each host, which stays as the first part of the path."""
    if isinstance(urls, Mapping):
        return {name: _rewritten(url, address, client) for name, url in urls.items()}
    if not isinstance(urls, str):
        return urls
    url = client.implode_hostname(urls) if "{hostname}" in urls else urls
    scheme, _, rest = url.partition("://")
    plain = {"https": "http", "wss": "ws"}.get(scheme)
    if plain is None:
        return url
    # A port would be taken for another part of the host's name.
    host, slash, path = rest.partition("/")
    return f"{plain}://{address}/{host.partition(':')[0]}{slash}{path}"
