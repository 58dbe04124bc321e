"""Losses, what a training minimizes: those of one class an item and of any number of labels."""
