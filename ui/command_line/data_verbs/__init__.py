"""Verbs about the data themselves: what is wrong with them, and what is new about them."""
