"""Prose uses many cases and many words; templates and lists repeat a few."""

from typing import Literal

from pydantic import Field

from mecelle.corpus.filters import TextFilter, filters
from mecelle.corpus.verdict import Verdict, drop, keep
from mecelle.corpus.view import view
from mecelle.text import morphology
from mecelle.text.richness import richness, segmental_lemma_diversity


@filters.register("turkish_quality.v1")
class TurkishQuality(TextFilter):
    """Drop text of poor morphology. Source: Mecellem §3.2.3 (eq. 1 to 3), thresholds of §3.2.4 and Table 26.

    Made for web text: at these thresholds nearly all acts and most decisions leave, since law repeats its terms
    (docs/results/corpus.md). Look at `mecelle corpus sweep morphology` before it stands in a pipeline for law.
    """

    filter: Literal["turkish_quality.v1"] = "turkish_quality.v1"
    least_suffix_entropy: float = Field(default=0.75, ge=0.0, le=1.0)
    """Normalised entropy of the cases of nouns and verbs, 0..1; the nominative counts as a case."""
    least_lemma_diversity: float = Field(default=0.50, ge=0.0, le=1.0)
    """Distinct lemmas per word with a lemma, 0..1."""
    lemma_window: int | None = Field(default=None, ge=1)
    """Words in a stretch; lemma diversity is then the mean over stretches, so that long texts are not dropped for their
    length. Ours; the paper takes the whole text."""
    least_words: int = Field(default=0, ge=0)
    """Analysed words; shorter texts are dropped. The paper's refinement set (§4.4.4) takes texts above 502 tokens."""
    analyser: str = morphology.DEFAULT
    """Registered in mecelle.text.morphology."""

    def measure(self, text: str) -> Verdict:
        """Measures both indicators and the words behind them."""
        parts, readings = view(text), morphology.readings(self.analyser)
        entropy, diversity, words = richness(parts.forms, readings)
        if self.lemma_window:
            diversity = segmental_lemma_diversity(parts.folded, readings, words=self.lemma_window)
        entropy, diversity = round(entropy, 4), round(diversity, 4)
        measured = {"suffix_entropy": entropy, "lemma_diversity": diversity, "words": words}
        if words < self.least_words:
            return drop("few_analysed_words", **measured)
        if entropy < self.least_suffix_entropy:
            return drop("low_suffix_entropy", **measured)
        return keep(**measured) if diversity >= self.least_lemma_diversity else drop("low_lemma_diversity", **measured)
