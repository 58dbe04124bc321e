"""One open project in the window: its broadcasts, its live learner and what a person left as it was."""
