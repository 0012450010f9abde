"""What of the evaluation sets a document holds, by every method."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from mecelle.base.document import Document
from mecelle.corpus.decontamination.config import Decontamination
from mecelle.corpus.decontamination.copies import Copies
from mecelle.corpus.decontamination.items import Item
from mecelle.corpus.decontamination.ngrams import NGrams
from mecelle.corpus.decontamination.numbers import decision_key
from mecelle.corpus.decontamination.wording import hashes_of, phrase_of

Method = Literal["shared_ngram", "near_copy", "same_numbers", "generic_only"]


@dataclass(frozen=True, slots=True)
class Match:
    """One item that a document holds."""

    item: Item
    method: Method
    """`generic_only` is no reason to leave a document out; it shows what the lists of phrases spared."""
    measured: dict[str, Any]
    """Of n-grams: how many, how many words of the document they cover, and the first one's words. Of copies: share."""


class Matcher:
    """All items, looked for in one document after another."""

    def __init__(
        self,
        items: Sequence[Item],
        config: Decontamination,
        *,
        decisions: Mapping[tuple[str, str, str], Item] | None = None,
    ) -> None:
        """decisions: scored decisions by their numbers (`decision_key`)."""
        self._items = items
        self._decisions = decisions or {}
        self.ngrams, self.copies = NGrams(items, config), Copies(items, config)

    @property
    def judged(self) -> int:
        """Items that some method looks for; the others are too short."""
        return len(self.ngrams.judged | self.copies.judged)

    def match(self, document: Document) -> list[Match]:
        """Every match, those that count first."""
        hashes = hashes_of(document.text)
        found = [Match(self._items[row], "near_copy", {"share": share}) for row, share in self.copies.held(hashes)]
        if (key := decision_key(document.metadata)) in self._decisions and key is not None:
            found.append(Match(self._decisions[key], "same_numbers", {"numbers": " ".join(key[1:])}))
        for one in self.ngrams.shared(hashes):
            measured = {
                "grams": one.grams,
                "words": one.words,
                "of_document": round(one.words / len(hashes), 4),
                "phrase": phrase_of(document.text, one.first, one.length),
            }
            found.append(Match(self._items[one.item], "generic_only" if one.generic else "shared_ngram", measured))
        return sorted(found, key=lambda match: match.method == "generic_only")
