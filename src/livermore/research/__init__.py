"""The research room."""
