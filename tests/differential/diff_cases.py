"""Makes differential cases: a case is JSON, and a family and a number determine it.

Most families keep clear of the differences that docs/differences.md names, so that outcomes must be equal. The families
of `NAMED` provoke one named difference each.
"""

import random
from typing import Any

TIMEFRAMES = {"1m": 1, "3m": 3, "5m": 5, "15m": 15, "30m": 30, "45m": 45, "1h": 60, "2h": 120, "4h": 240}
# Midnight of 2022-01-03, a Monday: every timeframe up to a day begins a bar here.
START = 1_641_168_000_000
BTC_ROWS = 44_970
DAY = 1440
SYMBOLS = ("BTC-USDT", "ETH-USDT", "SOL-USDT")
SMOOTH, COARSE = 1e-6, 0.5

Case = dict[str, Any]


def make_case(family: str, number: int) -> Case:
    """Return case `number` of a family.

    Parameters
    ----------
    family : str
        One of `FAMILIES`.
    number : int
        Any seed.
    """
    rng = random.Random(f"{family}|{number}")
    case = FAMILIES[family](rng)
    case["name"] = f"{family}-{number}"
    case["family"] = family
    case["hp"]["seed"] = f"{family}|{number}"
    return case


def single(rng: random.Random, **options: Any) -> Case:
    """One futures route on a walk without opening gaps, fixed quantities."""
    timeframe = rng.choices(list(TIMEFRAMES), (30, 10, 25, 15, 5, 3, 5, 2, 5))[0]
    return build(rng, {SYMBOLS[0]: timeframe}, **options)


def sized_by_margin(rng: random.Random) -> Case:
    """Quantities from the available margin, with leverage, which the strategy writes down."""
    return single(rng, leverage=rng.choice((1, 2, 5, 10)), fraction=rng.choice((0.05, 0.3, 0.6)))


def short_of_margin(rng: random.Random) -> Case:
    """Quantities that the account can hardly carry: many end in a refusal."""
    return single(rng, leverage=rng.choice((1, 3)), fraction=rng.choice((0.9, 1.05, 1.3)), balance=10_000)


def isolated(rng: random.Random) -> Case:
    """High leverage on isolated margin, so that positions are liquidated."""
    options = {"leverage": rng.choice((20, 50, 100)), "mode": "isolated", "vol": 0.002}
    return single(rng, **options, exits=rng.choice((0.2, 0.6)))


def opening_gaps(rng: random.Random) -> Case:
    """Opens away from the last close, targets beyond their reach."""
    return single(rng, gap=rng.choice((0.05, 0.3)), spread_factor=4.0, margin_seen=False, exits_at_go=0.0)


def spot(rng: random.Random) -> Case:
    """A spot account: longs alone, exits from what the position holds."""
    return single(rng, spot=True)


def spot_gaps(rng: random.Random) -> Case:
    """A spot account on candles that open away from the last close."""
    return single(rng, spot=True, gap=0.2, spread_factor=4.0)


def several_routes(rng: random.Random) -> Case:
    """Two or three symbols on one wallet, reacting to one another."""
    frames = [rng.choice(("1m", "3m", "5m", "15m")) for _ in range(rng.choice((2, 3)))]
    fraction = rng.choice((0.0, 0.1))
    return build(rng, dict(zip(SYMBOLS, frames, strict=False)), fraction=fraction, leverage=3, on_route=0.3)


def several_routes_spot(rng: random.Random) -> Case:
    """Two spot symbols on one wallet."""
    return build(rng, dict(zip(SYMBOLS, ("5m", "15m"), strict=False)), spot=True, on_route=0.2)


def data_routes(rng: random.Random) -> Case:
    """Candles of larger timeframes and of other symbols, forming ones included, seen in every hook."""
    own = rng.choice(("1m", "5m", "15m"))
    larger = rng.sample(("30m", "1h", "4h"), 2)
    watched = [(SYMBOLS[0], larger[0]), (SYMBOLS[1], larger[1]), (SYMBOLS[1], "1m")]
    return build(rng, {SYMBOLS[0]: own}, data_routes=watched, warm_up=rng.choice((0, 2 * DAY)))


def missing_rows(rng: random.Random) -> Case:
    """Minutes and whole hours are missing."""
    timeframe = rng.choice(("1m", "3m", "5m", "15m", "1h"))
    options = {"missing": rng.choice((0.001, 0.02)), "halts": rng.choice((0, 6)), "spread_factor": 3.0}
    return build(rng, {SYMBOLS[0]: timeframe}, **options, margin_seen=False, exits_at_go=0.0)


def missing_rows_with_warm_up(rng: random.Random) -> Case:
    """Minutes are missing, and the start waits for enough warm-up candles."""
    options = {"missing": 0.01, "halts": 3, "spread_factor": 3.0, "warm_up_candles": rng.choice((10, 40))}
    timeframe = rng.choice(("1m", "5m", "15m"))
    data = [(SYMBOLS[0], "30m")] if rng.random() < 0.5 else []
    return build(rng, {SYMBOLS[0]: timeframe}, **options, data_routes=data, margin_seen=False, exits_at_go=0.0)


