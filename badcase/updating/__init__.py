"""The data set again, or more of it: which rows are items that are known, what is new, and the next revision of the items."""
