"""The plain verdict: is there an edge, how sure, how large, on how many independent samples, what would change it."""

from dataclasses import dataclass
from typing import Any

from livermore.ml.evidence._corrections import sidak
from livermore.ml.evidence._skill import SkillTest

__all__ = ["Findings", "verdict"]

LEVEL = 0.05
# What an edge must at least be to be worth having: below it, no fee schedule leaves anything over.
WORTHWHILE = {0.5: 0.52, 0.0: 0.02}
STATISTIC_NAMES = {0.5: "area under the ROC curve", 0.0: "rank correlation"}


@dataclass(frozen=True)
class Findings:
    """What a verdict is made of.

    Parameters
    ----------
    test : SkillTest
        Of the predictions on the test side.
    interval : tuple of float
        95 % interval of the test's statistic.
    n : int
        Test samples.
    n_effective : float
        Independent ones among them.
    trials : int
        How many different trials have opened this test side, this one included.
    net_return : tuple of float, or None
        Net return per signal taken, and its interval (value, low, high), if payoffs are known.
    thin : bool
        Whether too few signals were taken for their net return to deny an edge.
    recorded : bool
        Whether the trials are those of a ledger.
    """

    test: SkillTest
    interval: tuple[float, float]
    n: int
    n_effective: float
    trials: int = 1
    net_return: tuple[float, float, float] | None = None
    thin: bool = False
    recorded: bool = False


def verdict(findings: Findings) -> dict[str, Any]:
    """Turn findings into a verdict.

    Parameters
    ----------
    findings : Findings
        From the test side.

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
    >>> verdict(Findings(SkillTest(0.62, 0.5, 0.002), (0.55, 0.69), n=400, n_effective=120.0))["edge"]
    'yes'
    >>> verdict(Findings(SkillTest(0.62, 0.5, 0.002), (0.55, 0.69), 400, 120.0, trials=40))["edge"]
    'cannot tell'
    """
    p_value = sidak(findings.test.p_value, findings.trials)
    edge = _edge(findings, p_value)
    sentences = [_opening(edge, findings, p_value), _size(findings), _trials(findings), _change(edge, findings)]
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
    if p_value <= LEVEL and (net is None or net[0] > 0):
        return "yes"
    return "no" if findings.interval[1] < WORTHWHILE[findings.test.no_skill] else "cannot tell"


def _opening(edge: str, findings: Findings, p_value: float) -> str:
    """Say it in one sentence."""
    statistic = f"{STATISTIC_NAMES[findings.test.no_skill]} {findings.test.statistic:.3f}"
    interval = f"95 % interval {findings.interval[0]:.3f} to {findings.interval[1]:.3f}"
    figures = f"{statistic} ({interval}; {findings.test.no_skill:g} is no skill), p = {p_value:.3g}"
    return {
        "yes": f"There is an edge on the test side: {figures}.",
        "no": f"There is no edge worth having on the test side: {figures}.",
        "cannot tell": f"The test side cannot tell whether there is an edge: {figures}.",
    }[edge]


def _size(findings: Findings) -> str:
    """Say how large it is after costs, and on how many samples."""
    samples = f"{findings.n} test samples carry the information of {findings.n_effective:.0f} independent ones."
    if findings.net_return is None:
        return f"{samples} What it earns after costs is unknown: the samples carry no payoffs."
    value, low, high = findings.net_return
    return f"{samples} A signal that passes the threshold nets {value:+.3%} (95 % interval {low:+.3%} to {high:+.3%})."


def _trials(findings: Findings) -> str:
    """Say how often this test side has been looked at."""
    if not findings.recorded:
        return "How often this test side has been opened before is not recorded (no save_to)."
    if findings.trials == 1:
        return "This test side was opened for the first time."
    return (
        f"This test side, or one that shares days and symbols with it, has been opened by {findings.trials} different "
        "trials, for which p is corrected."
    )


def _change(edge: str, findings: Findings) -> str:
    """Say what would change the verdict."""
    if edge == "yes":
        return "Data that nobody has looked at, such as months to come or another symbol, would confirm or refute it."
    distance = findings.test.statistic - findings.test.no_skill
    half = (findings.interval[1] - findings.interval[0]) / 2
    if edge == "cannot tell" and distance > 0 and half > 0:
        times = (half / distance) ** 2
        if 1 < times < 100:
            return f"If the edge is as large as it looks, about {times:.1f} times as much test data would show it."
    if findings.trials > 1 and edge == "cannot tell":
        return "A test side that has not been opened before would need no correction."
    return "Better features, or a label nearer to what is traded, would; more tuning on this data would not."
