"""What a training minimizes: the losses of one class an item and of any number of labels."""
