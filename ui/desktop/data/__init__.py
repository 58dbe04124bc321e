"""The Data page: what the project is made of, and the way out."""
