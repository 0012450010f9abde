"""Which checkpoint of an encoder to go on with, by what it is worth in retrieval (Mecellem §4.1)."""
