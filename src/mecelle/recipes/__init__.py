"""Whole runs as functions of a scale that return a typed recipe, and what spans floors."""
