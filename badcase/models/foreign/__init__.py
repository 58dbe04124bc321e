"""Models as others saved them: which form a file or folder has, its weights, its preparation, features from an encoder."""
