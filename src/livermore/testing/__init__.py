"""What users run on their own parts: the checks and suites that livermore runs on its own."""

from livermore.testing._validation import SplitterSuite, assert_no_leakage, leaking_rows, random_label_sets

__all__ = ["SplitterSuite", "assert_no_leakage", "leaking_rows", "random_label_sets"]
