"""The command line, one file a group of verbs; `badcase.ui.cli` puts them together."""
