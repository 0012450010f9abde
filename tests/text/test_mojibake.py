import gzip
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mecelle.text.mojibake import repair_mojibake

SENTENCE = "Davacının başvurusu üzerine İğdır İcra Dairesince çıkarılan ödeme emri şikâyet edilmiştir."


@pytest.mark.parametrize("page", ["latin-1", "cp1252", "cp1254"])
@pytest.mark.parametrize("times", [1, 2])
def test_utf8_that_was_read_as_a_single_byte_page(page: str, times: int) -> None:
    misread = SENTENCE
    for _ in range(times):
        misread = "".join(
            bytes([byte]).decode(page, "ignore") or chr(byte) for byte in misread.encode()
        )  # undefined bytes pass, as browsers let them
    assert repair_mojibake(misread) == SENTENCE


def test_turkish_page_that_was_read_as_the_western_one() -> None:
    assert repair_mojibake(SENTENCE.encode("cp1254").decode("cp1252")) == SENTENCE
    assert repair_mojibake("Ýþ Mahkemesi\x92nin kararý\x85 \x93bozma\x94") == "İş Mahkemesi’nin kararı… “bozma”"
    assert repair_mojibake("BAÞKANLIÐINA") == "BAŞKANLIĞINA"


def test_page_of_old_minutes() -> None:
    assert repair_mojibake("Say\x9bn Ba_kan, kar_\x9bl\x9bkl\x9b de¤erli \x8bsrail; AL\x8b O/UZ ñ") == (
        "Sayın Başkan, karşılıklı değerli İsrail; ALİ OĞUZ –"
    )


@pytest.mark.parametrize(
    "text",
    [
        SENTENCE,
        "Það er gaman að sjá þig og ýmislegt fleira á Íslandi.",
        "Að þeim kafla er ekki komið.",
        "Nový a starý úřad; Dobrý den, Václav Nový.",
        "Guðmundsson v. Türkiye kararında Sigurður Þórðarson'un beyanı alınmıştır.",
        "Guðmundsson v. Türkiye",
        "ÂDİL, KÂZIM ve Rûşen'in hâlâ sürdüğü dükkânı",
        "Ã tipi vitamin, Ångström ve Ärzte",
    ],
)
def test_what_is_right_stays(text: str) -> None:
    assert repair_mojibake(text) == text


def test_sound_lines_stay_beside_misread_ones() -> None:
    text = "Karþý davanýn reddine karar verilmiþtir.\nGuðmundsson'un başvurusu kabul edildi."
    assert repair_mojibake(text) == ("Karşı davanın reddine karar verilmiştir.\nGuðmundsson'un başvurusu kabul edildi.")


@given(st.text() | st.text(alphabet="ÃÄÅâÂ\x80\x9b\x9f§±°¼¶Ÿşığýþðabc_/ñ¤\n"))
def test_any_text_and_idempotent(text: str) -> None:
    once = repair_mojibake(text)
    assert repair_mojibake(once) == once
    assert [c for c in once if c in "0123456789"] == [c for c in text if c in "0123456789"]


@pytest.mark.real_data
def test_real_pairs(real_data: Path) -> None:
    with gzip.open(real_data / "general" / "mojibake_samples.jsonl.gz") as file:
        rows = [json.loads(line) for line in file]
    pairs = [(row["raw"], row["fixed"]) for row in rows if row["fixed"] and "\x9b" not in row["raw"]]
    assert len(pairs) == 57
    assert all(repair_mojibake(raw) == fixed for raw, fixed in pairs)
    # The other four are in the page of old minutes, which the pairs leave as it is.
    others = [repair_mojibake(row["raw"]) for row in rows if "\x9b" in row["raw"]]
    assert len(others) == 4
    assert not any(c in text for text in others for c in "\x9b\x8b¤_")
