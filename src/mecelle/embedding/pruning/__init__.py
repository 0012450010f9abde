"""Multilingual models carry tokens of a hundred languages: here they keep those that Turkish text needs."""
