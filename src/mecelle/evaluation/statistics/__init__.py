"""Intervals and tests: what may be said about scores, and what may not."""
