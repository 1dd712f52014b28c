"""Live sessions of a project, in a few words: what the command line runs."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from livermore.candles import MINUTE_MS, connect, project_store
from livermore.candles._exchange import EXCHANGES
from livermore.engine import BacktestSpec
from livermore.errors import CandlesNotFoundError, ConfigError, LiveError
from livermore.live import (
    ExchangeAccount,
    ExchangeFeed,
    KillSwitch,
    LiveSession,
    Parity,
    SessionView,
    StoredFeed,
    check_parity,
    live_samples,
    session_view,
    warm_up_candles,
)
from livermore.live._exchange_answers import websocket_client
from livermore.live._journal import JOURNAL
from livermore.research._stored_run import StoredRun

if TYPE_CHECKING:
    from livermore.live import Event

__all__ = ["ProjectSession", "live_parity", "live_session_samples", "live_session_view", "open_kill_switch"]


def session_folder(name: str, root: Path | str = ".") -> Path:
    """Return the folder of a session of a project: ``storage/live/NAME``.

    Raises
    ------
    ConfigError
        If the name is no name of a folder.
    """
    if not name or name in (".", "..") or any(sign in name for sign in '/\\:*?"<>|\0'):
        raise ConfigError(f"{name!r} cannot be the name of a session: it becomes the name of a folder")
    return Path(root) / "storage" / "live" / name


@dataclass(frozen=True)
class ProjectSession:
    """A live session of a project's strategy on one symbol.

    Attributes
    ----------
    name : str
        Name of the session.
    run : StoredRun
        Strategy, market, account. Its `start` and `finish` are used by `replay` only.
    ml_mode : {"deploy", "gather"}
        The mode of the strategy.
    root : path-like
        The project folder.

    Examples
    --------
    >>> from livermore.research import StoredRun
    >>> run = StoredRun("TrendFilter", exchange="Kraken", symbol="BTC-USDT", timeframe="1h")
    >>> ProjectSession("first", run, root="my-project").folder.parts
    ('my-project', 'storage', 'live', 'first')
    """

    name: str
    run: StoredRun
    ml_mode: str = "deploy"
    root: Path | str = "."

    def replay(self, *, on_event: "Callable[[Event], None] | None" = None, **options: Any) -> LiveSession:
        """Return a session that replays the stored candles of the run's days at full speed.

        Parameters
        ----------
        on_event, **options
            As for `LiveSession`.

        Raises
        ------
        CandlesNotFoundError, ConfigError, DateRangeError
            If the store does not hold the candles.
        """
        spec = BacktestSpec(**self.run.arguments(self.root), root=self.root, ml_mode=self.ml_mode)
        candles = {entry["symbol"]: entry["candles"] for entry in (spec.candles or {}).values()}
        start = int(next(iter(candles.values()))[0, 0])
        return LiveSession(spec, StoredFeed(candles), self.folder, start=start, on_event=on_event, **options)

    def follow(
        self,
        *,
        client: Any = None,
        early: bool = False,
        account: ExchangeAccount | None = None,
        on_event: "Callable[[Event], None] | None" = None,
        **options: Any,
    ) -> LiveSession:
        """Return a session that follows the exchange of the run, minute by minute.

        Parameters
        ----------
        client : ccxt.Exchange, optional
            By default that of the exchange's name; no keys are needed.
        early : bool
            Whether websockets tell that a minute is over, so that it is asked for two seconds earlier.
        account : ExchangeAccount, optional
            Where orders are sent; by default the session is on paper.
        on_event, **options
            As for `LiveSession`.

        Raises
        ------
        CandlesNotFoundError
            If the exchange does not list the symbol, or the warm-up candles can be had nowhere.
        ConfigError
            If no exchange or symbol is named, or the account is on another exchange.
        LiveError
            If the clocks differ too much.
        """
        exchange, symbol = self.run.exchange, self.run.symbol
        if exchange is None or symbol is None:
            raise ConfigError("name the market with --exchange and --symbol, or EXCHANGE and SYMBOL in settings.py")
        listed = EXCHANGES.get(exchange, (exchange,))[0]
        if account is not None and account.client.id != listed:
            raise ConfigError(f"the account is on {account.client.id}, and the session follows {exchange} ({listed})")
        client = _market_client(exchange, symbol) if client is None else client
        feed = ExchangeFeed(client, [symbol], early=websocket_client(client) if early else None)
        now = feed.clock.now()
        start = now - now % MINUTE_MS
        spec = self._spec(exchange, symbol, self._warm_up(feed, exchange, symbol, start))
        store = project_store(self.root)
        return LiveSession(
            spec, feed, self.folder, start=start, store=store, on_event=on_event, account=account, **options
        )

    @property
    def folder(self) -> Path:
        """The session's folder."""
        return session_folder(self.name, self.root)

    def _warm_up(self, feed: ExchangeFeed, exchange: str, symbol: str, start: int) -> dict[str, dict[str, Any]] | None:
        """Return the warm-up candles of a new session; one that goes on has them in its journal."""
        if (self.folder / JOURNAL).is_file():
            return None
        return warm_up_candles(
            project_store(self.root),
            feed,
            [(exchange, symbol)],
            [self.run.timeframe],
            bars=self.run.warm_up_candles,
            start=start,
        )

    def _spec(self, exchange: str, symbol: str, warm_up: Mapping[str, Mapping[str, Any]] | None) -> BacktestSpec:
        route = {"exchange": exchange, "symbol": symbol, "timeframe": self.run.timeframe, "strategy": self.run.strategy}
        return BacktestSpec(
            self.run.config_on(exchange), [route], [], None, warm_up, root=self.root, ml_mode=self.ml_mode
        )


def open_kill_switch(name: str, root: Path | str = ".") -> KillSwitch:
    """Return the kill switch of a session of a project.

    Raises
    ------
    LiveError
        If there is no such session.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> root = tempfile.mkdtemp()
    >>> Path(root, "storage/live/first").mkdir(parents=True)
    >>> switch = open_kill_switch("first", root)
    >>> switch.set("flatten")
    >>> switch.read()
    'flatten'
    """
    return KillSwitch(_existing_folder(name, root))


def live_session_samples(name: str, root: Path | str = ".") -> dict[str, Path]:
    """Write the labelled samples of a session of a project into its folder; see `livermore.live.live_samples`."""
    return live_samples(_existing_folder(name, root))


def live_session_view(name: str, root: Path | str = ".") -> SessionView:
    """Return how a session of a project is doing; see `livermore.live.session_view`."""
    return session_view(_existing_folder(name, root))


def live_parity(name: str, root: Path | str = ".") -> Parity:
    """Compare a session of a project with a backtest over its candles; see `livermore.live.check_parity`."""
    return check_parity(_existing_folder(name, root), root=root)


def _existing_folder(name: str, root: Path | str) -> Path:
    """Return the folder of a session, which must be there."""
    folder = session_folder(name, root)
    if not folder.is_dir():
        names = sorted(path.name for path in folder.parent.glob("*") if path.is_dir())
        others = f"; there are {', '.join(names)}" if names else ""
        raise LiveError(f"there is no session {name} in {folder.parent}{others}")
    return folder


def _market_client(exchange: str, symbol: str) -> Any:
    """Return an object of ccxt that has the market; without one, say what can be followed instead."""
    try:
        return connect(exchange, symbol).source
    except CandlesNotFoundError as error:
        raise CandlesNotFoundError(
            f"{error} A session follows an exchange that is there; --replay follows the stored candles instead."
        ) from None
