"""Identifiers and names out of the text, before anything is trained on it; back again only with the key."""
