"""Loops of strategies that are compiled."""
