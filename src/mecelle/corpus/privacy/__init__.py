"""Identifiers out of the text, before anything is trained on it."""
