"""Several people on one project: what they say together, and what another copy brings."""
