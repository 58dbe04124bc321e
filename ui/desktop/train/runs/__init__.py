"""The runs: their list, their curves, notes and diagnosis."""
