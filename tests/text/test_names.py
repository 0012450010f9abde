import gzip
import json
from pathlib import Path
from time import process_time

import pytest

from mecelle.base.document import content_hash
from mecelle.text.names import find_names

FOUND = [
    ("Davacı Ahmet Yılmaz vekili tarafından", ["Ahmet Yılmaz"]),
    ("davalılardan Ayşe KAYA'nın", ["Ayşe KAYA"]),
    ("DAVACI : AHMET YILMAZ VEKİLİ : AV. MEHMET DEMİR", ["AHMET YILMAZ", "MEHMET DEMİR"]),
    ("TEMYİZ EDEN (DAVALI) : Zerban Kelo", ["Zerban Kelo"]),  # behind a colon the name need not be a common one
    ("VEKİLİ : Hukuk Müşaviri Ali CAN", ["Ali CAN"]),
    ("Başvurucular :\n1. Işıl ŞAN\n2. Oya ÇINAR ATEŞ Vekili : Av. Can ER", ["Işıl ŞAN", "Oya ÇINAR ATEŞ", "Can ER"]),
    ("DAVACILAR : 1....\n2.Elif Su'ya velayeten 3- Mehmet Su", ["Elif Su", "Mehmet Su"]),
    ("Başvurucular :\n1. Ali AK\n2. VeliBOZUK\n3. Can ÖZ", ["Ali AK", "Can ÖZ"]),
    ("sanıklar Ayhan, Çetin , ... ve Yaşar ile Murat hakkında", ["Ayhan", "Çetin", "Yaşar", "Murat"]),
    ("Av. Ali KIZILAY ile İsmail Hakkı", ["Ali KIZILAY", "İsmail Hakkı"]),  # kızı and hakkında are no part of them
    ("ÖZLEM AKTAŞ BAŞVURUSU. Başvurucu : Özlem AKTAŞ", ["ÖZLEM AKTAŞ", "Özlem AKTAŞ"]),
    ("mağdure Meltem geldi ve sonra Meltem'in annesi", ["Meltem", "Meltem"]),
    ("şüpheli Sinan Demir ile kardeşi Serkan'ın ifadeleri", ["Sinan Demir", "Serkan"]),
]
KEPT = [
    "Başkan : Hasan Tahsin AK Üyeler : Recai BOZ Raportör : Ali CAN",
    "Tetkik Hâkimi Ahmet Yılmaz'ın raporu, Cumhuriyet savcısı Veli Demir",
    "davalı Ahmet Güneş Sigorta A.Ş. vekili",
    "Davacı : Can Gıda San. ve Tic. Ltd. Şti.",
    "davalı Unico AŞ nin istinaf talebi",
    "KATILANLAR : Aile Çalışma Sosyal Hizmetler Bakanlığı",
    "davalı Hazine vekili, davacı Orman İdaresi",
    "DAVACILAR : ORMAN YÖNETİMİ - ... - ...",
    "Davacı İsteminin Özeti: kabul",
    "davacı A.Y. ile davalı ... ve sanık B.. Ö.. vekili Av. ...",
    "Mehmet Doğan [GK], B. No: 2014/8875",  # a cited decision
    "KARŞI TARAF (DAVACI) : Tasfiye Halinde … Reklam",
    "sanık Hakkında kurulan hüküm",
]


@pytest.mark.parametrize(("text", "expected"), FOUND)
def test_found(text: str, expected: list[str]) -> None:
    found = find_names(text)
    assert [one.text for one in found] == expected
    assert all(text[one.start : one.end] == one.text for one in found)
    assert {one.kind for one in found} == {"name"}


@pytest.mark.parametrize("text", KEPT)
def test_court_companies_and_blanks_are_kept(text: str) -> None:
    assert find_names(text) == []


@pytest.mark.parametrize(
    "piece", ["Av. ", "sanık Ali ", "Davacı Ali Veli, ", "Davacı: Ab Cd ", "Aa ", "1. Ali VELİ\n", "..."]
)
def test_time_grows_with_the_length_alone(piece: str) -> None:
    text = "Başvurucular : " + piece * (150_000 // len(piece))
    began = process_time()
    find_names(text)
    assert process_time() - began < 5  # measured: half a second at most; a quadratic rule takes a minute


def test_names_in_real_headers(real_data: Path) -> None:
    """100 headers of the 4th Civil Chamber, 50 of the Constitutional Court, labelled by hand (offsets and hash)."""
    labels = [
        json.loads(line)
        for line in (Path(__file__).parents[1] / "corpus/data/name_headers.jsonl").read_text("utf-8").splitlines()
    ]
    with gzip.open(real_data / "legal" / "decisions.jsonl.gz", "rt", encoding="utf-8") as lines:
        texts = {row["id"]: row["text"] for row in map(json.loads, lines)}
    right = found = wanted = 0
    for label in labels:
        header = texts[label["id"]][: label["length"]]
        assert content_hash(header) == label["content_hash"]
        have, want = {(one.start, one.end) for one in find_names(header)}, {tuple(span) for span in label["names"]}
        right, found, wanted = right + len(have & want), found + len(have), wanted + len(want)
    assert wanted == 167
    assert right / found >= 0.99
    assert right / wanted >= 0.98
