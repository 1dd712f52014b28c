"""What reports on backtests share: their setting, which tells two of them apart, and their figures."""

from collections.abc import Mapping, Sequence
from typing import Any

from livermore.dates import FEWEST_DAYS_PER_YEAR, minute
from livermore.formatting import NOTHING, number
from livermore.ml.report._document import Block, Bullets, Fact, Paragraph, Section
from livermore.ml.report._labels import PER_YEAR, TRADING_FIGURES

__all__ = ["context", "sharpe_trust", "trading_facts"]

# More markets than this are counted and not named.
MOST_NAMED = 6
SHORT = f"(fewer than {FEWEST_DAYS_PER_YEAR} days)"


def context(markets: Sequence[Sequence[str]], setting: Mapping[str, Any], created: float | None = None) -> list[Fact]:
    """Return what tells a report from another one; what is not known is left out.

    Parameters
    ----------
    markets : sequence of (exchange, symbol, timeframe)
        "" or None where one is not known.
    setting : mapping
        `type` ("futures" or "spot"), `fee` (a fraction), `leverage` and `model_version`.
    created : float, optional
        When the result was made, in UTC seconds.

    Returns
    -------
    list of Fact
    """
    facts = []
    for place, title in enumerate(("Exchange", "Symbol", "Timeframe")):
        names = sorted({str(market[place]) for market in markets if market[place]})
        if names:
            facts.append(
                Fact(title, ", ".join(names) if len(names) <= MOST_NAMED else f"{len(names)} {title.lower()}s")
            )
    if setting.get("fee") is not None:
        facts.append(Fact("Fee", number(setting["fee"], ".3%")))
    if setting.get("leverage") is not None:
        facts.append(Fact("Leverage", f"{setting['leverage']:g} ({setting.get('type', 'futures')})"))
    if setting.get("model_version"):
        facts.append(Fact("Model version", str(setting["model_version"])))
    if created is not None:
        facts.append(Fact("Made", f"{minute(created)} UTC"))
    return facts


def trading_facts(metrics: Mapping[str, Any], names: Sequence[str], interval: tuple[float, float]) -> list[Fact]:
    """Return figures of a backtest, a dash where one is undefined.

    Parameters
    ----------
    metrics : mapping
        Those of the engine.
    names : sequence of str
        Which of them.
    interval : tuple of float
        Start and end of the backtest in UTC seconds. Figures per year are left undefined if it is too short for them.
    """
    too_short = interval[1] - interval[0] < 86_400 * FEWEST_DAYS_PER_YEAR
    facts = []
    for name in names:
        label, value = TRADING_FIGURES[name], metrics.get(name)
        if value is None or (too_short and name in PER_YEAR):
            facts.append(Fact(label.title, NOTHING, SHORT if value is not None else ""))
        else:
            facts.append(Fact(label.title, number(value * label.factor, label.spec)))
    return facts


def sharpe_trust(found: Sequence[tuple[str, Mapping[str, Any] | None]]) -> Section:
    """Say how far Sharpe ratios can be trusted.

    Parameters
    ----------
    found : sequence of (str, dict or None)
        A title, and what `livermore.ml.evidence.sharpe_evidence` returned; None is left out.
    """
    said = [f"{title}: {trusted['text']}" for title, trusted in found if trusted is not None]
    method = (
        "The probabilistic, the deflated Sharpe ratio and the minimum track record of Bailey and López de Prado, with "
        "autocorrelation allowed for."
    )
    blocks: list[Block] = [Bullets(said), Paragraph(method)] if said else []
    return Section("How Far the Sharpe Ratio Can Be Trusted", blocks, "(daily equity)")
