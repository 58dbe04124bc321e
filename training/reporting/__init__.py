"""The report of a project, one HTML file with charts of its own."""
