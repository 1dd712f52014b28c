"""Data sets whose truth is known, and what is counted of them: the parts of `benchmarks/honesty.py`."""
