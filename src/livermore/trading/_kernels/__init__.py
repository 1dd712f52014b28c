"""Orders, fills and trades, compiled."""
