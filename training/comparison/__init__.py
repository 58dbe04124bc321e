"""What one run has gained over another on gold, what differs between them, and what a retraining would gain."""
