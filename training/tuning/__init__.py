"""The search for a better recipe: learning-rate and batch-size finders, trials and who judges them, nested validation."""
