"""Verdicts on features: helps, hurts, or cannot tell."""

from collections.abc import Sequence

from livermore.ml.evidence import benjamini_hochberg
from livermore.ml.importance._evaluation import FeatureScore

__all__ = ["feature_verdicts"]


def feature_verdicts(scores: Sequence[FeatureScore], level: float = 0.05) -> dict[str, str]:
    """Judge features, controlling the false discovery rate.

    Parameters
    ----------
    scores : sequence of FeatureScore
        From `permutation_importance`; features of a cluster get the same verdict.
    level : float
        False discovery rate.

    Returns
    -------
    dict of str to str
        "helps", "hurts" or "cannot tell" for each feature, in the order of the scores.

    Notes
    -----
    The p-values are corrected by the method of Benjamini and Hochberg: of eighteen noise features tested at 5 % each,
    one per report would appear important.

    Examples
    --------
    >>> feature_verdicts([FeatureScore(("rsi",), 0.02, 0.004, 1e-6), FeatureScore(("adx",), 0.01, 0.006, 0.09)])
    {'rsi': 'helps', 'adx': 'cannot tell'}
    """
    if not scores:
        return {}
    adjusted = benjamini_hochberg([score.p_value for score in scores])
    verdicts = {}
    for score, p_value in zip(scores, adjusted, strict=True):
        effect = "helps" if score.importance > 0 else "hurts"
        verdicts.update(dict.fromkeys(score.features, effect if p_value <= level else "cannot tell"))
    return verdicts
