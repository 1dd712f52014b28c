"""The verdict: does the model predict the label, does it pay, and is there an edge."""

import math
from dataclasses import asdict, dataclass
from typing import Any, Literal

from livermore.ml.evidence._corrections import sidak
from livermore.ml.evidence._forward_evidence import BaselineResult
from livermore.ml.evidence._forward_scores import ForwardTest
from livermore.ml.evidence._judging import LEVEL
from livermore.ml.evidence._payoffs import PayoffTest
from livermore.ml.evidence._planner import SamplePlan
from livermore.ml.evidence._skill import SkillTest
from livermore.ml.evidence._verdict_text import Unknown, sentences

__all__ = ["Findings", "verdict"]

Word = Literal["yes", "no", "cannot tell"]

# A statistic this near to perfect, of the distance from no skill, is nothing that a market offers.
TOO_GOOD = 0.98


@dataclass(frozen=True, kw_only=True)
class Findings:
    """What a verdict is based on.

    Parameters
    ----------
    forward : ForwardTest
        Of the predictions that were made forward in time.
    baselines : tuple of BaselineResult
        How the same predictions do against each baseline; empty if nothing was predicted.
    judged : tuple of int, or None
        Times of the first and the last sample that was predicted, in UTC seconds.
    n : int
        Samples that were predicted.
    n_effective : float
        Independent ones among them.
    test : SkillTest
        Of the final model on the test part.
    interval : tuple of float
        95 % interval of that test's statistic; NaN if there is none.
    payoffs : PayoffTest or None
        Of the signals taken, if payoffs are known.
    payoffs_unknown : {"no payoffs", "no thresholds", "no threshold chosen", "none is best"}
        Why `payoffs` is None, where it is.
    volatility : str
        What volatility was measured by; empty if the samples hold no measure of it.
    more : SamplePlan or None
        How many more samples would show an edge, if there is one.
    trials : int
        How many different trials have been evaluated on these samples, this one included.
    recorded : bool
        Whether that number comes from a ledger.
    p_corrected : float or None
        The p-value of `forward`, corrected for all of these trials; None corrects by their number alone.
    ledger_note : str
        Which evaluations are not counted; empty if all are.
    withdrawn : tuple of str
        Sentences on earlier verdicts that this evaluation has withdrawn.

    Examples
    --------
    >>> from livermore.ml.tasks import ROC_AUC
    >>> forward = ForwardTest(0.001, 0.004, 0.004, (3.7, 3.1), 12, 0.12, 0.04, 0.2)
    >>> test = SkillTest(0.62, ROC_AUC, 0.002)
    >>> findings = Findings(
    ...     forward=forward, baselines=(), judged=None, n=400, n_effective=120, test=test, interval=(0.55, 0.69)
    ... )
    >>> findings.too_good, findings.p_single
    (False, 0.004)
    """

    forward: ForwardTest
    baselines: tuple[BaselineResult, ...]
    judged: tuple[int, int] | None
    n: int
    n_effective: float
    test: SkillTest
    interval: tuple[float, float]
    payoffs: PayoffTest | None = None
    payoffs_unknown: Unknown = "no payoffs"
    volatility: str = ""
    more: SamplePlan | None = None
    trials: int = 1
    recorded: bool = False
    p_corrected: float | None = None
    ledger_note: str = ""
    withdrawn: tuple[str, ...] = ()

    @property
    def too_good(self) -> bool:
        """Whether the predictions of the test part are better than a market allows."""
        test = self.test
        return test.statistic - test.no_skill >= TOO_GOOD * (test.kind.bounds[1] - test.no_skill)

    @property
    def p_single(self) -> float:
        """The p-value of this trial alone; predictions that are nearly perfect need no long series to be believed."""
        return min(self.forward.p, self.test.p_value) if self.too_good else self.forward.p

    @property
    def p_value(self) -> float:
        """The p-value, corrected for all trials."""
        if self.p_corrected is None or self.too_good:
            return sidak(self.p_single, self.trials)
        return self.p_corrected

    @property
    def p_pays(self) -> float:
        """The p-value of the payoffs, corrected for the number of trials; 1 where they are not known."""
        return 1.0 if self.payoffs is None else sidak(self.payoffs.p, self.trials)


