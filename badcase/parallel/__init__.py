"""Work beside this thread: in threads on all cores, and in processes that this one keeps for itself."""
