"""The right side of the review page: what an item is, decided for one or for many."""
