"""The interfaces: the command line and the window; both hold a project and call its verbs."""