def missing_rows_of_two(rng: random.Random) -> Case:
    """Two symbols, in the order of their names, each with other minutes missing."""
    frames = dict(zip(SYMBOLS, (rng.choice(("1m", "5m")), rng.choice(("5m", "15m"))), strict=False))
    options = {"missing": 0.02, "halts": 3, "spread_factor": 3.0}
    return build(rng, frames, **options, margin_seen=False, exits_at_go=0.0, on_route=0.2)


def coarse(rng: random.Random) -> Case:
    """Price steps so coarse that orders meet opens, highs, lows and closes; one entry, one stop and one target."""
    case = single(rng, tick=COARSE, vol=0.004, entries=(1, 0, 0), two_exits=0.0, exits_at_go=0.0)
    for plan in case["hp"]["routes"].values():
        plan["actions"] = {"liquidate": 1}
    return case


def real(rng: random.Random) -> Case:
    """Real candles of a BTC perpetual; prices of orders between their steps."""
    rows = rng.choice((4320, 7200, 10080))
    first = DAY * rng.randrange(0, (BTC_ROWS - rows) // DAY)
    timeframe = rng.choice(("1m", "3m", "5m", "15m", "1h", "4h"))
    options = {"margin_seen": False, "quantity": rng.choice((0.1, 0.5)), "exits_at_go": 0.0}
    case = build(rng, {SYMBOLS[0]: timeframe}, **options, vol=0.0007)
    case["candles"] = {SYMBOLS[0]: {"kind": "btc", "first": first, "rows": rows, "warm_up": 0}}
    return case


def real_with_rows_missing(rng: random.Random) -> Case:
    """Real candles, some of them removed."""
    case = real(rng)
    case["candles"][SYMBOLS[0]].update(missing=0.01, halts=5, seed=rng.randrange(10**6))
    return case


def free_of_fees(rng: random.Random) -> Case:
    """No fee and coarse prices, so that trades break even exactly."""
    case = coarse(rng)
    case["config"]["fee"] = 0
    return case


def annualized(rng: random.Random) -> Case:
    """Long runs, for the metrics that want many days."""
    return build(rng, {SYMBOLS[0]: rng.choice(("30m", "1h", "4h"))}, days=rng.choice((30, 60)), annualization=252)


def tied_prices(rng: random.Random) -> Case:
    """Several orders at one price: Jesse fills them in an order of chance."""
    return single(rng, tick=COARSE, vol=0.004, margin_seen=False)


def gap_and_margin(rng: random.Random) -> Case:
    """Entries filled by an opening gap while margin is scarce: Jesse never gives their reservation back."""
    return single(rng, gap=0.3, leverage=2, fraction=0.4, spread_factor=4.0, exits_at_go=0.0)


def wrong_side_exits(rng: random.Random) -> Case:
    """Stops above a long's entry, targets below it: Jesse may turn the position around."""
    return single(rng, wrong_side=0.3, exits_at_go=1.0)


def open_profit(rng: random.Random) -> Case:
    """Portfolio values at leverage: Jesse counts open profit once per unit of leverage."""
    return single(rng, leverage=rng.choice((2, 10)), value_seen=True)


def unsorted_routes(rng: random.Random) -> Case:
    """Routes against the order of their names, with minutes missing: Jesse sorts them."""
    frames = {SYMBOLS[1]: "5m", SYMBOLS[0]: "5m"}
    return build(rng, frames, missing=0.02, spread_factor=3.0, margin_seen=False, exits_at_go=0.0, on_route=0.3)


EXACT = (
    single,
    sized_by_margin,
    short_of_margin,
    isolated,
    opening_gaps,
    spot,
    spot_gaps,
    several_routes,
    several_routes_spot,
    data_routes,
    missing_rows,
    missing_rows_with_warm_up,
    missing_rows_of_two,
    coarse,
    real,
    real_with_rows_missing,
    free_of_fees,
    annualized,
)
NAMED = (tied_prices, gap_and_margin, wrong_side_exits, open_profit, unsorted_routes)
FAMILIES = {family.__name__: family for family in EXACT + NAMED}


def build(rng: random.Random, routes: dict[str, str], **options: Any) -> Case:
    """Assemble a case from its routes and from what a family wants to be special."""
    minutes = max(TIMEFRAMES[timeframe] for timeframe in routes.values())
    warm_up = options.get("warm_up", 0)
    rows = _rows(rng, minutes, options)
    vol = options.get("vol", rng.choice((0.0006, 0.0012)))
    watched = options.get("data_routes", [])
    symbols = list(dict.fromkeys([*routes, *(symbol for symbol, _ in watched)]))
    spread = vol * min(minutes, 60) ** 0.5 * rng.choice((1.5, 3.0)) * options.get("spread_factor", 1.0)
    is_spot = options.get("spot", False)
    if is_spot:
        # A stop so near that it becomes a market order is more than is held, beside a target for all of it.
        spread = max(spread, 0.0015)
    return {
        "config": {
            "starting_balance": options.get("balance", 1_000_000),
            "fee": rng.choice((0, 0.0004, 0.001)),
            "type": "spot" if is_spot else "futures",
            "futures_leverage": options.get("leverage", 1),
            "futures_leverage_mode": options.get("mode", "cross"),
            "warm_up_candles": options.get("warm_up_candles", 0),
            "annualization": options.get("annualization", 365),
        },
        "routes": list(routes.items()),
        "data_routes": watched,
        "candles": {symbol: _walk(rng, rows, warm_up, vol, options) for symbol in symbols},
        "hp": {
            "routes": {symbol: _plan(rng, spread, options) for symbol in routes},
            "watched": [("Sandbox", symbol, timeframe) for symbol, timeframe in watched],
            "margin_seen": options.get("margin_seen", True),
            "value_seen": options.get("value_seen", False),
        },
    }


def _rows(rng: random.Random, minutes: int, options: dict[str, Any]) -> int:
    """Return how many minutes to trade: whole days where the bars are long."""
    if "days" in options:
        return int(options["days"]) * DAY
    return min(max(1500, minutes * rng.choice((250, 400))) // DAY + 1, 12) * DAY


def _walk(rng: random.Random, rows: int, warm_up: int, vol: float, options: dict[str, Any]) -> dict[str, Any]:
    return {
        "kind": "walk",
        "seed": rng.randrange(10**9),
        "rows": rows + warm_up,
        "warm_up": warm_up,
        "start": START - warm_up * 60_000,
        "price": rng.choice((20.0, 100.0, 30_000.0)) if options.get("tick", SMOOTH) == SMOOTH else 100.0,
        "vol": vol,
        "tick": options.get("tick", SMOOTH),
        "gap": options.get("gap", 0.0),
        "missing": options.get("missing", 0.0),
        "halts": options.get("halts", 0),
    }


def _plan(rng: random.Random, spread: float, options: dict[str, Any]) -> dict[str, Any]:
    """Return the parameters of one route's scripted strategy."""
    is_spot = options.get("spot", False)
    sides = (0.3, 0.0) if is_spot else rng.choice(((0.15, 0.15), (0.3, 0.0), (0.0, 0.3), (0.3, 0.3)))
    actions = rng.choice(
        (
            {"stop": 4, "target": 3, "liquidate": 1},
            {"stop": 2, "target": 2, "odd_stop": 1, "near_stop": 1, "liquidate": 1, "drop_stop": 1, "drop_target": 1},
            {"stop": 2, "target": 2, "add": 3, "liquidate": 1, "drop_entries": 1},
        )
    )
    if is_spot:
        actions = {"stop": 3, "target": 3, "liquidate": 1}
    exits = options.get("exits", 1.0)
    return {
        "long": sides[0],
        "short": sides[1],
        "cancel": rng.choice((0.2, 0.6, 1.0)),
        "filters": rng.choice((0.6, 1.0)),
        "entries": options.get("entries", rng.choice(((1, 0, 0), (3, 2, 1), (0, 1, 1)))),
        "entry": rng.choice(((1, 0.3, 0, 0), (1, 0.2, 1, 1), (0, 0, 1, 1))),
        "quantity": options.get("quantity", rng.choice((0.5, 3.0, 7.0))),
        "fraction": options.get("fraction", 0.0),
        "spread": spread,
        "tick": options["tick"] if options.get("tick", SMOOTH) != SMOOTH else 0,
        "exits_at_go": 0.0 if is_spot else options.get("exits_at_go", rng.choice((0.0, 0.7, 1.0))) * exits,
        "exits_on_open": exits if is_spot else rng.choice((0.3, 1.0)) * exits,
        "two_exits": options.get("two_exits", rng.choice((0.0, 0.4))),
        "full": 1.0 if is_spot else rng.choice((0.5, 1.0)),
        "wrong_side": options.get("wrong_side", 0.0),
        "spot": is_spot,
        "actions": actions,
        "act": {
            "before": rng.choice((0.0, 0.1)),
            "update_position": rng.choice((0.1, 0.3)),
            # What `after` sets counts at the next fill or bar, when a spot position may hold less.
            "after": 0.0 if is_spot else rng.choice((0.0, 0.1)),
            "on_open_position": rng.choice((0.0, 0.2)),
            "on_increased_position": rng.choice((0.0, 0.3)),
            "on_reduced_position": rng.choice((0.0, 0.4)),
            "on_route": options.get("on_route", 0.0),
            "before_terminate": 0.3,
        },
    }
