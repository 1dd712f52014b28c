"""The sentences of a verdict."""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from livermore.dates import days
from livermore.formatting import estimate, number, p_equals
from livermore.ml.evidence._forward_baselines import LastLabel, PastLabels, Volatility
from livermore.ml.evidence._forward_evidence import BaselineResult
from livermore.ml.evidence._judging import LEVEL

if TYPE_CHECKING:
    from livermore.ml.evidence._verdict import Findings

__all__ = ["Sentences", "Unknown", "sentences"]

Unknown = Literal["no payoffs", "no thresholds", "no threshold chosen", "none is best"]
# Why the net return of a signal is unknown.
WHY_UNKNOWN: dict[Unknown, str] = {
    "no payoffs": "the samples carry no payoffs, or not all of them do.",
    "no thresholds": "the samples carry payoffs, but this task has no probability threshold that selects signals.",
    "no threshold chosen": "the samples carry payoffs, but no threshold could be chosen on the earlier samples.",
    "none is best": "on the earlier samples no threshold earns anything after costs, so that no signal is taken.",
}


@dataclass(frozen=True)
class Sentences:
    """What a verdict says.

    Parameters
    ----------
    predicts : str
        On whether the model predicts the label, with the baselines.
    pays : str
        On whether its signals pay.
    text : str
        All of it.
    """

    predicts: str
    pays: str
    text: str


def sentences(findings: "Findings", predicts: str, pays: str, edge: str) -> Sentences:
    """Say what was found.

    Parameters
    ----------
    findings : Findings
        What the verdict is based on.
    predicts, pays, edge : {"yes", "no", "cannot tell"}
        The verdict.

    Returns
    -------
    Sentences
    """
    on_predictions = _joined(_predicts(predicts, findings), _test_part(findings), _baselines(findings))
    on_payoffs = _pays(pays, findings)
    first, last = (_edge(edge, predicts, pays), _leak(findings)), (_trials(findings), _change(edge, findings))
    return Sentences(on_predictions, on_payoffs, _joined(*first, on_predictions, on_payoffs, *last))


def _joined(*parts: str) -> str:
    return " ".join(part for part in parts if part)


def _edge(edge: str, predicts: str, pays: str) -> str:
    """State the verdict in one sentence."""
    if edge == "yes":
        return "There is an edge: the model predicts the label, and its signals pay."
    if edge == "no":
        return "There is no edge worth having."
    if predicts == "yes":
        return "The model predicts the label; whether there is an edge cannot be told, since it is not shown to pay."
    if pays == "yes":
        return "The signals taken pay; whether there is an edge cannot be told, since it is not shown to predict."
    return "Whether there is an edge cannot be told."


def _leak(findings: "Findings") -> str:
    """Warn of figures that are too good to be true."""
    if not findings.too_good:
        return ""
    return (
        f"The {findings.test.kind.name} of {findings.test.statistic:.3f} on the test set is too good: look for a "
        "leak, such as a feature that knows the label or a label_time that is too early."
    )


def _predicts(predicts: str, findings: "Findings") -> str:
    """State whether the model predicts the label, and on what that rests."""
    if findings.judged is None:
        return "No model could be refitted forward in time, so that it is not known whether it predicts the label."
    answer = {
        "yes": "The model predicts the label better than a constant and better than past labels do",
        "no": "The model does not predict the label well enough to be worth anything",
        "cannot tell": "It cannot be told whether the model predicts the label",
    }[predicts]
    forward = findings.forward
    effect = estimate(forward.effect, forward.effect_low, forward.effect_high, "+.3f").removesuffix(")")
    return (
        f"{answer} ({p_equals(findings.p_value)}): {findings.n:,} samples from {days(*findings.judged)}, each "
        "predicted by a model that was trained on what was known before, carry the information of "
        f"{findings.n_effective:,.0f} independent ones, and their mean score is {effect}; 0 is no skill)."
    )


