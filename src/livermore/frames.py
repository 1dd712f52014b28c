"""Data frames of pandas, Polars and Arrow as arrays, through narwhals."""
