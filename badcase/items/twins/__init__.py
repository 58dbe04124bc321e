"""Near-duplicates ("twins") by content: items that are the same thing twice. A false join is worse than a miss."""
