"""Decisions cut at their headings: the mapping, what is taken out, and that no character is lost."""

import gzip
from itertools import pairwise
from pathlib import Path
from typing import Any

import orjson
import pytest

from mecelle.base.errors import InputError
from mecelle.segmentation.headed import read_headed, whole_length
from mecelle.segmentation.labels import LABELS
from mecelle.segmentation.mapping import mapping
from mecelle.segmentation.order import FORBIDDEN, order


def part(label: str, heading: str | None, body: str = "") -> dict[str, str | None]:
    """A section as the file has it: its heading stands before its text, on a line of its own."""
    return {"label": label, "heading": heading, "text": "\n".join(filter(None, (heading, body)))}


ROW: dict[str, Any] = {
    "id": "x",
    "court": "Yargıtay",
    "chamber": "4. Hukuk Dairesi",
    "sections": [
        part("header", None, "MAHKEMESİ : Ankara\nTaraflar arasındaki dava incelendi:"),
        part("ruling", "KARAR"),
        part("claim", "I. DAVA", "1. Davacı alacağını istemiştir."),
        part("defence", "II. CEVAP", "Davalı reddini istemiştir.\nTETKİK HÂKİMİ : …\nDÜŞÜNCESİ : Red gerekir."),
        part("appeal", "IV. İSTİNAF", "A. İstinaf Yoluna Başvuranlar\nTaraflar başvurmuştur."),
        part("reasoning", "C. Gerekçe ve Sonuç", "İstinaf yerinde değildir."),
        part("cassation", "B. Temyiz Sebepleri", "Davalı hatalı bulmuştur."),
        part("reasoning", "C. Gerekçe", "3. Değerlendirme\nHüküm doğrudur."),
        part("ruling", "VI. KARAR", "ONANMASINA, 03.12.2024 tarihinde oy birliğiyle karar verildi.\n(Karşı Oy)"),
        part("dissent", "KARŞI OY", "Katılmıyorum."),
    ],
}


def read(row: dict[str, Any]) -> list[tuple[str, str]]:
    decision, _ = read_headed(row)
    return [(one.label, decision.text[one.start : one.end].strip()) for one in decision.sections]


def test_headings_captions_and_numbers_go_and_labels_are_mapped() -> None:
    assert read(ROW) == [
        ("header", "MAHKEMESİ : Ankara"),
        ("formal", "Taraflar arasındaki dava incelendi:"),
        ("claim", "Davacı alacağını istemiştir."),
        ("defense", "Davalı reddini istemiştir."),
        ("formal", "Red gerekir.\nTaraflar başvurmuştur.\nİstinaf yerinde değildir."),
        ("claim", "Davalı hatalı bulmuştur."),
        ("reasoning", "Hüküm doğrudur."),
        ("ruling", "ONANMASINA,"),
        ("footer", "03.12.2024 tarihinde oy birliğiyle karar verildi."),
        ("dissent", "Katılmıyorum."),
    ]


def test_headings_that_are_left_belong_to_what_they_lead_to() -> None:
    decision, _ = read_headed(ROW, headings=True)
    assert len(decision.text) == whole_length(ROW)
    assert [(one.label, decision.text[one.start : one.end].split("\n")[0]) for one in decision.sections] == [
        ("header", "MAHKEMESİ : Ankara"),
        ("formal", "Taraflar arasındaki dava incelendi:"),
        ("claim", "KARAR"),  # it has no text of its own
        ("defense", "II. CEVAP"),
        ("formal", "TETKİK HÂKİMİ : …"),
        ("claim", "B. Temyiz Sebepleri"),
        ("reasoning", "C. Gerekçe"),
        ("ruling", "VI. KARAR"),
        ("footer", "03.12.2024 tarihinde oy birliğiyle karar verildi."),
        ("dissent", "(Karşı Oy)"),
    ]


