"""Two items side by side: an item and its twin, or what is nearest to it, judged with one key."""
