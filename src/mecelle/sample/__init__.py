"""A seeded generator of a Turkish legal collection with known truth, and its writers."""

from mecelle.sample.copies import jaccard
from mecelle.sample.generate import generate
from mecelle.sample.records import SECTION_LABELS, Sample, SampleSize
from mecelle.sample.write import write

__all__ = ["SECTION_LABELS", "Sample", "SampleSize", "generate", "jaccard", "write"]
