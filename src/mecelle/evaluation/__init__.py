"""What a model is worth: tasks, metrics, and comparisons with intervals. Models are seen through the protocols only."""
