"""A strategy that does nothing: what the engine itself costs."""

from jesse.strategies import Strategy


class Empty(Strategy):
    """Never trades."""

    def should_long(self) -> bool:
        return False

    def go_long(self):
        pass
