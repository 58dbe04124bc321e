"""Who may open a project, for writing or for reading alone, and what is said of where it lies."""
