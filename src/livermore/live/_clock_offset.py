"""By how much the machine's clock differs from the exchange's."""

from typing import Any, NamedTuple

from livermore.errors import ExchangeError, LiveError
from livermore.live._clock import Clock

__all__ = ["ClockOffset", "measure_offset"]

#: From this difference on a person is told, and from the next on a session does not start, ms.
WARN_FROM_MS = 500
REFUSE_FROM_MS = 2_000
SAMPLES = 5


class ClockOffset(NamedTuple):
    """What is known of the exchange's time minus the machine's, ms: it lies between `least` and `most`.

    Examples
    --------
    >>> ClockOffset(-300, 700).certain, ClockOffset(800, 1_200).certain, ClockOffset(-3_000, -2_500).certain
    (0, 800, -2500)
    """

    least: int
    most: int

    @property
    def certain(self) -> int:
        """The difference that there is at least; 0 if there may be none."""
        return self.least if self.least > 0 else min(self.most, 0)

    def check(self) -> str | None:
        """Return what a person should know; None if the clocks agree.

        Raises
        ------
        LiveError
            If they differ by two seconds or more: orders would be refused, and candles taken for closed too early.
        """
        off = self.certain
        if abs(off) < WARN_FROM_MS:
            return None
        text = f"this machine's clock is {abs(off)} ms {'slow' if off > 0 else 'fast'} against the exchange's"
        if abs(off) >= REFUSE_FROM_MS:
            raise LiveError(f"{text}; synchronise it (NTP) and start again")
        return text


def measure_offset(client: Any, clock: Clock) -> ClockOffset:
    """Ask the exchange for its time, several times.

    Each answer was made between request and receipt, which bounds the difference from both sides (Cristian 1989); the
    bounds of all answers hold together. An exchange that tells whole seconds may be up to a second further.

    Parameters
    ----------
    client : ccxt.Exchange
        Of ``ccxt``, with ``fetch_time``.
    clock : Clock
        The machine's.

    Raises
    ------
    ExchangeError
        If no answer has a time in it.
    """
    answers = []
    for _ in range(SAMPLES):
        before = clock.now()
        told = client.fetch_time()
        # ccxt makes None of an answer that was cut.
        if told is not None:
            answers.append((before, int(told), clock.now()))
    if not answers:
        raise ExchangeError(f"{client.id} was asked for its time, and its answers have none")
    resolution = 1_000 if all(told % 1_000 == 0 for _, told, _ in answers) else 1
    least = max(told - after for _, told, after in answers)
    most = min(told + resolution - before for before, told, _ in answers)
    # A clock that was set between two samples makes them contradict; then the narrower statement is of no use.
    return ClockOffset(min(least, most), max(least, most))
