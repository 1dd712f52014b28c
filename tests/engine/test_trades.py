"""What the fills of a trade add up to: the quick sums against numpy's."""

import numpy as np
import pytest

from livermore.trading import ClosedTrade, Order, OrderType, Side


def filled(side: Side, qty: float, price: float) -> Order:
    order = Order(exchange="E", symbol="A-B", side=side, type=OrderType.LIMIT, qty=qty, price=price)
    return Order("E", "A-B", side, OrderType.LIMIT, qty, price, filled_qty=order.qty)


@pytest.mark.parametrize("count", [1, 2, 3, 7, 8, 9, 20])
def test_mean_prices_are_numpy_s_to_the_last_bit(count: int) -> None:
    rng = np.random.default_rng(count)
    for _ in range(50):
        table = rng.random((count, 2)) * 10.0 ** rng.integers(-3, 5, size=(count, 2))
        trade = ClosedTrade(strategy_name="S", exchange="E", symbol="A-B", timeframe="1m", leverage=1)
        for qty, price in table.tolist():
            trade._add(filled(Side.BUY, qty, price))
        assert trade.entry_price == (table[:, 0] * table[:, 1]).sum() / table[:, 0].sum()
        assert np.isnan(trade.exit_price)


def test_sums_follow_each_further_fill() -> None:
    trade = ClosedTrade(strategy_name="S", exchange="E", symbol="A-B", timeframe="1m", leverage=1)
    trade._add(filled(Side.BUY, 1.0, 10.0))
    assert (trade.qty, trade.entry_price) == (1.0, 10.0)
    trade._add(filled(Side.BUY, 1.0, 20.0))
    assert (trade.qty, trade.entry_price) == (2.0, 15.0)
    trade._add(filled(Side.SELL, 2.0, 18.0))
    assert (trade.exit_price, trade.pnl) == (18.0, 6.0)
