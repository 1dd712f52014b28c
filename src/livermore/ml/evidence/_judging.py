"""What a look at some days is worth beside all other looks at them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from livermore.dates import day
from livermore.formatting import p_value
from livermore.ml.evidence._corrections import sidak
from livermore.ml.evidence._looks import COMPARISON, Opening, different_trials
from livermore.ml.evidence._max_t import max_t_p_values
from livermore.typing import Floats

__all__ = ["LEVEL", "Judgement", "judge", "judged_again", "withdrawal"]

#: A p-value up to this is a yes.
LEVEL = 0.05


@dataclass(frozen=True)
class Judgement:
    """A look, judged beside all other looks at its days.

    Attributes
    ----------
    p_value : float
        Corrected for all trials.
    p_alone : float
        Not corrected.
    trials : int
        Different trials on these days, this one included.
    without_scores : int
        Those among them that are counted as independent, since their lines hold no block scores.
    withdrawn : tuple of (Opening, float)
        Earlier looks that were a yes until this one was added, and are none any more, with their p-values by now.
    unreadable : int
        Lines of the ledger that cannot be read, so that nothing is corrected for what they recorded.

    Examples
    --------
    >>> judgement = Judgement(p_value=0.04, p_alone=0.01, trials=5)
    >>> judgement.p_value / judgement.p_alone
    4.0
    """

    p_value: float
    p_alone: float
    trials: int = 1
    without_scores: int = 0
    withdrawn: tuple[tuple[Opening, float], ...] = ()
    unreadable: int = 0


def judge(look: Opening, earlier: Sequence[Opening]) -> Judgement:
    """Judge a look beside earlier ones, and those again.

    Parameters
    ----------
    look : Opening
        The look that is added.
    earlier : sequence of Opening
        All earlier looks, of any days and markets, oldest first.

    Returns
    -------
    Judgement

    Examples
    --------
    >>> from dataclasses import replace
    >>> look = Opening(0, 0, 12, "binary", "win", "", "a", "f", edges=tuple(range(13)), sums=((1.0,),) * 12,
    ...     p_alone=0.0001)
    >>> judge(look, []).p_value, judge(look, [replace(look, configuration="b", sums=(), edges=())]).trials
    (0.0001, 2)
    """
    before, after = _Families(earlier), _Families([*earlier, look])
    family = after.trials(look)
    doubtful = [
        other
        for other in different_trials([*earlier, look])
        if other is not look
        and other.sums
        and other.p_value <= LEVEL
        and other.touches(look.test_start, look.test_end, look.markets)
    ]
    withdrawn = [
        (other, after.p_value(other)) for other in doubtful if before.p_value(other) <= LEVEL < after.p_value(other)
    ]
    return Judgement(
        p_value=after.p_value(look),
        p_alone=look.p_alone,
        trials=len(family),
        without_scores=sum(_guards(other) != _guards(look) or not other.sums for other in family if other is not look),
        withdrawn=tuple(withdrawn),
    )


def withdrawal(look: Opening, p_now: float) -> str:
    """Say that an earlier yes does not stand any more.

    Parameters
    ----------
    look : Opening
        The evaluation that was a yes.
    p_now : float
        Its p-value by now.

    Examples
    --------
    >>> withdrawal(Opening(1_700_000_000, 0, 1, "binary", "win", "Ridge()", "a", "f", p_value=0.03), 0.08)
    'The yes of 2023-11-14 for Ridge() is withdrawn: p was 0.030, and beside all later trials on its days it is 0.080.'
    """
    return (
        f"The yes of {day(look.opened_at)} for {look.estimator} is withdrawn: p was {p_value(look.p_value)}, and "
        f"beside all later trials on its days it is {p_value(p_now)}."
    )


def judged_again(looks: Sequence[Opening], at_most: float = 1.0) -> list[tuple[Opening, float]]:
    """Return all different trials that have block scores, each with its p-value corrected for all looks.

    Parameters
    ----------
    looks : sequence of Opening
        All looks, oldest first.
    at_most : float
        Only looks whose p-value was no larger than this when they were recorded are judged; beside thousands of
        others that takes a while for each.

    Returns
    -------
    list of (Opening, float)
        The p-value of a look alone if it is the only trial on its days. Otherwise the largest of the p-values by joint
        sign flips (`max_t_p_values`) against both guards, and of the p-value alone, corrected for as many independent
        trials as these flips say (Šidák). Trials without block scores are taken to be independent of all others: for k
        of them the p-value by flips is ``1 - (1 - p) (1 - p of the look's own flips)^k``.
    """
    families = _Families(looks)
    return [(look, families.p_value(look)) for look in different_trials(looks) if look.sums and look.p_value <= at_most]


class _Families:
    """Looks, and for each of them the trials that count for it; most looks have the same ones.

    Parameters
    ----------
    looks : sequence of Opening
        Oldest first.
    """

    def __init__(self, looks: Sequence[Opening]) -> None:
        self._looks = looks
        self._trials: dict[tuple[int, ...], list[Opening]] = {}
        self._joint: dict[tuple[int, ...], dict[int, Floats]] = {}

    def trials(self, look: Opening) -> list[Opening]:
        """Return the different trials that count for a look, itself included, in order of time.

        Comparisons of backtests repeat what a training has shown, and are no trials beside it.
        """
        touching = [
            other
            for other in self._looks
            if other is look
            or (
                (other.task == COMPARISON) == (look.task == COMPARISON)
                and other.touches(look.test_start, look.test_end, look.markets)
            )
        ]
        key = tuple(map(id, touching))
        if key not in self._trials:
            self._trials[key] = different_trials(touching)
        return self._trials[key]

    def p_value(self, look: Opening) -> float:
        """Return the p-value of a look, corrected for the trials that count for it; see `judged_again`.

        A look without block scores is corrected as one of independent trials (Šidák).
        """
        family, mine = self.trials(look), look.scores
        if len(family) == 1:
            return look.p_alone
        if mine is None:
            return sidak(look.p_alone, len(family))
        scored = [other for other in family if _guards(other) == mine.guards]
        own = max_t_p_values([mine])[0]
        corrected = 1 - (1 - self._jointly(scored)[id(look)]) * (1 - own) ** (len(family) - len(scored))
        return max(float(corrected.max()), sidak(look.p_alone, _independent_trials(own, corrected)))

    def _jointly(self, scored: Sequence[Opening]) -> dict[int, Floats]:
        """Return the p-values of looks by joint sign flips, by the identity of the look."""
        key = tuple(map(id, scored))
        if key not in self._joint:
            p_values = max_t_p_values([look.scores for look in scored if look.scores is not None])
            self._joint[key] = {id(look): row for look, row in zip(scored, p_values, strict=True)}
        return self._joint[key]


def _independent_trials(own: Floats, corrected: Floats) -> float:
    """Return how many independent trials would cost as much as these, at least 1: the larger number of the guards."""
    # The number of them for which 1 - (1 - own)^number is the corrected p-value.
    numbers = np.log1p(-np.minimum(corrected, 1 - 1e-12)) / np.log1p(-np.minimum(own, 1 - 1e-12))
    return max(1.0, float(numbers.max()))


def _guards(look: Opening) -> int:
    """Return against how many guards a look has scores; 0 without scores."""
    return look.scores.guards if look.scores is not None else 0
