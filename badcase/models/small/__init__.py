"""Small networks to train from nothing, whose shape a person sets: of convolutions for images, of attention for texts."""
