"""What evaluation sets have in common with a corpus, and which phrases of theirs are formulas of the law.

    python benchmarks/decontamination.py CORPUS --sets docs/evaluation-sets.yaml [--propose --least-documents 20]

A phrase is proposed when all its 13 word n-grams stand in many documents: a person then reads the list before it goes
into data/generic_law.txt (Mecellem §3.2.3: by manual inspection).
"""

import argparse
import time
from collections import Counter
from pathlib import Path

import numpy as np
from measuring import machine, write_results

from mecelle.base.collection import read_documents
from mecelle.corpus.decontamination.config import Decontamination
from mecelle.corpus.decontamination.items import read_items, read_sets
from mecelle.corpus.decontamination.matching import Matcher
from mecelle.corpus.decontamination.report import Tally
from mecelle.corpus.decontamination.wording import hashes_of, phrase_of
from mecelle.corpus.dedup.shingles import gram_hashes


def proposed(corpus: Path, texts: list[str], least_documents: int) -> list[tuple[int, str]]:
    """Phrases of items, and in how many documents their rarest n-gram stands."""
    length = Decontamination().gram_words
    item_grams = [gram_hashes(hashes_of(text), min(length, len(hashes_of(text)))) for text in texts]
    found: Counter[int] = Counter()
    for short in range(Decontamination().least_item_words, length + 1):
        wanted = [
            grams for text, grams in zip(texts, item_grams, strict=True) if min(length, len(hashes_of(text))) == short
        ]
        if wanted:
            known = np.unique(np.concatenate(wanted))
            for document in read_documents(corpus):
                hashes = hashes_of(document.text)
                if len(hashes) >= short:
                    found.update(np.intersect1d(gram_hashes(hashes, short), known).tolist())
    phrases: dict[str, int] = {}
    for text, grams in zip(texts, item_grams, strict=True):
        counts = [found[gram] for gram in grams.tolist()]
        start = 0
        while start < len(counts):
            end = start
            while end < len(counts) and counts[end] >= least_documents:
                end += 1
            if end > start:
                words = end - start + min(length, len(hashes_of(text))) - 1
                phrases[phrase_of(text, start, words)] = min(counts[start:end])
            start = end + 1
    whole = sorted(phrases.items(), key=lambda one: -len(one[0]))
    kept: list[tuple[int, str]] = []
    for phrase, count in whole:
        if not any(phrase in longer for _, longer in kept):
            kept.append((count, phrase))
    return sorted(kept, reverse=True)


def main() -> None:
    """Measure with and without the shipped phrases, then propose."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--sets", type=Path, default=Path("docs/evaluation-sets.yaml"))
    parser.add_argument(
        "--propose", action="store_true", help="print phrases for the list, which takes six more passes"
    )
    parser.add_argument("--least-documents", type=int, default=20)
    arguments = parser.parse_args()
    sets = read_sets(arguments.sets)
    items = list(read_items(sets))
    figures: dict[str, object] = {"machine": machine("mecelle"), "items": len(items)}
    for name, phrases in (("with_phrases", ("law",)), ("without_phrases", ())):
        began, size = time.perf_counter(), 0
        matcher = Matcher(items, Decontamination(generic_phrases=phrases))
        tally = Tally(sets, items, judged=matcher.judged)
        for document in read_documents(arguments.corpus):
            tally.add(matcher.match(document))
            size += len(document.text.encode())
        seconds = time.perf_counter() - began
        figures[name] = tally.report.model_dump() | {"mb": size / 1e6, "mb_per_second": round(size / 1e6 / seconds, 2)}
        print(name, tally.report.documents, tally.report.overfiltering, f"{size / 1e6 / seconds:.1f} MB/s")
    write_results("decontamination", figures)
    if arguments.propose:
        texts = [text for item in items if item.domain == "law" for text in item.texts]
        for count, phrase in proposed(arguments.corpus, texts, arguments.least_documents):
            print(f"{count}\t{phrase}")


if __name__ == "__main__":
    main()
