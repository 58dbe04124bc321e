"""Charts that we paint ourselves: hairlines, names at the ends of the curves, no legends, no import to wait for."""
