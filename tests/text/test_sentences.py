import pytest
from hypothesis import given
from hypothesis import strategies as st

from mecelle.text.sentences import sentence_spans, sentences

ONE = [
    "TBK md. 49 uyarınca Av. Ali Yılmaz T.C. vatandaşı olarak geldi.",
    "Yargıtay 4. Hukuk Dairesi kararı bozdu.",
    "Ankara 1. Asliye Ticaret Mahkemesi davayı reddetti.",
    "Davalı 10.02.2019 tarihinde temerrüde düştü.",
    "E. 2019/1234, K. 2020/56 sayılı karar kesinleşti.",
    "Mahkemenin 2024/3494 E. 2024/5460 K. sayılı ilamı okundu.",
    "Prof. Dr. Ayşe K. bilirkişi olarak dinlendi.",
    "Sanık A. Y. ile M.. T.. dinlendi.",
    "Davalı ... vekili duruşmaya gelmedi.",
    "Bedel 1.250,75 TL olarak belirlendi.",
    'Davalı "borcum yoktur." demiştir.',
    "Atatürk Cad. No. 12 Çankaya adresine tebliğ edildi.",
    "ABC İnş. San. Ltd. Şti. aleyhine dava açıldı.",
    "1. Davacının talebi kabul edilmelidir.",
    "a) Davacının talebi kabul edilmelidir.",
    "I. DAVA",
    "Tapu III. Selim döneminden kalmadır.",
    "Kira, tazminat vb. alacaklar istenmiştir (bkz. s. 12).",
    "Davacı dilekçesinde özetle\nborcun ödenmediğini söyledi.",
]
MANY = [
    ["Dava reddedildi.", "Karar temyiz edildi."],
    ["Karar bozuldu.", "2019 yılında yeniden görüldü."],
    ["Ne olacak?", "Bilinmiyor!", "Bekleniyor…", "Sonra karar verildi."],
    ['"Borcum yoktur."', "Davalı böyle dedi."],
    ["Uygulanacak hüküm TBK m. 49/2.", "Davacı haklıdır."],
    ["Karar tarihi 10.02.2019.", "Davacı haklıdır."],
    ["Olay 2011.", "Davacı haklıdır."],
    ["Alacak, faiz vb.", "Davalı bunları ödemedi."],
]
LINES = [
    ["MAHKEMESİ : Rize 1. Asliye Ceza Mahkemesi", "TARİHİ : 13/10/2010", "Dosya görüşüldü:"],
    ["Hükmün BOZULMASINA,", "Peşin harcın iadesine,", "karar verildi."],
    ["a) Birinci bent,", "b) İkinci bent."],
]


@pytest.mark.parametrize("text", ONE)
def test_one_sentence(text: str) -> None:
    assert sentences(text) == [text]


@pytest.mark.parametrize("expected", MANY)
def test_several_sentences(expected: list[str]) -> None:
    assert sentences(" ".join(expected)) == expected


@pytest.mark.parametrize("expected", LINES[::2])
def test_lines(expected: list[str]) -> None:
    assert sentences("\n".join(expected)) == expected


def test_an_empty_line_always_ends_a_sentence() -> None:
    assert sentences("\n\n".join(LINES[1])) == LINES[1]


def test_a_lost_space_is_seen() -> None:
    assert sentences("Borç ödenmemiştir.Mahkemece dava kabul edildi.") == [
        "Borç ödenmemiştir.",
        "Mahkemece dava kabul edildi.",
    ]


def test_an_abbreviation_that_is_also_a_word_needs_its_capital() -> None:
    assert sentences("Çözüm yolu tek. Dava açmak.") == ["Çözüm yolu tek.", "Dava açmak."]
    assert sentences("Ak Tek. San. kapandı.") == ["Ak Tek. San. kapandı."]


@given(st.text(max_size=120) | st.text(alphabet="aB. \n?!…12)\"'Av", max_size=120))
def test_spans_are_sorted_disjoint_trimmed_and_leave_out_only_white_space(text: str) -> None:
    spans = sentence_spans(text)
    at = 0
    for start, end in spans:
        assert not text[at:start].strip()
        assert text[start:end] == text[start:end].strip() != ""
        at = end
    assert not text[at:].strip()
