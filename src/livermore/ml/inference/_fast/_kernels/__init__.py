"""Compiled loops of single-row prediction."""
