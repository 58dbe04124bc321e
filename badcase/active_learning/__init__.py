"""Active learning: what to look at next and how many errors are left, learnt anew from every verdict."""
