"""The command line, one file a group of verbs; `ui.cli` puts them together."""
