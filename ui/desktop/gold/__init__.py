"""The blind check of gold: what is checked, one item at a time, and what came of it."""
