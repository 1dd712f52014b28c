"""Is it real: intervals, tests and corrections for samples that overlap and choices that were many."""

from livermore.ml.evidence._bootstrap import (
    automatic_block_length,
    block_length_for,
    stationary_bootstrap,
    stationary_weights,
)
from livermore.ml.evidence._corrections import benjamini_hochberg, holm, sidak
from livermore.ml.evidence._intervals import Resampled, resample, small_sample_stretch, wilson_interval
from livermore.ml.evidence._overfitting import Overfitting, probability_of_backtest_overfitting
from livermore.ml.evidence._sharpe import (
    deflated_sharpe_ratio,
    expected_maximum_sharpe,
    minimum_backtest_length,
    minimum_track_record_length,
    probabilistic_sharpe_ratio,
    sharpe_moments,
)
from livermore.ml.evidence._skill import SkillTest, circular_correlations, skill_test

__all__ = [
    "Overfitting",
    "Resampled",
    "SkillTest",
    "automatic_block_length",
    "benjamini_hochberg",
    "block_length_for",
    "circular_correlations",
    "deflated_sharpe_ratio",
    "expected_maximum_sharpe",
    "holm",
    "minimum_backtest_length",
    "minimum_track_record_length",
    "probabilistic_sharpe_ratio",
    "probability_of_backtest_overfitting",
    "resample",
    "sharpe_moments",
    "sidak",
    "skill_test",
    "small_sample_stretch",
    "stationary_bootstrap",
    "stationary_weights",
    "wilson_interval",
]
