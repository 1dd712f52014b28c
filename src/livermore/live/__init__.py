"""Live trading: the session of `livermore.engine` fed by a stream, paper first.

Nothing lives here yet. What it will stand on does: `livermore.engine.open_fed_session` takes candles minute by minute
and gives the events that a backtest over the same candles gives.
"""