def _test_part(findings: "Findings") -> str:
    """State the statistic of the final model on the test part."""
    test = findings.test
    if math.isnan(test.statistic):
        equal = "labels or predictions there are all equal"
        return f"On the test set the final model's {test.kind.name} is not defined: {equal}."
    statistic = estimate(test.statistic, *findings.interval, ".3f").removesuffix(")")
    return f"On the test set the final model's {test.kind.name} is {statistic}; {test.no_skill:g} is no skill)."


def _baselines(findings: "Findings") -> str:
    """Say what the model adds to baselines, where that is in doubt."""
    found = {baseline.name: baseline for baseline in findings.baselines}
    said = []
    past = found.get(PastLabels.name)
    if past is not None and past.p_value <= LEVEL:
        said.append(
            f"The base rate wanders: past labels alone beat a constant ({p_equals(past.p_value)}). A model that only "
            "follows the base rate then looks skilled in figures that compare it with a constant; against past labels "
            "only the part of its predictions counts that is new at the time."
        )
    volatility = found.get(Volatility.name)
    if volatility is not None and findings.p_value <= LEVEL:
        said.append(_beyond(volatility, f"volatility ({findings.volatility})"))
    last = found.get(LastLabel.name)
    if last is not None and findings.p_value <= LEVEL and last.p_beyond > LEVEL:
        said.append(_beyond(last, "the last label"))
    return " ".join(said)


def _beyond(baseline: BaselineResult, title: str) -> str:
    """Say whether a model predicts more than a baseline does."""
    if baseline.p_beyond <= LEVEL:
        return f"It predicts more than {title} does ({p_equals(baseline.p_beyond)})."
    return f"It is not shown to predict more than {title} does ({p_equals(baseline.p_beyond)})."


def _pays(pays: str, findings: "Findings") -> str:
    """State whether the signals taken pay."""
    payoffs = findings.payoffs
    if payoffs is None:
        return f"Whether it pays is unknown: {WHY_UNKNOWN[findings.payoffs_unknown]}"
    if math.isnan(payoffs.net_return):
        return "Whether it pays is unknown: no signal passes the threshold."
    answer = {
        "yes": "It pays",
        "no": "It does not pay",
        "cannot tell": "It cannot be told whether it pays",
    }[pays]
    net = estimate(payoffs.net_return, payoffs.low, payoffs.high, "+.3%")
    sure = "too few of them to tell" if payoffs.thin else p_equals(findings.p_pays)
    said = f"{answer} ({sure}): each of the {payoffs.n_taken:,} signals that pass the threshold nets {net}"
    if payoffs.net_return > 0:
        said += f", so that a further cost of {number(payoffs.net_return, '.3%')} per trade would leave nothing"
    return f"{said}. Each of all signals nets {number(payoffs.every, '+.3%')} ({p_equals(payoffs.every_p)})."


def _trials(findings: "Findings") -> str:
    """State how many trials have been evaluated on these samples, and which earlier verdicts do not stand beside it."""
    return _joined(_number_of_trials(findings), findings.ledger_note, *findings.withdrawn)


def _number_of_trials(findings: "Findings") -> str:
    if not findings.recorded:
        return (
            "How often this test period has been evaluated before is not recorded: there is no save_to and no ledger "
            "of the user."
        )
    if findings.trials == 1:
        recorded = " that is recorded" if findings.ledger_note else ""
        return f"This is the first evaluation{recorded} on this test period."
    return (
        f"This test period, or one that shares days and assets with it, has been evaluated by {findings.trials} "
        "different trials, for which p is corrected."
    )


def _change(edge: str, findings: "Findings") -> str:
    """State what would change the verdict."""
    if edge == "yes":
        return (
            "Data that nobody has looked at, such as the coming months or another symbol, would confirm or refute it."
        )
    more = findings.more
    if findings.p_value > LEVEL and edge == "cannot tell" and more is not None and math.isfinite(more.independent):
        return (
            f"If the model has skill, about {more.independent:,.0f} more independent samples, {more.times:.1f} times "
            f"as much data as now, would show it with {more.power:.0%} power."
        )
    if findings.trials > 1 and edge == "cannot tell":
        return "A test period that has not been evaluated before would need no correction."
    return "Better features, or a label closer to what is traded, would change it; more tuning on this data would not."
