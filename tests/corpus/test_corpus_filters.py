from pathlib import Path
from typing import Any

import pytest

from mecelle.base.config import parse
from mecelle.base.document import Document
from mecelle.corpus.cleaning import cleaners
from mecelle.corpus.cleaning.empty_lines import EmptyLines
from mecelle.corpus.cleaning.line_hyphens import LineHyphens
from mecelle.corpus.cleaning.unicode import Unicode
from mecelle.corpus.filters import filters
from mecelle.corpus.filters.function_words import FunctionWords
from mecelle.corpus.filters.language import Language, stretches
from mecelle.corpus.filters.repeated_lines import RepeatedLines
from mecelle.corpus.filters.sentences import Sentences
from mecelle.corpus.filters.short_text import ShortText
from mecelle.corpus.filters.symbols import Symbols
from mecelle.corpus.filters.unreadable import Unreadable

PROSE = (
    "Davacı, kiralananın teslim edilmediğini ve bu nedenle zarara uğradığını ileri sürerek tazminat istemiştir. "
    "Mahkemece, toplanan deliller ile bilirkişi raporu değerlendirilerek davanın kabulüne karar verilmiş, hüküm "
    "davalı tarafından temyiz edilmiştir. "
)
AZERBAIJANI = (
    "Məhkəmə iddiaçının tələbini təmin etmədi, çünki müqavilənin şərtləri yerinə yetirilməmişdir və sübutlar yoxdur."
)
ENGLISH = (
    "The court dismissed the claim because the terms of the contract had not been fulfilled and there was no proof."
)
CAPITALS = "TÜRK MİLLETİ ADINA YARGILAMA YAPMAYA VE HÜKÜM VERMEYE YETKİLİ MAHKEMEMİZCE GEREĞİ DÜŞÜNÜLDÜ"


def document(text: str) -> Document:
    return Document(text=text, id="x", metadata={})


MEANT_FOR_OTHER_TEXT = {"turkish_quality.v1", "refinement.v1"}
"""Their thresholds are the paper's, which short decisions fail; they have tests of their own."""


@pytest.mark.parametrize("name", sorted({*filters.names()} - MEANT_FOR_OTHER_TEXT))
def test_a_decision_stays(name: str, make: Any, tmp_path: Path) -> None:
    (tmp_path / "domains.txt").write_text("kotu.com\n", encoding="utf-8")
    needed = {"domains": str(tmp_path / "domains.txt")} if name == "high_risk_domains.v1" else {}
    rule = parse(filters.get(name), {"filter": name} | needed, where="test")
    assert rule.judge(make.document(make.decision(3), "d3", url="https://emsal.example/3")).kept


@pytest.mark.parametrize(
    ("language", "words", "reason"),
    [("tr", 50, "few_tokens"), ("tr", 600, None), ("en", 5, None), ("python", 5, None)],
)
def test_refinement_takes_long_turkish_text_and_leaves_other_languages(
    language: str, words: int, reason: str | None
) -> None:
    loose = {"least_suffix_entropy": 0.0, "least_lemma_diversity": 0.0}
    rule = parse(filters.get("refinement.v1"), {"filter": "refinement.v1", "quality": loose}, where="test")
    text = Document(text="mahkemece davanın " * (words // 2), id="x", metadata={"language": language})
    assert rule.judge(text).reason == reason


@pytest.mark.parametrize(("words", "reason"), [(0, "short_text"), (7, "short_text"), (8, None), (9, None)])
def test_short_text(words: int, reason: str | None) -> None:
    verdict = ShortText().judge(document("kelime " * words))
    assert (verdict.reason, verdict.measured) == (reason, {"words": words})


@pytest.mark.parametrize(
    ("words", "kind", "reason"), [(5, "dictionary", None), (1, "article", "short_text"), (5, "web", "short_text")]
)
def test_short_kinds_are_spared(words: int, kind: str, reason: str | None) -> None:
    definition = Document(text="kelime " * words, id="x", metadata={"kind": kind})
    assert ShortText().judge(definition).reason == reason


def test_sentences() -> None:
    menu = "Anasayfa Hakkımızda Bize Ulaşın Üye Ol Sepetim Yazdır " * 20
    assert Sentences().judge(document(menu)).reason == "no_sentences"
    assert Sentences().judge(document(menu + PROSE * 5)).kept
    assert Sentences().judge(document("Anasayfa Hakkımızda")).kept


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (PROSE, None),
        (CAPITALS, None),
        (ENGLISH, "foreign_language"),
        (AZERBAIJANI, "foreign_language"),
        (
            "Lorem ipsum dolor sit amet, consectetur adipiscing elit, sed do eiusmod tempor incididunt.",
            "foreign_language",
        ),
    ],
)
def test_language(text: str, reason: str | None) -> None:
    assert Language().judge(document(text)).reason == reason


