"""Long Turkish text of rich morphology, and text of other languages as it is."""

from functools import lru_cache
from pathlib import Path
from typing import Literal

from pydantic import Field

from mecelle.base.document import Document
from mecelle.base.errors import ConfigError, InputError
from mecelle.corpus.filters import Filter, filters, stamp
from mecelle.corpus.filters.turkish_quality import TurkishQuality
from mecelle.corpus.statistics.tokens import FILE, TokenCounter
from mecelle.corpus.verdict import Verdict, drop, keep


@filters.register("refinement.v1")
class Refinement(Filter):
    """Drop Turkish text that is short or of poor morphology. Source: Mecellem §4.4.4, Table 20: the other languages,
    mathematics and code stay unfiltered. Documents without a language in their metadata are Turkish."""

    filter: Literal["refinement.v1"] = "refinement.v1"
    more_tokens_than: int = Field(default=502, ge=0)
    """A Turkish document has more."""
    tokenizer: str | None = None
    """Folder or hub id that counts them; without one they are words between white space times 1.8."""
    quality: TurkishQuality = TurkishQuality()
    """Suffix entropy and lemma diversity; the paper's thresholds, which nearly all acts fail, are the default."""

    def files(self) -> tuple[Path, ...]:
        """The tokenizer, unless it is a hub's, of which its id is all that is known."""
        folder = Path(self.tokenizer) if self.tokenizer else None
        return (folder / FILE,) if folder and folder.exists() else ()

    def judge(self, document: Document) -> Verdict:
        """Measures tokens, and what the quality filter measures."""
        language = document.metadata.get("language") or document.metadata.get("lang") or "tr"
        if language != "tr":
            return keep()
        tokens = _counter(self.tokenizer, *map(stamp, self.files())).count(document.text)
        if tokens <= self.more_tokens_than:
            return drop("few_tokens", tokens=tokens)
        return self.quality.judge(document)


@lru_cache(maxsize=1)
def _counter(tokenizer: str | None, *_: tuple[int, int] | None) -> TokenCounter:
    try:
        return TokenCounter(tokenizer)
    except InputError as error:  # of the parameter, not of the document that asks first
        raise ConfigError(f"refinement.v1: {error}") from None
