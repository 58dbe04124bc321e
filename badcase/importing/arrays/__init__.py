"""Arrays that others made, from their files or data frames: which numbers, of which classes, for which items."""
