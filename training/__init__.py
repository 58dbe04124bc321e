"""Training: a recipe and the corrected labels become a run, runs are compared, and a tuning looks for a better recipe."""
