"""Documents to a corpus: clean, filter, deduplicate, mask identifiers, select what may be trained on. No torch."""
