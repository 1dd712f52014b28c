"""Which account a config asks for."""

from collections.abc import Mapping

from livermore.engine._book import OrderBook
from livermore.engine._config import BacktestConfig
from livermore.engine.accounts._account import Account, Holding
from livermore.engine.accounts._futures import FuturesAccount
from livermore.engine.accounts._spot import SpotAccount

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
    config: BacktestConfig, quote_asset: str, books: Mapping[str, OrderBook], positions: Mapping[str, Holding]
) -> Account:
    """Return a new account.

    Parameters
    ----------
    config : BacktestConfig
        Kind, balance, fee, leverage.
    quote_asset : str
        Of the routes' symbols.
    books, positions : mapping
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
