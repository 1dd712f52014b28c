"""The trading room."""
