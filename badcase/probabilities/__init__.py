"""Quick classifiers over frozen features; each gives every item probabilities that its own label had no part in."""
