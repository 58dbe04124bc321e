"""The settings page: what holds for all projects of one person on this computer."""
