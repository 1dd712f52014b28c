"""What a session's money may do."""

from livermore.engine._kernels.accounts import FuturesAccount, SpotAccount
from livermore.engine._kernels.position import Account
from livermore.engine.accounts._open import open_account

__all__ = ["Account", "FuturesAccount", "SpotAccount", "open_account"]
