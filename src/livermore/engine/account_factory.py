"""Which account a config asks for."""

from livermore.engine.account import FuturesAccount, SpotAccount
from livermore.engine.config import BacktestConfig
from livermore.engine.order_book import OrderBook
from livermore.engine.position import Account, Position

__all__ = ["open_account"]

#: Exchanges that settle in one currency, whatever the quote asset of the routes.
SETTLEMENT = {
    "Bybit USDC Perpetual": "USDC",
    "Bybit USDC Perpetual Testnet": "USDC",
    "Bybit USDT Perpetual": "USDT",
    "Bybit USDT Perpetual Testnet": "USDT",
    "KuCoin USDT Perpetual": "USDT",
}


def open_account(
    config: BacktestConfig, quote_asset: str, books: dict[str, OrderBook], positions: dict[str, Position]
) -> Account:
    """Return a new account.

    Parameters
    ----------
    config : BacktestConfig
        Kind, balance, fee, leverage.
    quote_asset : str
        Of the routes' symbols.
    books, positions : dict
        The session's, by symbol; may still be empty.
    """
    currency = SETTLEMENT.get(config.exchange, quote_asset)
    if config.type == "spot":
        return SpotAccount(
            currency=currency,
            balance=config.starting_balance,
            fee_rate=config.fee,
            books=books,
            positions=positions,
        )
    return FuturesAccount(
        currency=currency,
        balance=config.starting_balance,
        fee_rate=config.fee,
        leverage=config.leverage,
        isolated=config.leverage_mode == "isolated",
        books=books,
        positions=positions,
    )
