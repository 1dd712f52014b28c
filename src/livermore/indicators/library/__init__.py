"""The indicators, one file each; use them through `livermore.indicators`."""
