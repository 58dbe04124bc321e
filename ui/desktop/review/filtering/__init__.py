"""What narrows the list of review, the map and the data: facts of the items, conditions, and how they are written."""
