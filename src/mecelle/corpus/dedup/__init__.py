"""Duplicates: exact by content, near by MinHash with proof, in meaning by embeddings. Numbers keep two texts apart."""
