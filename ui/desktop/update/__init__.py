"""The Update page: the data as they are now, seen before they are taken in, and what is new about them."""
