"""Prediction: a model over all items, resumable and shared among processes, after a look at a few of them."""
