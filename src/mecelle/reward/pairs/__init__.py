"""Training data with known truth: real questions and answers, and damaged versions of the answers."""
