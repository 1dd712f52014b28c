"""How an indicator goes on from completed bars to one that is still forming; see `indicator`'s option `forming`."""

from collections.abc import Callable
from typing import Any, NamedTuple


class Forming(NamedTuple):
    """How to go on with one more row.

    Parameters
    ----------
    step : callable
        From the parameters (as keywords) to a step of `livermore.indicators._kernels.forming`; None where there is
        none for them.
    state : callable, optional
        From candles, the windows in them and the parameters (as keywords) to what the step needs at the end of each
        window without its last row: an array, or a tuple of arrays; None where it does not apply. As `indicator`'s
        option `ends`. Without it the step needs the rows alone that the last value depends on.
    kind : type, optional
        The NamedTuple of numbers that the value is.
    """

    step: Callable[..., Any]
    state: Callable[..., Any] | None = None
    kind: type | None = None
