"""The gate: a data set measured against limits, so that a script can stop where its labels are worse than allowed."""
