"""How evaluation sets are looked for in a corpus."""

from pydantic import Field

from mecelle.base.config import Config


class Decontamination(Config):
    """Parameters. Source: Mecellem §3.2.3; the length of the n-grams is GPT-3's (arXiv:2005.14165 app. C)."""

    gram_words: int = Field(default=13, ge=1)
    """Words in a row, caseless, that a document shares with an item."""
    mathematics_gram_words: int = Field(default=8, ge=1)
    """The same for sets of the domain mathematics, the stricter rule of Mecellem §3.2.3: a problem is short, its
    numbers make it what it is, and no phrase of it is generic."""
    least_item_words: int = Field(default=8, ge=1)
    """A shorter item counts when all of it stands in the document, from this many words; below, it is everyday wording
    that proves nothing, and the report counts it as not judged."""
    most_item_words: int = Field(default=200, ge=1)
    """A longer item, such as a decision, is not judged by single n-grams: decisions share formulas of 13 words with
    thousands of others. Near-copies and numbers find them."""
    copy_share: float = Field(default=0.8, gt=0.0, le=1.0)
    """Share of a long item's 5-word shingles in a document, 0..1, from which the document holds a copy of it. Computed
    exactly, not estimated by MinHash: evaluation sets are small."""
    least_copy_words: int = Field(default=50, ge=5)
    """Words from which an item is looked for as a near-copy."""
    generic_phrases: tuple[str, ...] = ("law",)
    """Lists of phrases that do not count as a match (Mecellem §3.2.3): shipped ones by name, or paths of text files
    with one phrase a line."""
