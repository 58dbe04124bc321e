"""The review page: one key a verdict."""