def test_a_dissent_on_the_line_of_the_closing_formula() -> None:
    text = (
        "A. İhlal edilmediğine 4/3/2026 tarihinde karar verildi. KARŞIOY GEREKÇESİ 1. Katılmıyorum. Üye A. B. "
        "KARŞIOY Sayın çoğunluğun 3/2/2011 tarihinde oy birliğiyle verdiği karar yerinde değildir."
    )
    row = {"id": "x", "court": "Anayasa Mahkemesi", "sections": [{"label": "ruling", "heading": None, "text": text}]}
    assert read(row) == [
        ("ruling", "İhlal edilmediğine"),
        ("footer", "4/3/2026 tarihinde karar verildi."),
        (
            "dissent",
            "Katılmıyorum. Üye A. B. Sayın çoğunluğun 3/2/2011 tarihinde oy birliğiyle verdiği karar yerinde değildir.",
        ),
    ]
    decision, removed = read_headed(row)
    assert removed["heading"] == len("KARŞIOY GEREKÇESİ 1. KARŞIOY ")
    assert len(decision.text) + sum(removed.values()) == len(text)


def test_every_character_is_in_a_section_or_counted() -> None:
    decision, removed = read_headed(ROW)
    assert len(decision.text) + sum(removed.values()) == whole_length(ROW)
    assert [decision.sections[0].start, decision.sections[-1].end] == [0, len(decision.text)]
    assert all(a.end == b.start and a.label != b.label for a, b in pairwise(decision.sections))


@pytest.mark.parametrize(
    ("heading", "text", "left"),
    [
        ("İSTEMİN KONUSU :", "İSTEMİN KONUSU : … İdare Mahkemesince", "… İdare Mahkemesince"),
        (
            "IV. HÜKÜM Açıklanan gerekç",
            "IV. HÜKÜM Açıklanan gerekçelerle; A. İhlal.",
            "Açıklanan gerekçelerle; A. İhlal.",
        ),
        ("03.05.2024", "Olağan metin.", "Olağan metin."),
    ],
)
def test_headings_that_share_a_line_with_text(heading: str, text: str, left: str) -> None:
    row = {"id": "x", "court": "Danıştay", "sections": [{"label": "request", "heading": heading, "text": text}]}
    assert read(row) == [("formal", left)]


def test_a_label_without_a_rule_is_refused_by_name() -> None:
    with pytest.raises(InputError, match="'poem' is in no rule"):
        read({"id": "x", "court": "Danıştay", "sections": [{"label": "poem", "heading": None, "text": "Gül."}]})
    with pytest.raises(InputError, match="not a headed decision"):
        read_headed({"id": "x"})


def test_no_rule_hides_another() -> None:
    seen = set[tuple[object, ...]]()
    for rule in mapping().rules:
        general = (rule.label, None, None, ())
        assert general not in seen, f"a rule of '{rule.label}' comes too late to count"
        seen.add((rule.label, rule.court, rule.heading, rule.before))


def test_the_real_decisions_keep_the_order_of_the_law(real_data: Path) -> None:
    with gzip.open(real_data / "legal" / "decision_sections.jsonl.gz") as lines:
        rows = [orjson.loads(line) for line in lines]
    costs, whole, against = order().transitions(), 0, set[str]()
    for row in rows:
        decision, removed = read_headed(row)
        assert len(decision.text) + sum(removed.values()) == whole_length(row), row["id"]
        assert sum(one.end - one.start for one in decision.sections) == len(decision.text), row["id"]
        labels = [LABELS.index(one.label) for one in decision.sections]
        assert order().start()[labels[0]] == 0
        against |= {row["id"] for a, b in pairwise(labels) if costs[a, b] <= FORBIDDEN}
        whole += "ruling" in {one.label for one in decision.sections}
    assert (len(rows), whole) == (472, 459)
    for row in rows[::8]:
        both = (read_headed(row)[0], read_headed(row, headings=True)[0])
        bare, headed = ([one.label for one in decision.sections] for decision in both)
        assert bare == headed, row["id"]
    assert against == {"danistay-699619200"}, "this one was published with its middle part twice"
