"""The start page: recent projects, new project, demo."""
