"""What a training learns from: which items under which labels, weights and soft targets, how they are divided, their batches."""
