"""The middle of the review page: one item, large, and what speaks for and against its label."""
