"""Our FineWeb, C4 and Gopher filters decide as datatrove's own do when both see the same words.

The full comparison, on thousands of documents and with datatrove's own splitter, is benchmarks/filters.py.
"""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from datatrove.pipeline.filters import (
    c4_filters,
    fineweb_quality_filter,
    gopher_quality_filter,
    gopher_repetition_filter,
)

from mecelle.base.collection import read_jsonl
from mecelle.base.document import Document
from mecelle.corpus.cleaning.c4_lines import C4Lines
from mecelle.corpus.cleaning.unicode import Unicode
from mecelle.corpus.filters.c4_quality import C4Quality
from mecelle.corpus.filters.fineweb_quality import FineWebQuality
from mecelle.corpus.filters.function_words import written_stop_words
from mecelle.corpus.filters.gopher_quality import GopherQuality
from mecelle.corpus.filters.gopher_repetition import GopherRepetition
from mecelle.text.sentences import sentences

C4 = C4Quality(spared_kinds=(), policy_phrases=tuple(c4_filters.POLICY_SUBSTRINGS))
PAIRS = {
    "fineweb": (FineWebQuality(), fineweb_quality_filter.FineWebQualityFilter()),
    "c4": (C4, c4_filters.C4QualityFilter()),
    "gopher_quality": (
        GopherQuality(),
        gopher_quality_filter.GopherQualityFilter(stop_words=sorted(written_stop_words())),
    ),
    "gopher_repetition": (GopherRepetition(), gopher_repetition_filter.GopherRepetitionFilter()),
}
MARKS = ("", "", "", "", ",", ".", ".", "...", "…", ":", " -", " #", "!", '."', "{", ".[3]")


@pytest.fixture(autouse=True)
def same_words(monkeypatch: pytest.MonkeyPatch) -> None:
    """Datatrove with our words and sentences."""
    for module in (fineweb_quality_filter, gopher_quality_filter, gopher_repetition_filter):
        monkeypatch.setattr(module, "split_into_words", lambda text, language: text.split())
    monkeypatch.setattr(c4_filters, "split_into_sentences", lambda text, language: sentences(text))


def made_texts(count: int, *, seed: int) -> Iterator[str]:
    """Texts of a few to a few hundred words, near the limits of the rules: few words, many repetitions, odd lines."""
    rng = random.Random(seed)
    stop = ("ve", "bir", "Bu", "ile", "de")
    for _ in range(count):
        known = [f"{rng.choice(('karar', 'dava', 'a', 'm²', '2019/'))}{n}" for n in range(rng.randint(3, 120))]
        known += rng.sample(stop, rng.randint(0, 3)) + rng.sample(
            ("javascript", "use cookies", "-", "•"), rng.randint(0, 1)
        )
        lines: list[str] = []
        for _ in range(rng.randint(1, 25)):
            again = lines and rng.random() < 0.15
            words = " ".join(rng.choices(known, k=rng.randint(1, 30)))
            lines.append(
                rng.choice(lines) if again else rng.choice(("", "", "", "- ", "• ")) + words + rng.choice(MARKS)
            )
        yield rng.choice(("\n", "\n", "\n\n")).join(lines)


def agree(name: str, texts: Iterator[str]) -> int:
    """Compare decision by decision; how many texts were dropped."""
    ours, theirs = PAIRS[name]
    dropped = 0
    for text in texts:
        document = Document(text=text, id="x", metadata={})
        verdict = ours.judge(document)
        expected = theirs.filter(document)
        assert verdict.kept == (expected is True), f"{verdict} but datatrove says {expected}: {text!r}"
        if name == "c4" and verdict.kept:
            assert C4Lines(rules=C4).clean(text) == document.text
        dropped += not verdict.kept
    return dropped


@pytest.mark.parametrize("name", PAIRS)
def test_the_same_decisions_on_made_texts(name: str) -> None:
    dropped = agree(name, made_texts(600, seed=5))
    assert 30 <= dropped <= 570, "the texts are to lie on both sides"


@pytest.fixture(scope="module")
def real_texts(real_data: Path) -> list[str]:
    texts = []
    for source in ("legal/regulations", "legal/decisions", "general/text"):
        rows = list(read_jsonl(real_data / f"{source}.jsonl.gz"))
        texts += [Unicode().clean(row["text"]) for row in random.Random(3).sample(rows, 60)]
    return texts


@pytest.mark.parametrize("name", PAIRS)
def test_the_same_decisions_on_real_documents(name: str, real_texts: list[str]) -> None:
    assert agree(name, iter(real_texts)) > 0
