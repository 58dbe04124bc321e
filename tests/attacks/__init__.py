"""Attacks on the program by the thousand; `make attack` runs each module here that has a `main`, and prints what came of it.

They are no part of the suite, which has a quick form of each: tests of this room.
"""
