"""What users run on their own parts: the checks and suites that livermore runs on its own."""

from livermore.testing._example import ExampleStrategy, example_backtest
from livermore.testing._indicators import (
    IndicatorSuite,
    assert_causal,
    assert_memo_equals_direct,
    sample_markets,
)
from livermore.testing._labels import LabelSuite
from livermore.testing._strategies import StrategySuite, assert_no_peeking
from livermore.testing._tasks import TaskSuite
from livermore.testing._validation import SplitterSuite, assert_no_leakage, leaking_rows, random_label_sets
from livermore.testing.loopback import LoopbackExchange

__all__ = [
    "ExampleStrategy",
    "IndicatorSuite",
    "LabelSuite",
    "LoopbackExchange",
    "SplitterSuite",
    "StrategySuite",
    "TaskSuite",
    "assert_causal",
    "assert_memo_equals_direct",
    "assert_no_leakage",
    "assert_no_peeking",
    "example_backtest",
    "leaking_rows",
    "random_label_sets",
    "sample_markets",
]
