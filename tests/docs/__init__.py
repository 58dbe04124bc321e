"""The documentation: that what it says runs, and the pictures that it shows."""
