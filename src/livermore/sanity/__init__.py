"""Is an edge one that can be traded? Entries a bar late, costs, turnover, and the share of the market's volume."""

from livermore.sanity._capacity import Capacity, capacity
from livermore.sanity._costs import COSTS, TradedAmounts, break_even_cost, cost_curve, turnover
from livermore.sanity._delay import with_lagged_features, with_late_entries
from livermore.sanity._pays import pays
from livermore.sanity._report import Lateness, lateness, sanity_of, vanishes

__all__ = [
    "COSTS",
    "Capacity",
    "Lateness",
    "TradedAmounts",
    "break_even_cost",
    "capacity",
    "cost_curve",
    "lateness",
    "pays",
    "sanity_of",
    "turnover",
    "vanishes",
    "with_lagged_features",
    "with_late_entries",
]
