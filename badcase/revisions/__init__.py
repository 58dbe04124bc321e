"""States of all labels, each named by a point of the journal: how a person names one, and what differs between two."""
