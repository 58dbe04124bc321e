"""What tells how a text file is written: its packing, its encoding, and where the rows of its table begin."""
