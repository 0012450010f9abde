"""Scores of one system on one task, per query."""
