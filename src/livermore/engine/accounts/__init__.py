"""What a session's money may do: one account type per file."""

from livermore.engine.accounts._account import Account
from livermore.engine.accounts._futures import FuturesAccount
from livermore.engine.accounts._open import open_account
from livermore.engine.accounts._spot import SpotAccount

__all__ = ["Account", "FuturesAccount", "SpotAccount", "open_account"]
