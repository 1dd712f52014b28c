"""Jesse's constants are strings, and ours beside them say the same."""

from livermore import trading
from livermore.candles import TIMEFRAMES
from livermore.jesse import enums


def values(group):
    return {value for name, value in vars(group).items() if not name.startswith("_")}


def test_the_groups_hold_the_strings_that_strategies_compare_with():
    assert values(enums.timeframes) == set(TIMEFRAMES)
    assert values(enums.sides) == {str(side) for side in trading.Side}
    assert values(enums.trade_types) | {"close"} == {str(kind) for kind in trading.PositionType}
    assert values(enums.order_types) >= {str(kind) for kind in trading.OrderType}
    assert values(enums.order_statuses) == {str(status) for status in trading.OrderStatus}
    assert values(enums.order_submitted_via) == {str(via) for via in trading.SubmittedVia}
    assert enums.order_types.STOP_LIMIT == "STOP LIMIT"


def test_exchanges_are_there_by_name():
    assert enums.exchanges.BINANCE_PERPETUAL_FUTURES == "Binance Perpetual Futures"
    assert enums.exchanges.KRAKEN_PERPETUAL == "Kraken Pro Futures"
    assert len(values(enums.exchanges)) == 39
    assert values(enums.colors) == {"green", "yellow", "red", "magenta", "black"}
