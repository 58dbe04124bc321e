"""Attacks on the program, too long for the suite: `make attack` runs each module here that has a `main`."""
