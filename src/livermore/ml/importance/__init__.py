"""Feature importance: the four-method proxy table, and tests with the user's own estimator."""

from livermore.ml.importance._clustered import feature_clusters
from livermore.ml.importance._consensus import consensus_table
from livermore.ml.importance._evaluation import FeatureScore, forward_folds
from livermore.ml.importance._impact import Refits, feature_impact
from livermore.ml.importance._judging import FeatureJudgement, JudgedCluster, judge_features, unjudged_features
from livermore.ml.importance._permutation import drop_column_importance, permutation_importance
from livermore.ml.importance._single import single_feature_importance
from livermore.ml.importance._verdicts import feature_verdicts

__all__ = [
    "FeatureJudgement",
    "FeatureScore",
    "JudgedCluster",
    "Refits",
    "consensus_table",
    "drop_column_importance",
    "feature_clusters",
    "feature_impact",
    "feature_verdicts",
    "forward_folds",
    "judge_features",
    "permutation_importance",
    "single_feature_importance",
    "unjudged_features",
]
