"""What users run on their own parts: the checks and suites that livermore runs on its own.

The suites need pytest, which who runs them has; the example strategy and the loopback exchange do not.
"""

from typing import TYPE_CHECKING

from livermore.lazy import lazy_exports

if TYPE_CHECKING:
    from livermore.testing._example import ExampleStrategy as ExampleStrategy
    from livermore.testing._example import example_backtest as example_backtest
    from livermore.testing._example import example_samples as example_samples
    from livermore.testing._example import example_training as example_training
    from livermore.testing._indicators import IndicatorSuite as IndicatorSuite
    from livermore.testing._indicators import assert_causal as assert_causal
    from livermore.testing._indicators import assert_memo_equals_direct as assert_memo_equals_direct
    from livermore.testing._indicators import sample_markets as sample_markets
    from livermore.testing._labels import LabelSuite as LabelSuite
    from livermore.testing._strategies import StrategySuite as StrategySuite
    from livermore.testing._strategies import assert_no_peeking as assert_no_peeking
    from livermore.testing._tasks import TaskSuite as TaskSuite
    from livermore.testing._validation import SplitterSuite as SplitterSuite
    from livermore.testing._validation import assert_no_leakage as assert_no_leakage
    from livermore.testing._validation import leaking_rows as leaking_rows
    from livermore.testing._validation import random_label_sets as random_label_sets
    from livermore.testing.loopback import LoopbackExchange as LoopbackExchange

__getattr__, __dir__, __all__ = lazy_exports(__name__, __file__)
