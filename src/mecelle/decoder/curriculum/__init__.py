"""A training in phases: which text each of them reads, how it is trained, and from which checkpoint."""
