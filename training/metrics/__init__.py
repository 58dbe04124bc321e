"""Metrics of predictions against labels: accuracy, F1, log loss. numpy only."""
