"""Changes to the classes, and what follows them."""
