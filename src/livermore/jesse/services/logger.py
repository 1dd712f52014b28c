"""Log lines (`jesse.services.logger`), written by Python's `logging` to the logger ``livermore.strategy``.

A strategy's own `self.log` is better: it keeps the line with the result, under the time of the session.
"""

import logging
from typing import Any

__all__ = ["error", "info"]

_LOGGER = logging.getLogger("livermore.strategy")


def info(msg: object, send_notification: bool = False, webhook: Any = None) -> None:
    """Log a line. Nothing is ever sent: `send_notification` and `webhook` are accepted for Jesse's sake."""
    _LOGGER.info("%s", msg)


def error(msg: object, send_notification: bool = True) -> None:
    """Log an error; `send_notification` is accepted for Jesse's sake."""
    _LOGGER.error("%s", msg)
