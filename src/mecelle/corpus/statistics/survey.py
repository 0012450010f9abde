"""What one look at every document of a collection tells: amounts, sources, licences, dates."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from mecelle.base.collection import read_documents
from mecelle.base.document import Document
from mecelle.base.progress import track
from mecelle.corpus.statistics.amounts import Amount
from mecelle.corpus.statistics.categories import category
from mecelle.corpus.statistics.tokens import TokenCounter

SEQUENCE_TOKENS = 512
"""Context of HukukBERT and of Mecellem's first encoder."""
NO_LICENCE = "not stated"


@dataclass
class Survey:
    """Counts over the documents of a collection; fill it with `take`."""

    counter: TokenCounter = field(default_factory=TokenCounter)
    sequence_tokens: int = SEQUENCE_TOKENS
    """Length of a training sequence."""
    stated: Mapping[str, str] = field(default_factory=dict)
    """Licences by source, for documents that carry none themselves."""
    amounts: dict[str, Amount] = field(default_factory=dict)
    """By category."""
    documents: Counter[str] = field(default_factory=Counter)
    """By source."""
    characters: Counter[str] = field(default_factory=Counter)
    """By source."""
    licences: dict[str, Counter[str]] = field(default_factory=dict)
    """Documents by source and licence."""
    truncated: int = 0
    """Documents whose source says that their end is missing."""
    dates: tuple[str, str] | None = None
    """First and last date of those that have one, ISO."""

    def take(self, document: Document) -> None:
        """Count one more document."""
        tokens = self.counter.count(document.text)
        amount = self.amounts.setdefault(category(document), Amount())
        amount.add(document.text, tokens=tokens, sequences=-(-tokens // self.sequence_tokens))
        source, data = source_of(document), document.metadata
        self.documents[source] += 1
        self.characters[source] += len(document.text)
        licence = data.get("licence") or self.stated.get(source) or NO_LICENCE
        self.licences.setdefault(source, Counter())[str(licence)] += 1
        self.truncated += data.get("truncated") is True
        if date := data.get("date"):
            first, last = self.dates or (date, date)
            self.dates = (min(first, date), max(last, date))

    def by_licence(self) -> Counter[str]:
        """Documents by licence, over all sources."""
        return sum(self.licences.values(), Counter[str]())


def survey(
    collection: Path,
    counter: TokenCounter,
    *,
    sequence_tokens: int = SEQUENCE_TOKENS,
    licences: Mapping[str, str] | None = None,
) -> Survey:
    """Look at all documents of a collection once, holding none.

    licences: by source (`source_of`), for documents that carry none themselves.
    Raises InputError if there are no documents.
    """
    found = Survey(counter, sequence_tokens, licences or {})
    for document in track(read_documents(collection), f"measure {collection.name}"):
        found.take(document)
    return found


def source_of(document: Document) -> str:
    """The collection that a document was taken from: the repository or site that its row names, else its file.

    "owner/name:path" and "file.jsonl#12" lose what follows the collection's name.
    """
    origin = str(document.metadata.get("origin") or "")
    if "://" in origin:
        return origin.split("/")[2]
    return origin.partition(":")[0] or str(document.metadata.get("source", "unknown")).partition("#")[0]
