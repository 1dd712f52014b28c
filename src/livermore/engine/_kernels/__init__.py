"""Loops of the engine that are compiled."""
