"""The verb for the classes, and the words that it takes."""
