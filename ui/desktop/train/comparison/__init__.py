"""Two runs side by side on gold."""
