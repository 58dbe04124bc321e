"""Items with any number of labels: each label is a question of its own, and an item's answers are ranked together."""
