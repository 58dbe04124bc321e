"""What to label next, so that the model gains most: from features, the labels so far, and what these say of the rest."""
