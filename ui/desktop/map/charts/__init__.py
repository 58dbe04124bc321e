"""Charts of all items: each counts what passes the filter, and narrows it. The map and the data show them."""
