"""Pictures of items: decoded off the thread, kept within bounds, drawn as faces."""
