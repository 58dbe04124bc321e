"""Several processes at one piece of work, started by torchrun or accelerate."""
