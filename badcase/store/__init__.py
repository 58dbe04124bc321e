"""What a project folder holds on the disk: database, journal, prediction sets, runs, locks and whole files."""
