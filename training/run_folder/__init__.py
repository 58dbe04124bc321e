"""The folder of a run while it trains: history, checkpoint, state to resume from, and what may go wrong with them."""
