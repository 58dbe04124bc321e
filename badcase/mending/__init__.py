"""A project checked whole: what is damaged in it, what can be made again, and its verdicts out of backups and broken files."""
