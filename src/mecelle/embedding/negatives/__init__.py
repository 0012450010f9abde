"""Hard negatives: texts that a search finds for a query and that do not answer it."""
