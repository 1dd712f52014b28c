"""The learning half: from labelled samples to a model and a verdict on it. It knows nothing of markets.

This file imports nothing, so that a strategy in deploy mode loads what it deploys and no more.
"""
