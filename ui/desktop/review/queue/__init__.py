"""The left side of the review page: piles, reasons, confusions, filters and groups."""
