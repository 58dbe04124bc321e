"""What is measured of predictions against labels: accuracy, F1, log loss. numpy only."""
