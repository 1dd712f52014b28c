"""What a strategy sees of the present, and what it is told where there is none."""

import pytest

from livermore import Strategy
from livermore.errors import StrategyError


class Idle(Strategy):
    """Never trades."""

    def should_long(self) -> bool:
        return False

    def go_long(self) -> None: ...


@pytest.mark.parametrize(
    "name", ["candles", "current_candle", "price", "close", "open", "high", "low", "volume", "time", "mark_price"]
)
def test_outside_of_a_session_there_is_nothing_to_see(name: str) -> None:
    with pytest.raises(StrategyError, match="outside of a session"):
        getattr(Idle(), name)


def test_names_of_a_user_s_own_do_not_hide_what_is_seen() -> None:
    strategy = Idle()
    strategy._market = strategy._candles = strategy._clock = "mine"  # type: ignore[attr-defined]
    with pytest.raises(StrategyError, match="outside of a session"):
        _ = strategy.price
