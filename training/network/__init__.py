"""What is trained: the network of a model made ready for a recipe, or a linear head on stored embeddings."""