def verdict(findings: Findings) -> dict[str, Any]:
    """Turn findings into a verdict.

    Parameters
    ----------
    findings : Findings
        From predictions that were made forward in time, and from the test part.

    Returns
    -------
    dict
        `predicts`, `pays` and `edge` ("yes", "no", "cannot tell"); `p_value` of the predictions (corrected for the
        trials), `p_value_single` (not corrected), `trials`, `withdrawn` (sentences on earlier verdicts that do not
        stand beside this one), `n_effective`, `statistic` and `interval` of the test part,
        `net_return` (value and 95 % interval, or None), `baselines` (list of dict), `details` (dict with more on
        `predicts` and on `pays`, each with its own `text`), and `text`.

    Notes
    -----
    *predicts* is "yes" if the corrected p-value is at most 5 %: the predictions are better than a constant and better
    than past labels. It is "no" if even the upper end of the test part's interval is too small to be worth anything
    (area under the ROC curve of 0.52, rank correlation of 0.02).

    *pays* is "yes" if the net payoff of the signals taken is positive with a corrected p-value of at most 5 %, "no" if
    its interval is below 0.

    *edge* is "yes" if both are, "no" if one of them is "no". So without payoffs it is never "yes".

    Examples
    --------
    >>> from livermore.ml.tasks import ROC_AUC
    >>> forward = ForwardTest(0.001, 0.004, 0.004, (3.7, 3.1), 12, 0.12, 0.04, 0.2)
    >>> test, interval = SkillTest(0.62, ROC_AUC, 0.002), (0.55, 0.69)
    >>> found = verdict(
    ...     Findings(forward=forward, baselines=(), judged=None, n=400, n_effective=120, test=test, interval=interval)
    ... )
    >>> found["predicts"], found["pays"], found["edge"]
    ('yes', 'cannot tell', 'cannot tell')
    """
    predicts, pays = _predicts(findings), _pays(findings)
    edge = _edge(predicts, pays)
    said = sentences(findings, predicts, pays, edge)
    forward, payoffs = findings.forward, findings.payoffs
    return {
        "edge": edge,
        "predicts": predicts,
        "pays": pays,
        "p_value": findings.p_value,
        "p_value_single": findings.p_single,
        "trials": findings.trials,
        "withdrawn": list(findings.withdrawn),
        "n_effective": findings.n_effective,
        "statistic": findings.test.statistic,
        "interval": findings.interval,
        "net_return": None if payoffs is None else (payoffs.net_return, payoffs.low, payoffs.high),
        "baselines": [asdict(baseline) for baseline in findings.baselines],
        "details": {
            "predicts": {
                "p_value": findings.p_value,
                "p_constant": forward.p1,
                "p_past_labels": forward.p2,
                "effect": forward.effect,
                "interval": (forward.effect_low, forward.effect_high),
                "n": findings.n,
                "judged": findings.judged,
                "too_good": findings.too_good,
                "text": said.predicts,
            },
            "pays": {
                "p_value": None if payoffs is None else findings.p_pays,
                "net_return": None if payoffs is None else payoffs.net_return,
                "interval": None if payoffs is None else (payoffs.low, payoffs.high),
                "break_even_cost": None if payoffs is None else payoffs.net_return,
                "n_taken": None if payoffs is None else payoffs.n_taken,
                "every_signal": None if payoffs is None else payoffs.every,
                "every_signal_p_value": None if payoffs is None else payoffs.every_p,
                "text": said.pays,
            },
        },
        "text": said.text,
    }


def _predicts(findings: Findings) -> Word:
    """Decide whether the model predicts the label."""
    if findings.p_value <= LEVEL:
        return "yes"
    return "no" if findings.interval[1] < findings.test.kind.worthwhile else "cannot tell"


def _pays(findings: Findings) -> Word:
    """Decide whether acting on the model's signals pays."""
    payoffs = findings.payoffs
    if payoffs is None or payoffs.thin:
        return "cannot tell"
    if findings.p_pays <= LEVEL:
        return "yes"
    return "no" if not math.isnan(payoffs.high) and payoffs.high < 0 else "cannot tell"


def _edge(predicts: Word, pays: Word) -> Word:
    """Decide whether there is an edge: both are needed."""
    if predicts == pays == "yes":
        return "yes"
    return "no" if "no" in (predicts, pays) else "cannot tell"
