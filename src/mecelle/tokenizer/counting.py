"""One pass over the corpus: how often each word stands in it by category, and what else training wants to know.

Shards are counted by worker processes and added in their order, so that nothing depends on the number of workers. A
worker holds the words of one shard, the parent those of the corpus, `MOST_WORDS` at most: beyond that, the words that
were seen once so far in their category go, then those seen twice, and so on, until half the room is free; headwords of
dictionaries stay (`Counts.pruned` counts what went).
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from heapq import nsmallest
from multiprocessing import get_context
from pathlib import Path

from mecelle.base.accounts import Accounts
from mecelle.base.collection import read_documents, shards
from mecelle.base.document import Document
from mecelle.base.machine import available_cores
from mecelle.base.processes import children_die_with_parent
from mecelle.base.progress import Progress
from mecelle.base.seeds import derive
from mecelle.corpus.mixing.size import Ruler, Size
from mecelle.corpus.statistics.categories import category
from mecelle.tokenizer.families import TAG_TOKENS
from mecelle.tokenizer.patterns import BOUNDARY, Pattern
from mecelle.tokenizer.seeding import document_term

MOST_WORDS = 12_000_000
"""Distinct words that are held, about 1.5 GiB; 180 M characters of all kinds of Turkish have 1.0 million in 21
categories."""

_LETTERS = re.compile(r"[^\W\d_]+")
_TAG = re.compile("|".join(map(re.escape, TAG_TOKENS)))
_SHARDS_AT_ONCE = 4  # for each worker: results that wait for their turn stay few


@dataclass
class Counts:
    """What the corpus holds."""

    words: dict[str, Counter[str]] = field(default_factory=dict)
    """By category."""
    headwords: Counter[str] = field(default_factory=Counter)
    """Words of dictionaries: a headword does not show that anybody writes the term."""
    sizes: Counter[str] = field(default_factory=Counter)
    """Of the categories, in the unit of the balance, else in characters."""
    terms: list[str] = field(default_factory=list)
    """That the dictionaries of the corpus explain, as they stand."""
    sample: list[tuple[int, str]] = field(default_factory=list)
    """Texts drawn evenly from the whole corpus, to measure the tokenizer on, each after its key."""
    decomposed: int = 0
    """Documents whose letters came in parts (NFD) and were joined (NFC)."""
    pruned: Counter[str] = field(default_factory=Counter)
    """Rare words that were forgotten to save memory: `words` and `occurrences`."""
    accounts: Accounts = field(default_factory=Accounts)

    def add(self, other: "Counts", *, sample: int) -> None:
        """Add the counts of the next shard."""
        for name, words in other.words.items():
            self.words.setdefault(name, Counter()).update(words)
        self.headwords.update(other.headwords)
        self.sizes.update(other.sizes)
        self.terms += other.terms
        self.sample = nsmallest(sample, self.sample + other.sample)
        self.decomposed += other.decomposed
        self.accounts.merge(other.accounts)
        self._prune()

    def occurrences(self) -> Counter[str]:
        """How often each run of letters stands in the corpus, outside dictionaries: for terms."""
        found: Counter[str] = Counter()
        for words in self.words.values():
            _add_letters(found, words, 1)
        _add_letters(found, self.headwords, -1)
        return +found

    def _prune(self) -> None:
        if sum(map(len, self.words.values())) <= MOST_WORDS:
            return
        least, most_common = 1, max(max(words.values(), default=0) for words in self.words.values())
        while sum(map(len, self.words.values())) > MOST_WORDS // 2 and least <= most_common:
            for name, words in self.words.items():
                kept = Counter(
                    {word: count for word, count in words.items() if count > least or word in self.headwords}
                )
                self.pruned.update(words=len(words) - len(kept), occurrences=words.total() - kept.total())
                self.words[name] = kept
            least += 1


def count_words(corpus: Path, pattern: Pattern, *, sample: int, size: Size | None = None, seed: int) -> Counts:
    """Count the documents of a collection, each cleaned as `pattern` wants it; tags of masked identifiers are left out.

    sample: how many texts to draw. size: the unit of `Counts.sizes`; None: characters.
    Documents without a letter are dropped ("no_words"). Raises InputError if there is nothing to read.
    """
    found = Counts()
    count = partial(_count_shard, pattern=pattern, sample=sample, size=size or Size(), seed=seed)
    places = shards(corpus)
    with Progress("count words", total=len(places), unit="shards") as progress:
        for counts in _in_order(count, places):
            found.add(counts, sample=sample)
            progress.advance(documents=found.accounts.seen)
    return found


def weigh(counts: Mapping[str, Counter[str]], factors: Mapping[str, float]) -> dict[str, int]:
    """Counts of all categories together, sorted by code point, each times the factor of its category (1 if none).

    Sums are rounded half up, but never to 0: a word that stands in the corpus is learned from, unless its factor is 0.
    """
    if all(factors.get(name, 1.0) == 1.0 for name in counts):
        together: Counter[str] = Counter()
        for words in counts.values():
            together.update(words)
        return dict(sorted(together.items()))
    weighted: dict[str, float] = {}
    for name in sorted(counts):
        if factor := factors.get(name, 1.0):
            for word, count in counts[name].items():
                weighted[word] = weighted.get(word, 0.0) + factor * count
    return {word: max(1, int(weight + 0.5)) for word, weight in sorted(weighted.items())}


def _in_order(count: "partial[Counts]", places: Sequence[Path]) -> Iterator[Counts]:
    """The counts of all shards, in the order of the shards."""
    workers = min(available_cores(), len(places))
    if workers == 1:
        yield from map(count, places)
        return
    with (
        children_die_with_parent(),
        ProcessPoolExecutor(workers, get_context("fork")) as pool,
    ):
        window = workers * _SHARDS_AT_ONCE
        for start in range(0, len(places), window):
            yield from pool.map(count, places[start : start + window])


def _count_shard(place: Path, *, pattern: Pattern, sample: int, size: Size, seed: int) -> Counts:
    found, ruler = Counts(), Ruler(size)
    cells: dict[str, Counter[str]] = {}
    of_dictionaries: Counter[str] = Counter()
    keyed: list[tuple[int, str]] = []
    for number, document in enumerate(read_documents(place)):
        text = document.text.replace(BOUNDARY, " ")
        text = _TAG.sub(" ", text) if "[" in text else text
        if not _LETTERS.search(text):
            found.accounts.drop("no_words")
            continue
        found.accounts.keep()
        found.decomposed += not unicodedata.is_normalized("NFC", text)
        name = category(document)
        found.sizes[name] += ruler(document)
        here = pattern.find_cells(pattern.clean(text))
        cells.setdefault(name, Counter()).update(here)
        if document.metadata.get("kind") == "dictionary":
            of_dictionaries.update(here)
            found.terms += _term(document)
        keyed.append((derive(seed, "measure", place.name, number), document.text))
    found.words = {name: _words(counted, pattern) for name, counted in cells.items()}
    found.headwords = _words(of_dictionaries, pattern)
    found.sample = nsmallest(sample, keyed)
    return found


def _words(cells: Counter[str], pattern: Pattern) -> Counter[str]:
    words: Counter[str] = Counter()
    for cell, count in cells.items():
        for word in pattern.find(cell):
            words[word] += count
    return words


def _term(document: Document) -> list[str]:
    term = document_term(document)
    return [term] if term else []


def _add_letters(found: Counter[str], words: Mapping[str, int], sign: int) -> None:
    for word, count in words.items():
        for letters in _LETTERS.findall(word):
            found[letters] += sign * count
