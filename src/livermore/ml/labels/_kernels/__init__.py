"""The compiled loops of the labels."""
