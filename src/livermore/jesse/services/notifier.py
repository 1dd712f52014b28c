"""Notifications (`jesse.services.notifier`): as in a backtest of Jesse, none is sent."""

from typing import Any

__all__ = ["notify"]


def notify(msg: str, webhook: Any = None) -> None:
    """Do nothing: a backtest sends no message."""
