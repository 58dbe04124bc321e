"""Many items at once: the grid, the strip, and the cards that both show."""
