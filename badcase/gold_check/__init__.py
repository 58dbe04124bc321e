"""The blind check of gold: which items, their answers so far, and what is recorded when the last one has its answer."""
