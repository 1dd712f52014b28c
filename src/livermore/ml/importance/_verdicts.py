"""Verdicts on features: helps, hurts, or cannot tell."""

from collections.abc import Sequence

from livermore.ml.evidence import benjamini_hochberg
from livermore.ml.importance._evaluation import FeatureScore

__all__ = ["feature_verdicts"]


def feature_verdicts(scores: Sequence[FeatureScore], level: float = 0.05) -> dict[str, str]:
    """Judge features, so that of those judged at most the level's share is expected to be noise.

    Parameters
    ----------
    scores : sequence of FeatureScore
        From `permutation_importance`; features of a cluster are judged together.
    level : float
        False discovery rate.

    Returns
    -------
    dict of str to str
        "helps", "hurts" or "cannot tell" for each feature, in the order of the scores.

    Notes
    -----
    The p-values are corrected after Benjamini and Hochberg: eighteen features at 5 % each would make one noise feature
    per report important.

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
        judged = "helps" if score.importance > 0 else "hurts"
        verdicts.update(dict.fromkeys(score.features, judged if p_value <= level else "cannot tell"))
    return verdicts
