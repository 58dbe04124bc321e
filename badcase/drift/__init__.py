"""What is new about new data: how far they lie from the old, shares that moved, clusters nobody has seen, twins that disagree."""
