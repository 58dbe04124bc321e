"""What the history of a run shows - overfitting, a wrong learning rate, wrong labels - and what helps against it."""
