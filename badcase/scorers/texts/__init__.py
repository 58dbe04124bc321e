"""Scorers that look at texts: garbled, too short, too long, of another script."""
