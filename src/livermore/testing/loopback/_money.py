"""What an account of the loopback exchange owns: on spot assets, on futures a wallet and positions."""

from collections.abc import Iterable, Mapping
from decimal import Decimal

from livermore.testing.loopback._market import LoopbackMarket
from livermore.testing.loopback._orders import LoopbackOrder, RefusedError

__all__ = ["FuturesMoney", "SpotMoney"]

ZERO = Decimal(0)


class SpotMoney:
    """Assets on spot.

    Parameters
    ----------
    markets : mapping of str to LoopbackMarket
        By symbol.
    balances : mapping of str to Decimal
        By asset.
    """

    def __init__(self, markets: Mapping[str, LoopbackMarket], balances: Mapping[str, Decimal]) -> None:
        self._markets = markets
        self.balances = dict(balances)

    def copy(self) -> "SpotMoney":
        """Return what is owned now, apart from what changes later."""
        return SpotMoney(self._markets, self.balances)

    def held(self, open_orders: Iterable[LoopbackOrder]) -> dict[str, Decimal]:
        """Return what open orders set aside, by asset."""
        held: dict[str, Decimal] = {}
        for order in open_orders:
            market = self._markets[order.symbol]
            left = order.qty - order.filled
            price = order.price or order.trigger or ZERO
            asset, amount = (market.quote, left * price) if order.side == "buy" else (market.base, left)
            held[asset] = held.get(asset, ZERO) + amount
        return held

    def check(self, order: LoopbackOrder, price: Decimal, open_orders: Iterable[LoopbackOrder]) -> None:
        """Refuse an order that needs more than is free."""
        market, held = self._markets[order.symbol], self.held(open_orders)
        asset, needed = (market.quote, order.qty * price) if order.side == "buy" else (market.base, order.qty)
        if needed > self.balances.get(asset, ZERO) - held.get(asset, ZERO):
            raise RefusedError("insufficient funds")

    def fillable(self, order: LoopbackOrder, qty: Decimal) -> Decimal:
        """Return the quantity: what was set aside is there."""
        return qty

    def settle(self, order: LoopbackOrder, qty: Decimal, price: Decimal, fee: Decimal) -> Decimal:
        """Exchange the two assets."""
        market = self._markets[order.symbol]
        for asset, change in ((market.base, order.sign * qty), (market.quote, -order.sign * qty * price - fee)):
            self.balances[asset] = self.balances.get(asset, ZERO) + change
        return ZERO


class FuturesMoney:
    """A wallet and positions of linear perpetuals, one position a symbol. There is no funding and no liquidation.

    Parameters
    ----------
    wallet : mapping of str to Decimal
        Balances by settlement asset.

    Attributes
    ----------
    positions, entries : dict of str to Decimal
        Signed quantity and entry price, by symbol.
    leverage : dict of str to int
        By symbol; 20 unless set.
    margin_modes : dict of str to str
        ``"cross"`` unless set to ``"isolated"``.
    """

    def __init__(self, markets: Mapping[str, LoopbackMarket], wallet: Mapping[str, Decimal]) -> None:
        self._markets = markets
        self.wallet = dict(wallet)
        self.positions: dict[str, Decimal] = {}
        self.entries: dict[str, Decimal] = {}
        self.leverage = dict.fromkeys(markets, 20)
        self.margin_modes = dict.fromkeys(markets, "cross")

    def copy(self) -> "FuturesMoney":
        """Return what is owned now, apart from what changes later; leverage and margin modes are shared."""
        made = FuturesMoney(self._markets, self.wallet)
        made.positions, made.entries = dict(self.positions), dict(self.entries)
        made.leverage, made.margin_modes = self.leverage, self.margin_modes
        return made

    def margin(self, symbol: str) -> Decimal:
        """Return the initial margin of a position."""
        return abs(self.positions.get(symbol, ZERO)) * self.entries.get(symbol, ZERO) / self.leverage[symbol]

    def available(self, asset: str, open_orders: Iterable[LoopbackOrder]) -> Decimal:
        """Return what is left of the wallet for new orders."""
        used = ZERO
        for symbol, market in self._markets.items():
            if market.quote == asset:
                used += self.margin(symbol)
        for order in open_orders:
            if self._markets[order.symbol].quote == asset and not order.reduce_only and not order.is_waiting:
                used += (order.qty - order.filled) * (order.price or ZERO) / self.leverage[order.symbol]
        return self.wallet.get(asset, ZERO) - used

    def check(self, order: LoopbackOrder, price: Decimal, open_orders: Iterable[LoopbackOrder]) -> None:
        """Refuse an order that has nothing to reduce, or needs more margin than there is."""
        held = self.positions.get(order.symbol, ZERO)
        if order.reduce_only:
            # An order with a trigger may come before its position; it is checked once it is triggered.
            if not order.is_waiting and held * order.sign >= 0:
                raise RefusedError("nothing to reduce")
            return
        closed = ZERO if held * order.sign >= 0 else min(order.qty, abs(held))
        needed = (order.qty - closed) * price / self.leverage[order.symbol]
        freed = self.margin(order.symbol) * closed / abs(held) if closed else ZERO
        if not order.is_waiting and needed > self.available(self._markets[order.symbol].quote, open_orders) + freed:
            raise RefusedError("insufficient funds")

    def fillable(self, order: LoopbackOrder, qty: Decimal) -> Decimal:
        """Return the quantity; of a reduce-only order at most the position."""
        if not order.reduce_only:
            return qty
        held = self.positions.get(order.symbol, ZERO)
        return min(qty, abs(held)) if held * order.sign < 0 else ZERO

    def settle(self, order: LoopbackOrder, qty: Decimal, price: Decimal, fee: Decimal) -> Decimal:
        """Change the position, and book profit and fee."""
        symbol, change = order.symbol, order.sign * qty
        held, entry = self.positions.get(symbol, ZERO), self.entries.get(symbol, ZERO)
        after = held + change
        realized = ZERO
        if held * change >= 0:
            self.entries[symbol] = (abs(held) * entry + qty * price) / abs(after)
        else:
            closed = min(abs(held), qty)
            realized = closed * (price - entry) * (1 if held > 0 else -1)
            if held * after < 0:
                self.entries[symbol] = price
        self.positions[symbol] = after
        asset = self._markets[symbol].quote
        self.wallet[asset] = self.wallet.get(asset, ZERO) + realized - fee
        return realized
