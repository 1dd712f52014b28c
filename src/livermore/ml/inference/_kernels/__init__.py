"""Compiled parts of asking a model."""
