"""Jesse's constants (`jesse.enums`): plain strings under the names that strategies use."""

__all__ = [
    "colors",
    "data_providers",
    "exchanges",
    "live_session_modes",
    "live_session_statuses",
    "migration_actions",
    "order_statuses",
    "order_submitted_via",
    "order_types",
    "sides",
    "timeframes",
    "trade_types",
]


class sides:  # noqa: N801 -- Jesse's names, here and below
    """Which way an order trades.

    Examples
    --------
    >>> sides.BUY
    'buy'
    """

    BUY = "buy"
    SELL = "sell"


class trade_types:  # noqa: N801
    """Which way a position is held.

    Examples
    --------
    >>> trade_types.LONG
    'long'
    """

    LONG = "long"
    SHORT = "short"


class order_types:  # noqa: N801
    """How an order waits for its price. Backtests make the first three.

    Examples
    --------
    >>> order_types.LIMIT
    'LIMIT'
    """

    MARKET = "MARKET"
    LIMIT = "LIMIT"
    STOP = "STOP"
    FOK = "FOK"
    STOP_LIMIT = "STOP LIMIT"


class order_statuses:  # noqa: N801
    """Where an order is in its life.

    Examples
    --------
    >>> order_statuses.ACTIVE
    'ACTIVE'
    """

    ACTIVE = "ACTIVE"
    CANCELED = "CANCELED"
    EXECUTED = "EXECUTED"
    PARTIALLY_FILLED = "PARTIALLY FILLED"
    QUEUED = "QUEUED"
    LIQUIDATED = "LIQUIDATED"
    REJECTED = "REJECTED"


class order_submitted_via:  # noqa: N801
    """Which order variable of the strategy an exit order comes from.

    Examples
    --------
    >>> order_submitted_via.STOP_LOSS
    'stop-loss'
    """

    STOP_LOSS = "stop-loss"
    TAKE_PROFIT = "take-profit"


class timeframes:  # noqa: N801
    """The lengths that bars can have.

    Examples
    --------
    >>> timeframes.MINUTE_1
    '1m'
    """

    MINUTE_1 = "1m"
    MINUTE_3 = "3m"
    MINUTE_5 = "5m"
    MINUTE_15 = "15m"
    MINUTE_30 = "30m"
    MINUTE_45 = "45m"
    HOUR_1 = "1h"
    HOUR_2 = "2h"
    HOUR_3 = "3h"
    HOUR_4 = "4h"
    HOUR_6 = "6h"
    HOUR_8 = "8h"
    HOUR_12 = "12h"
    DAY_1 = "1D"
    DAY_3 = "3D"
    WEEK_1 = "1W"
    MONTH_1 = "1M"


class colors:  # noqa: N801
    """Colours of lines on charts.

    Examples
    --------
    >>> colors.GREEN
    'green'
    """

    GREEN = "green"
    YELLOW = "yellow"
    RED = "red"
    MAGENTA = "magenta"
    BLACK = "black"


class exchanges:  # noqa: N801
    """Exchanges that Jesse knows by name. In a backtest any name will do: the config says what it is like.

    Examples
    --------
    >>> exchanges.SANDBOX
    'Sandbox'
    """

    SANDBOX = "Sandbox"
    CUSTOM_DATA = "Custom Data"
    MASSIVE_STOCKS = "Massive Stocks"
    MASSIVE_CURRENCIES = "Massive Currencies"
    MASSIVE_INDICES = "Massive Indices"
    MASSIVE_FUTURES = "Massive Futures"
    COINBASE_SPOT = "Coinbase Spot"
    BITFINEX_SPOT = "Bitfinex Spot"
    BINANCE_SPOT = "Binance Spot"
    BINANCE_US_SPOT = "Binance US Spot"
    BINANCE_PERPETUAL_FUTURES = "Binance Perpetual Futures"
    BINANCE_PERPETUAL_FUTURES_TESTNET = "Binance Perpetual Futures Testnet"
    BYBIT_USDT_PERPETUAL = "Bybit USDT Perpetual"
    BYBIT_USDC_PERPETUAL = "Bybit USDC Perpetual"
    BYBIT_USDT_PERPETUAL_TESTNET = "Bybit USDT Perpetual Testnet"
    BYBIT_USDC_PERPETUAL_TESTNET = "Bybit USDC Perpetual Testnet"
    BYBIT_SPOT = "Bybit Spot"
    BYBIT_SPOT_TESTNET = "Bybit Spot Testnet"
    FTX_PERPETUAL_FUTURES = "FTX Perpetual Futures"
    FTX_SPOT = "FTX Spot"
    FTX_US_SPOT = "FTX US Spot"
    BITGET_SPOT = "Bitget Spot"
    BITGET_USDT_PERPETUAL = "Bitget USDT Perpetual"
    BITGET_USDT_PERPETUAL_TESTNET = "Bitget USDT Perpetual Testnet"
    DYDX_PERPETUAL = "Dydx Perpetual"
    DYDX_PERPETUAL_TESTNET = "Dydx Perpetual Testnet"
    APEX_OMNI_PERPETUAL = "Apex Omni Perpetual"
    APEX_OMNI_PERPETUAL_TESTNET = "Apex Omni Perpetual Testnet"
    GATE_USDT_PERPETUAL = "Gate USDT Perpetual"
    GATE_SPOT = "Gate Spot"
    HYPERLIQUID_PERPETUAL = "Hyperliquid Perpetual"
    HYPERLIQUID_PERPETUAL_TESTNET = "Hyperliquid Perpetual Testnet"
    LIGHTER_PERPETUAL = "Lighter Perpetual"
    LIGHTER_PERPETUAL_TESTNET = "Lighter Perpetual Testnet"
    KUCOIN_SPOT = "KuCoin Spot"
    KUCOIN_USDT_PERPETUAL = "KuCoin USDT Perpetual"
    KRAKEN_SPOT = "Kraken Pro Spot"
    KRAKEN_PERPETUAL = "Kraken Pro Futures"
    KRAKEN_PERPETUAL_TESTNET = "Kraken Pro Futures Testnet"


class data_providers:  # noqa: N801
    """Providers of stored candles that Jesse knows by name.

    Examples
    --------
    >>> data_providers.MASSIVE
    'Massive'
    """

    MASSIVE = "Massive"


class live_session_modes:  # noqa: N801
    """How a live session trades.

    Examples
    --------
    >>> live_session_modes.PAPERTRADE
    'papertrade'
    """

    LIVETRADE = "livetrade"
    PAPERTRADE = "papertrade"


class live_session_statuses:  # noqa: N801
    """Where a live session is in its life.

    Examples
    --------
    >>> live_session_statuses.RUNNING
    'running'
    """

    STARTING = "starting"
    RUNNING = "running"
    STOPPED = "stopped"
    TERMINATED = "terminated"
    DRAFT = "draft"


class migration_actions:  # noqa: N801
    """What Jesse's migrations of its database do. There is no database here; the names exist for imports.

    Examples
    --------
    >>> migration_actions.ADD
    'add'
    """

    ADD = "add"
    DROP = "drop"
    RENAME = "rename"
    MODIFY_TYPE = "modify_type"
    ALLOW_NULL = "allow_null"
    DENY_NULL = "deny_null"
    ADD_INDEX = "add_index"
    DROP_INDEX = "drop_index"
