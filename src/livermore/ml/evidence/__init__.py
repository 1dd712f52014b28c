"""Evidence: intervals, tests and corrections for samples that overlap and for multiple trials."""

from livermore.ml.evidence._bootstrap import (
    automatic_block_length,
    block_length_for,
    stationary_bootstrap,
    stationary_weights,
)
from livermore.ml.evidence._calibration import calibration_buckets
from livermore.ml.evidence._confidence_set import model_confidence_set
from livermore.ml.evidence._corrections import benjamini_hochberg, holm, sidak
from livermore.ml.evidence._curves import (
    Curve,
    TenthsOfPredictions,
    mean_by_tenth,
    precision_recall_curve,
    roc_curve,
)
from livermore.ml.evidence._diagnostics import (
    FeatureDiagnosis,
    diagnose_features,
    population_stability_index,
    stationarity,
)
from livermore.ml.evidence._drift import drift_p_value
from livermore.ml.evidence._e_process import EProcess
from livermore.ml.evidence._estimates import (
    FEWEST_INDEPENDENT,
    Estimate,
    estimate_all,
    independent_samples,
    share_interval,
)
from livermore.ml.evidence._forward_baselines import LastLabel, PastLabels, Volatility, volatility_of
from livermore.ml.evidence._forward_blocks import forward_blocks, label_length
from livermore.ml.evidence._forward_evidence import (
    BaselineResult,
    ForwardEvidence,
    forward_evidence,
    judge_forward,
)
from livermore.ml.evidence._forward_fits import ForwardFit, ForwardFits, predict_forward
from livermore.ml.evidence._forward_scores import (
    GUARDS,
    CosineTest,
    ForwardScores,
    ForwardTest,
    cosine_error,
    cosine_test,
    forward_test,
    summed_by,
)
from livermore.ml.evidence._intervals import wilson_interval
from livermore.ml.evidence._judging import LEVEL, Judgement, judge, judged_again, withdrawal
from livermore.ml.evidence._ledger import LEDGER_SWITCH, Ledger, ledger_for
from livermore.ml.evidence._looks import (
    COMPARISON,
    Choice,
    Opening,
    base_asset,
    configuration_of,
    different_trials,
    opening_of,
    recipe_of,
    sample_hashes,
)
from livermore.ml.evidence._losses import long_run_test, per_sample_loss
from livermore.ml.evidence._max_t import BlockScores, max_t_p_values, number_of_blocks
from livermore.ml.evidence._monitor import FeatureReference, Monitor, MonitorReference
from livermore.ml.evidence._overfitting import Overfitting, probability_of_backtest_overfitting
from livermore.ml.evidence._paired import (
    BetPool,
    Bets,
    PairedComparison,
    compare_paired,
    match_bets,
)
from livermore.ml.evidence._payoffs import PayoffTest, payoff_test
from livermore.ml.evidence._planner import SamplePlan, plan_more_samples, plan_samples
from livermore.ml.evidence._sharpe import (
    deflated_sharpe_ratio,
    expected_maximum_sharpe,
    minimum_backtest_length,
    minimum_track_record_length,
    probabilistic_sharpe_ratio,
    sharpe_dependence,
    sharpe_evidence,
    sharpe_moments,
)
from livermore.ml.evidence._shrinkage import Shrunk, shrink
from livermore.ml.evidence._skill import SkillTest, circular_correlations, skill_statistic, skill_test
from livermore.ml.evidence._thresholds import (
    THRESHOLDS,
    ThresholdChoice,
    choose_threshold,
    evaluate_threshold,
    take_none_row,
    threshold_rows,
)
from livermore.ml.evidence._verdict import Findings, verdict
from livermore.ml.evidence._verdict_text import Unknown
from livermore.ml.options import LEDGER_NAME
from livermore.ml.tasks import METRIC_BOUNDS, TASKS, BatchMetric, contributions, weighted_auc
from livermore.ml.validation import (
    FittedFold,
    LabelledSamples,
    OutOfFold,
    can_learn,
    fit_fold,
    fitted_folds,
    out_of_fold,
    teaching_splits,
)

__all__ = [
    "BATCH_METRICS",
    "COMPARISON",
    "FEWEST_INDEPENDENT",
    "GUARDS",
    "LEDGER_NAME",
    "LEDGER_SWITCH",
    "LEVEL",
    "METRIC_BOUNDS",
    "THRESHOLDS",
    "BaselineResult",
    "BatchMetric",
    "BetPool",
    "Bets",
    "BlockScores",
    "Choice",
    "CosineTest",
    "Curve",
    "EProcess",
    "Estimate",
    "FeatureDiagnosis",
    "FeatureReference",
    "Findings",
    "FittedFold",
    "ForwardEvidence",
    "ForwardFit",
    "ForwardFits",
    "ForwardScores",
    "ForwardTest",
    "Judgement",
    "LastLabel",
    "Ledger",
    "Monitor",
    "MonitorReference",
    "Opening",
    "OutOfFold",
    "Overfitting",
    "PairedComparison",
    "PastLabels",
    "PayoffTest",
    "SamplePlan",
    "Shrunk",
    "SkillTest",
    "TenthsOfPredictions",
    "ThresholdChoice",
    "TrainingSide",
    "Unknown",
    "Volatility",
    "automatic_block_length",
    "base_asset",
    "benjamini_hochberg",
    "block_length_for",
    "calibration_buckets",
    "can_learn",
    "choose_threshold",
    "circular_correlations",
    "compare_paired",
    "configuration_of",
    "contributions",
    "cosine_error",
    "cosine_test",
    "deflated_sharpe_ratio",
    "diagnose_features",
    "different_trials",
    "drift_p_value",
    "estimate_all",
    "evaluate_threshold",
    "expected_maximum_sharpe",
    "fit_fold",
    "fitted_folds",
    "forward_blocks",
    "forward_evidence",
    "forward_test",
    "holm",
    "independent_samples",
    "judge",
    "judge_forward",
    "judged_again",
    "label_length",
    "ledger_for",
    "long_run_test",
    "match_bets",
    "max_t_p_values",
    "mean_by_tenth",
    "minimum_backtest_length",
    "minimum_track_record_length",
    "model_confidence_set",
    "number_of_blocks",
    "opening_of",
    "out_of_fold",
    "payoff_test",
    "per_sample_loss",
    "plan_more_samples",
    "plan_samples",
    "population_stability_index",
    "precision_recall_curve",
    "predict_forward",
    "probabilistic_sharpe_ratio",
    "probability_of_backtest_overfitting",
    "recipe_of",
    "roc_curve",
    "sample_hashes",
    "share_interval",
    "sharpe_dependence",
    "sharpe_evidence",
    "sharpe_moments",
    "shrink",
    "sidak",
    "skill_statistic",
    "skill_test",
    "stationarity",
    "stationary_bootstrap",
    "stationary_weights",
    "summed_by",
    "take_none_row",
    "teaching_splits",
    "threshold_rows",
    "verdict",
    "volatility_of",
    "weighted_auc",
    "wilson_interval",
    "withdrawal",
]

# The metrics of each task that get an interval.
BATCH_METRICS = {name: task.batch_metrics for name, task in TASKS.items()}
# The name under which the labelled samples of a training set were known before.
TrainingSide = LabelledSamples
