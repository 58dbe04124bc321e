"""The tuning and the finders of learning rate and batch size."""
