"""What is asked of a model: one kind of task per file."""
