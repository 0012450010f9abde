"""Mecelle: from Turkish legal documents to measured Turkish legal language models, and a search over them."""

__version__ = "0.1.0"
