"""The window's only threads and processes: the worker's lane, and how long a job still takes."""