def test_language_needs_confidence() -> None:
    verdict = Language(least_confidence=1.0).judge(document("karar 12 sayı A.Y. ek 3"))
    assert verdict.reason == "unclear_language"
    assert 0.0 < verdict.measured["confidence"] < 1.0


def test_language_looks_past_the_head() -> None:
    # A Turkish heading over an English text is an English document.
    assert Language().judge(document("Karar\n" + ENGLISH * 40)).reason == "foreign_language"
    assert len(stretches("a" * 5_000, 1_500)) == 1_502


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (PROSE, None),
        ("Ana Sayfa Hakkımızda İletişim Ürünler Hizmetler " * 20, "few_function_words"),
        ("Ana Sayfa Hakkımızda İletişim", None),  # too short to judge
    ],
)
def test_function_words(text: str, reason: str | None) -> None:
    assert FunctionWords().judge(document(text)).reason == reason


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (PROSE, None),
        ("Madde 12 - (1) Vergi oranı %20, en az ceza 1.250,75 TL'dir; bkz. § 3/2 (ek: 5).", None),
        ("►◄■□ ►◄■□ yazı ►◄■□ ||| ###", "many_symbols"),
        ("1.250,75 2.300,00 17.500,00 45.000,00 TL", "few_letters"),
    ],
)
def test_symbols(text: str, reason: str | None) -> None:
    assert Symbols().judge(document(text)).reason == reason


def test_repeated_lines() -> None:
    assert RepeatedLines().judge(document("\n".join(["Devamını oku"] * 9))).reason == "repeated_lines"
    assert RepeatedLines().judge(document("bir\niki\nbir\nüç")).kept


def test_unreadable() -> None:
    verdict = Unreadable().judge(document("T�rk Milleti ad�na h�k�m"))
    assert verdict.reason == "replacement_characters"
    assert Unreadable().judge(document(PROSE * 5 + "�")).kept


@pytest.mark.parametrize("name", [name for name in cleaners.names() if name != "c4_lines.v1"])  # it takes out lines
def test_cleaners_are_idempotent_and_spare_numbers(name: str) -> None:
    cleaner = parse(cleaners.get(name), {"cleaner": name}, where="test")
    text = "E. 2010/68-\n2011/70\n\n\n\nTBK’nın  49. mad-\ndesi Ankara-\nİstanbul\n"
    once = cleaner.clean(text)
    assert cleaner.clean(once) == once
    assert [c for c in once if c.isdigit()] == [c for c in text if c.isdigit()]


def test_cleaning() -> None:
    assert LineHyphens().clean("mahke-\nmesinin 2010/68-\n70 Ankara-\nİstanbul a-\nbent") == (
        "mahkemesinin 2010/68-\n70 Ankara-\nİstanbul a-\nbent"
    )
    assert EmptyLines().clean("\n\nbir\n\n\n \niki\nüç\n") == "bir\n\niki\nüç"
    assert Unicode().clean("TBK’nın\u00a0 49. mad\u00addesi") == "TBK'nın 49. maddesi"
