"""The demo project: images and texts that are drawn, with wrong labels to find."""
