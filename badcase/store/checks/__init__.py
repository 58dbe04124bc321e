"""What is looked at in a project before anything is read from it, and how damage is told."""
