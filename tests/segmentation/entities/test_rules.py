"""What rules find, and what they leave."""

import time

import pytest

from mecelle.segmentation.entities.rules import find_by_rule


def found(text: str, kind: str) -> list[str]:
    return [text[span.start : span.end] for span in find_by_rule(text) if span.kind == kind]


@pytest.mark.parametrize(
    ("text", "kind", "expected"),
    [
        ("31.02.2020 değil, 12 Mart 2020 ve 1/2/2003'te", "date", ["12 Mart 2020", "1/2/2003"]),
        (
            "10.000,00 TL'nin ve 382,3-TL'nin, 5 milyon lirayı",
            "amount",
            ["10.000,00 TL", "382,3-TL", "5 milyon lirayı"],
        ),
        ("6098 sayılı Kanun, 12 tleri", "amount", []),
        (
            "24.11.2015 tarih ve 29542 sayılı Resmi Gazete'de",
            "gazette",
            ["24.11.2015 tarih ve 29542 sayılı Resmi Gazete"],
        ),
        ("Resmi Gazete'de yayımlanan", "gazette", []),
        ("TCK'nın 53/1. maddesi uyarınca", "article", ["TCK'nın 53/1. maddesi"]),
        ("İstanbul Anadolu 3. İş Mahkemesinin kararı", "court", ["İstanbul Anadolu 3. İş Mahkemesinin"]),
        ("Yargıtay 4. Hukuk Dairesinin kararı", "court", ["Yargıtay 4. Hukuk Dairesinin"]),
        ("istem üzerine Yargıtay Cumhuriyet Başsavcılığının", "court", ["Yargıtay Cumhuriyet Başsavcılığının"]),
        ("Yargıtay 4. Hukuk Dairesinin kararı", "chamber", ["4. Hukuk Dairesinin"]),
        ("görevli asliye hukuk mahkemesine", "court", []),
        ("\n1. Bölge Adliye Mahkemesinin kararı", "court", ["Bölge Adliye Mahkemesinin"]),
        (
            "Ankara 2. Fikrî ve Sınaî Haklar Hukuk Mahkemesi",
            "court",
            ["Ankara 2. Fikrî ve Sınaî Haklar Hukuk Mahkemesi"],
        ),
        ("Bu Asliye Hukuk Mahkemesi", "court", ["Asliye Hukuk Mahkemesi"]),
        ("Davacı Ahmet Yılmaz vekili", "person", ["Ahmet Yılmaz"]),
    ],
)
def test_each_kind(text, kind, expected):
    assert found(text, kind) == expected


def test_a_cited_decision_has_its_numbers_and_not_the_gazette_before_it():
    text = (
        "24.11.2015 tarihli Resmi Gazete'de yayımlanan Anayasa Mahkemesinin 08.10.2015 tarih ve 2014/140 E., "
        "2015/85 K. sayılı iptal kararı"
    )
    assert found(text, "decision") == ["08.10.2015 tarih ve 2014/140 E., 2015/85 K. sayılı iptal kararı"]
    assert found(text, "case_number") == ["2014/140"]
    assert found(text, "decision_number") == ["2015/85"]


def test_the_caption_tells_case_and_decision_number():
    text = "Esas No : 2019/4896\nKarar No : 2021/4850\n"
    assert (found(text, "case_number"), found(text, "decision_number")) == (["2019/4896"], ["2021/4850"])


def test_ten_times_the_text_takes_about_ten_times_as_long():
    line = "Davacı Ali Kaya, 12.03.2020 tarihli ve 2019/5 E. sayılı dosyada 100,00 TL istedi. TBK 49. "

    def seconds(times: int) -> float:
        clock = time.process_time()
        find_by_rule(line * times)
        return time.process_time() - clock

    seconds(10)
    assert seconds(1_000) < 40 * seconds(100)
