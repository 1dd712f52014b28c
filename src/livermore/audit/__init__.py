"""What a user can check of a strategy: look-ahead, leakage, recursion, parity, determinism."""

from livermore.audit._check import Finding, StrategyCheck, check

__all__ = ["Finding", "StrategyCheck", "check"]
