"""The training loop: epochs and steps, optimizers, schedules, augmentation, and the gradient that processes share."""
