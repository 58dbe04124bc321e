"""Labels that programs propose. They lie in a table of their own that nothing else reads, until a person takes them."""
