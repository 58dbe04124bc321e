"""The window: a page a folder, and what all pages share. Qt is used here alone."""
