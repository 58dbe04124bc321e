"""Nearest neighbours of items by their embeddings, and the near-duplicates among them."""

from badcase.neighbours.search import Nearest, bounded_in_steps, nearest, nearest_in_steps

__all__ = ["Nearest", "bounded_in_steps", "nearest", "nearest_in_steps"]
