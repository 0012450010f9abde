"""Legal terms found in real text: MB/s by the number of terms and by the length of the text, and a peer beside it.

    python benchmarks/term_matching.py ~/.cache/mecelle/full/training --seed 7 --sample /tmp/spans.tsv

Terms: two term lists (3,243), headings of statute articles (17,648), then frequent sequences of two to four words of
the text, until there are enough. cold: with the reading of every distinct word when it is first met; warm: the same
text again. The peer is Aho-Corasick (pyahocorasick) over the folded text, which finds terms only as they are listed:
what it misses is what inflection is worth. Seconds are of the processor, one thread. --sample writes spans drawn at
random, to be judged by reading.
"""

import argparse
import gzip
import random
import time
from collections import Counter
from itertools import islice
from pathlib import Path
from typing import Any

import ahocorasick
import orjson
from measuring import DATA, MEGABYTE, machine, write_results

from mecelle.base.collection import read_documents
from mecelle.text.inflection import key
from mecelle.text.term_matcher import TermMatcher
from mecelle.text.words import words
from mecelle.tokenizer.seeding import clean_terms


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("collection", type=Path)
    parser.add_argument("--every", type=int, default=8, help="every so many-th document: 8 give 20 MB of 165")
    parser.add_argument("--terms", type=int, nargs="+", default=[1_000, 10_000, 40_000, 100_000])
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--sample", type=Path)
    arguments = parser.parse_args()
    documents = islice(read_documents(arguments.collection), 0, None, arguments.every)
    texts = [document.text for document in documents]
    random.Random(arguments.seed).shuffle(texts)
    pool = list(dict.fromkeys([*listed_terms(), *headings(), *sequences(texts, max(arguments.terms))]))
    tenth, half = texts[: len(texts) // 10], texts[: len(texts) // 2]
    if arguments.sample:
        write_sample(arguments.sample, tenth, listed_terms(), seed=arguments.seed)
    rows = []
    for part, number in [*((texts, number) for number in arguments.terms), (tenth, 40_000), (half, 40_000)]:
        rows.append(measure(part, pool[:number]))
        print(
            "{terms:7,} terms {megabytes:5.1f} MB  cold {cold:5.2f} warm {warm:5.2f} exact {exact:6.2f} MB/s  "
            "{found:,} spans, {exact_found:,} exact, {share:.1%} of characters".format(**rows[-1]),
            flush=True,
        )
    write_results("term_matching", {"machine": machine("pyahocorasick"), "seed": arguments.seed, "rows": rows})


def listed_terms() -> list[str]:
    """The two lists of the shared data."""
    return clean_terms(row["term"] for name in ("legal_terms", "dictionary") for row in lines(name))


def headings() -> list[str]:
    """Of articles, in an order that has nothing to do with the alphabet."""
    found = clean_terms(row.get("heading") or "" for row in lines("statute_articles"))
    return random.Random(0).sample(found, len(found))


def sequences(texts: list[str], number: int) -> list[str]:
    """The most frequent sequences of two to four words."""
    counts: Counter[str] = Counter()
    for text in texts[::10]:
        found = words(text)
        for size in (2, 3, 4):
            counts.update(" ".join(found[start : start + size]) for start in range(len(found) - size))
    return [term for term, _ in counts.most_common(number)]


def lines(name: str) -> list[dict[str, Any]]:
    with gzip.open(DATA / "legal" / f"{name}.jsonl.gz") as file:
        return [orjson.loads(line) for line in file]


def measure(texts: list[str], terms: list[str]) -> dict[str, Any]:
    """One list over one text: ours twice, the peer once. The building of matcher and automaton is left out."""
    megabytes = sum(len(text.encode()) for text in texts) / MEGABYTE
    matcher = TermMatcher(terms)
    found = covered = 0
    begin = time.process_time()
    for text in texts:
        matcher.find(text)
    cold = time.process_time() - begin
    begin = time.process_time()
    for text in texts:
        spans = matcher.find(text)
        found += len(spans)
        covered += sum(end - start for start, end in spans)
    warm = time.process_time() - begin
    automaton = ahocorasick.Automaton()
    for term in matcher.terms:
        automaton.add_word(" ".join(term), len(" ".join(term)))
    automaton.make_automaton()
    exact_found = 0
    begin = time.process_time()
    for text in texts:
        exact_found += exact(automaton, key(text))
    seconds = time.process_time() - begin
    return {
        "terms": len(matcher.terms), "megabytes": megabytes, "cold": megabytes / cold, "warm": megabytes / warm,
        "exact": megabytes / seconds, "found": found, "exact_found": exact_found,
        "share": covered / sum(map(len, texts)),
    }  # fmt: skip


def exact(automaton: Any, text: str) -> int:
    """Occurrences between word edges, the longest at a place, none within another."""
    found = sorted(
        (end - size + 1, -(end + 1))
        for end, size in automaton.iter(text)
        if not text[end - size : end - size + 1].isalnum() and not text[end + 1 : end + 2].isalnum()
    )
    count = free = 0
    for start, negative in found:
        if start >= free:
            count, free = count + 1, -negative
    return count


def write_sample(path: Path, texts: list[str], terms: list[str], *, seed: int, number: int = 100) -> None:
    """Spans at random, with what stands around them."""
    matcher = TermMatcher(terms)
    spans = [(text, start, end) for text in texts for start, end in matcher.find(text)]
    with path.open("w", encoding="utf-8") as file:
        for text, start, end in random.Random(seed).sample(spans, number):
            around = f"{text[max(0, start - 50) : start]}[[{text[start:end]}]]{text[end : end + 40]}"
            file.write(" ".join(around.split()) + "\n")


if __name__ == "__main__":
    main()
