"""The Train page: the recipe, the live run, the runs so far, and the comparison of two of them."""
