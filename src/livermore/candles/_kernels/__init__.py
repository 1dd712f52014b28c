"""Compiled parts of this room; each file also runs as plain Python."""
