"""The frame around the pages: top bar, error bar, toast, palette, status strip and what they ask."""
