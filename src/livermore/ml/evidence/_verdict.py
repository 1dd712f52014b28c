"""The verdict in plain words: is there an edge, how certain and how large, on how many independent samples."""

import math
from dataclasses import dataclass
from typing import Any, Literal

from livermore.formatting import estimate, p_equals
from livermore.ml.evidence._corrections import sidak
from livermore.ml.evidence._skill import SkillTest

__all__ = ["Findings", "verdict"]

LEVEL = 0.05

Unknown = Literal["no payoffs", "no thresholds", "no threshold chosen", "none is best"]
# Why the net return of a signal is unknown.
WHY_UNKNOWN: dict[Unknown, str] = {
    "no payoffs": "the samples carry no payoffs, or not all of them do.",
    "no thresholds": "the samples carry payoffs, but this task has no probability threshold that selects signals.",
    "no threshold chosen": "the samples carry payoffs, but no threshold could be chosen on the training part.",
    "none is best": "on the training part no threshold earns anything after costs, so that no signal is taken.",
}


@dataclass(frozen=True)
class Findings:
    """What a verdict is based on.

    Parameters
    ----------
    test : SkillTest
        Of the predictions of the test samples.
    interval : tuple of float
        95 % interval of the test's statistic.
    n : int
        Test samples.
    n_effective : float
        Independent ones among them.
    trials : int
        How many different trials have been evaluated on this test period, this one included.
    net_return : tuple of float, or None
        Net return per signal taken, and its interval (value, low, high), if it is known; NaN if no test signal passes
        the threshold.
    net_return_unknown : {"no payoffs", "no thresholds", "no threshold chosen", "none is best"}
        Why `net_return` is None, where it is.
    thin : bool
        Whether too few signals were taken to conclude from their net return that there is no edge.
    recorded : bool
        Whether the number of trials comes from a ledger.
    """

    test: SkillTest
    interval: tuple[float, float]
    n: int
    n_effective: float
    trials: int = 1
    net_return: tuple[float, float, float] | None = None
    net_return_unknown: Unknown = "no payoffs"
    thin: bool = False
    recorded: bool = False


def verdict(findings: Findings) -> dict[str, Any]:
    """Turn findings into a verdict.

    Parameters
    ----------
    findings : Findings
        From the test part.

    Returns
    -------
    dict
        `edge` ("yes", "no", "cannot tell"), `p_value` (corrected for the trials), `p_value_single` (not corrected),
        `trials`, `n_effective`, `statistic`, `interval`, `net_return` (or None), and `text`.

    Notes
    -----
    "yes": the corrected p-value is at most 5 %, and after costs, where they are known, the expectation is not negative.
    "no": even the upper end of the interval is too small to be worth anything (area under the ROC curve of 0.52, rank
    correlation of 0.02), or the net return is negative with confidence and of enough signals. All else is
    "cannot tell".

    Examples
    --------
    >>> from livermore.ml.tasks import ROC_AUC
    >>> verdict(Findings(SkillTest(0.62, ROC_AUC, 0.002), (0.55, 0.69), n=400, n_effective=120.0))["edge"]
    'yes'
    >>> verdict(Findings(SkillTest(0.62, ROC_AUC, 0.002), (0.55, 0.69), 400, 120.0, trials=40))["edge"]
    'cannot tell'
    """
    p_value = sidak(findings.test.p_value, findings.trials)
    edge = _edge(findings, p_value)
    sentences = [_summary(edge, findings, p_value), _size(findings), _trials(findings), _change(edge, findings)]
    return {
        "edge": edge,
        "p_value": p_value,
        "p_value_single": findings.test.p_value,
        "trials": findings.trials,
        "n_effective": findings.n_effective,
        "statistic": findings.test.statistic,
        "interval": findings.interval,
        "net_return": findings.net_return,
        "text": " ".join(sentences),
    }


def _edge(findings: Findings, p_value: float) -> str:
    """Decide between yes, no and cannot tell."""
    net = findings.net_return
    if net is not None and net[2] < 0 and not findings.thin:
        return "no"
    pays = findings.net_return_unknown != "none is best" if net is None else net[0] > 0
    if p_value <= LEVEL and pays:
        return "yes"
    return "no" if findings.interval[1] < findings.test.kind.worthwhile else "cannot tell"


def _summary(edge: str, findings: Findings, p_value: float) -> str:
    """State the verdict in one sentence."""
    statistic = estimate(findings.test.statistic, *findings.interval, ".3f").removesuffix(")")
    figures = f"{findings.test.kind.name} {statistic}; {findings.test.no_skill:g} is no skill), {p_equals(p_value)}"
    return {
        "yes": f"There is an edge on the test samples: {figures}.",
        "no": f"There is no edge worth having on the test samples: {figures}.",
        "cannot tell": f"The test samples cannot tell whether there is an edge: {figures}.",
    }[edge]


def _size(findings: Findings) -> str:
    """State the size of the edge after costs, and the number of samples."""
    samples = f"{findings.n} test samples carry the information of {findings.n_effective:.0f} independent ones."
    if findings.net_return is None:
        return f"{samples} What it earns after costs is unknown: {WHY_UNKNOWN[findings.net_return_unknown]}"
    value, low, high = findings.net_return
    if math.isnan(value):
        return f"{samples} What it earns after costs is unknown: no test signal passes the threshold."
    return f"{samples} A signal that passes the threshold nets {estimate(value, low, high, '+.3%')}."


def _trials(findings: Findings) -> str:
    """State how many trials have been evaluated on this test period."""
    if not findings.recorded:
        return "How often this test period has been evaluated before is not recorded (no save_to)."
    if findings.trials == 1:
        return "This is the first evaluation on this test period."
    return (
        f"This test period, or one that shares days and symbols with it, has been evaluated by {findings.trials} "
        "different trials, for which p is corrected."
    )


def _change(edge: str, findings: Findings) -> str:
    """State what would change the verdict."""
    if edge == "yes":
        return (
            "Data that nobody has looked at, such as the coming months or another symbol, would confirm or refute it."
        )
    distance = findings.test.statistic - findings.test.no_skill
    half = (findings.interval[1] - findings.interval[0]) / 2
    if edge == "cannot tell" and distance > 0 and half > 0:
        times = (half / distance) ** 2
        if 1 < times < 100:
            return f"If the edge is as large as it looks, about {times:.1f} times as much test data would show it."
    if findings.trials > 1 and edge == "cannot tell":
        return "A test period that has not been evaluated before would need no correction."
    return "Better features, or a label closer to what is traded, would change it; more tuning on this data would not."
