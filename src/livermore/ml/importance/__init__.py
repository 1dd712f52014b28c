"""How much each feature matters: the four-method proxy table, and the impact on the user's own model."""

from livermore.ml.importance._consensus import consensus_table
from livermore.ml.importance._impact import feature_impact

__all__ = ["consensus_table", "feature_impact"]
