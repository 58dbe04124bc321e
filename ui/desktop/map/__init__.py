"""The map page: every item at its place by its embedding, coloured, selected by an outline and judged at once."""
