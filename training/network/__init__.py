"""Networks to train: that of a model made ready for a recipe, or a linear head on stored embeddings."""
