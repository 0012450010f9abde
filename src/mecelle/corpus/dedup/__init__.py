"""Duplicates: exact ones by content hash, near ones by MinHash with proof. Decisions that differ in a number stay."""
