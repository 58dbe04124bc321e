"""Hints at why a model says what it says of one item: a file a method. They mislead easily: they are asked for, and named so."""
