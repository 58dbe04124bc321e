"""The process that does the heavy jobs of the window: `python -m badcase.training.worker`."""
