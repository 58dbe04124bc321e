"""The demo project: handwritten digits or short texts, some of them wrongly labelled, and a model to begin with."""
