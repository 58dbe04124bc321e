"""Bad cases that belong together."""
