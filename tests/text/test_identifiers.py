from itertools import pairwise
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import iban, luhn
from stdnum.tr import tckimlik, vkn

from mecelle.base.errors import InputError
from mecelle.text.identifiers import TAGS, Identifier, disjoint, find_identifiers, mask

FOUND = [
    ("T.C. kimlik no 10000000146 olan", "tckn", "10000000146"),
    ("1 10000000146 AHMET", "tckn", "10000000146"),
    ("01.01.1990 10000000146", "tckn", "10000000146"),
    ("1,10000000146,1990", "tckn", "10000000146"),
    ("10000000146nolu", "tckn", "10000000146"),
    ("TC10000000146", "tckn", "10000000146"),
    ("T.C.No10000000146", "tckn", "10000000146"),
    ("TCKN: 100 000 001 46", "tckn", "100 000 001 46"),
    ("Vergi No: 4540536920", "vkn", "4540536920"),
    ("4540536920 vergi numaralı", "vkn", "4540536920"),
    ("Ulus V.D. 4540536920", "vkn", "4540536920"),
    ("VKN 454 053 6920", "vkn", "454 053 6920"),
    ("IBAN TR33 0006 1005 1978 6457 8413 26 hesabı", "iban", "TR33 0006 1005 1978 6457 8413 26"),
    ("TR330006100519786457841326'ya", "iban", "TR330006100519786457841326"),
    ("kart 4111 1111 1111 1111 12/26", "card", "4111 1111 1111 1111"),
    ("kart 4111-1111-1111-1111.", "card", "4111-1111-1111-1111"),
    ("5555555555554444 numaralı", "card", "5555555555554444"),
    ("3782 822463 10005", "card", "3782 822463 10005"),
    ("Tel: 0532 123 45 67", "phone", "0532 123 45 67"),
    ("+90 (532) 123 45 67", "phone", "+90 (532) 123 45 67"),
    ("+905321234567", "phone", "+905321234567"),
    ("0(212)1234567", "phone", "0(212)1234567"),
    ("(0312) 123 45 67", "phone", "(0312) 123 45 67"),
    ("0532/123 45 67", "phone", "0532/123 45 67"),
    ("Tel: 0312 417 45 67-68", "phone", "0312 417 45 67-68"),
    ("0312 417 45 67/68", "phone", "0312 417 45 67/68"),
    ("GSM-0532 123 45 67", "phone", "0532 123 45 67"),
    ("0312 417 45 67-68-69 numaralı", "phone", "0312 417 45 67-68-69"),
    ("532 123 45 67'den aradı", "phone", "532 123 45 67"),
    ("cep 5321234567", "phone", "5321234567"),
    ("Tel 312 123 45 67", "phone", "312 123 45 67"),
    ("av.ayse@ornek.av.tr'ye", "email", "av.ayse@ornek.av.tr"),
    ("https://www.ornek.com.tr/a?b=1.", "url", "https://www.ornek.com.tr/a?b=1"),
    ("(www.ornek.org)", "url", "www.ornek.org"),
    ("ornek.gov.tr adresinden", "url", "ornek.gov.tr"),
    ("34 ABC 123 plakalı", "plate", "34 ABC 123"),
    ("06AB1234", "plate", "06AB1234"),
    ("35-Z-2421", "plate", "35-Z-2421"),
    ("plakası 06 TL 500 olan", "plate", "06 TL 500"),
    ("34 abc 123 plakalı", "plate", "34 abc 123"),
    ("adresi: Çankaya Mah. No: 12 Sivas.", "address", "Çankaya Mah. No: 12 Sivas"),
    (
        "Adres: Kuzey Mah. Ilıca Caddesi No:63/1 06530 Çankaya/ANKARA",
        "address",
        "Kuzey Mah. Ilıca Caddesi No:63/1 06530 Çankaya/ANKARA",
    ),
    ('"Ulu Mah.Dere Sok.N: 12 D: 3 Beylikdüzü-İst" adresi', "address", "Ulu Mah.Dere Sok.N: 12 D: 3 Beylikdüzü-İst"),
    (
        "İZ MAH. 1234. SOK. IŞIK APT. NO: 7 KAT: 2 DAİRE: 5 35100 BORNOVA/İZMİR'de",
        "address",
        "İZ MAH. 1234. SOK. IŞIK APT. NO: 7 KAT: 2 DAİRE: 5 35100 BORNOVA/İZMİR",
    ),
    ("Ova Caddesi 20/14 Kızılay/Ankara adresinde", "address", "Ova Caddesi 20/14 Kızılay/Ankara"),
    (
        "Söğüt Köyü, Merkez Mevkisi, No: 146 İzmit/KOCAELİ",
        "address",
        "Söğüt Köyü, Merkez Mevkisi, No: 146 İzmit/KOCAELİ",
    ),
    ("Uzun Mahallesi, Kısa Sokak adresinde oturur", "address", "Uzun Mahallesi, Kısa Sokak"),
    ("1234. SK. NO: 7 BORNOVA/İZMİR", "address", "1234. SK. NO: 7 BORNOVA/İZMİR"),
    ("6. Cd. 12 Bahçelievler/Ankara", "address", "6. Cd. 12 Bahçelievler/Ankara"),
    ("Adresi: 1234 SK 5/3.", "address", "1234 SK 5/3"),
    ("Vergi Sok. No: 3", "address", "Vergi Sok. No: 3"),
    ("Gazi Mah. 19 Mayıs Cad. 23 Nisan Apt. No: 5", "address", "Gazi Mah. 19 Mayıs Cad. 23 Nisan Apt. No: 5"),
    ("Gazi Mah. Ova Cad. No: 2019/3", "address", "Gazi Mah. Ova Cad. No: 2019/3"),
    ("49 TBK 51 plakalı", "plate", "49 TBK 51"),
]
LOOKALIKES = [
    "10000000147",  # checksum
    "01000000146",  # TCKN never starts with 0
    "2019/10000000146",  # part of a longer number
    "12345/10000000146",
    "12345 10000000146",
    "A10000000146",
    "DOC10000000146",
    "10000000146-2",
    "2019/05321234567",
    "2019/0532 123 45 67",
    "2019-0532 123 45 67",
    "5321234567/12",
    "4540536920 sayılı dosya",  # a valid VKN without a tax word
    "vergi no 4540536921",
    "54 vd. maddeleri 4540536920",  # vd. = ve devamı
    "TR33 0006 1005 1978 6457 8413 27",
    "4111 1111 1111 1112",
    "1111111111111117",  # right checksum, no issuer
    "E. 2019/1234, K. 2020/5678",
    "5237 sayılı Kanun'un 141/1 maddesi",
    "10.02.2019 ve 10/02/2019",
    "1.250.750,75 TL",
    "350 000 000 lira",
    "312 204 75 00",  # no 0, no word
    "5321234567",
    "82 AB 123",  # no province 82
    "34 AB 12",  # two letters take three or four digits
    "34 ABCD 12",
    "34 WXY 12",  # no W, X on plates
    "06 TL 500 ödedi",
    "2015/42 E 2005/599 K",
    "12 HD 2019",
    "mahkeme.Davacı geldi.",
    "A.B.C. ve x@",
    "Karşıyaka Mahallesi, Mustafa Kemal Bulvarı üzerinde devriye gezen",  # a place, not an address
    "Uzun Mahallesi adresinde oturur",
    "10000000146,5 lira",
    "10000000146A",
    "Merkez Mahallesi 227 ada 9 parsel sayılı taşınmaz",
    "Kazıklı Köyü 853 sayılı parsel",
    "Uzun Mahallesi 2019/123 Esas",
    "İptal: Ana. Mah. 3/7/2014 tarihli ve E: 2014/62 sayılı kararı",
    "Asliye Ticaret Mah. No: 3",
    *("53 TCK 62", "49 TBK 51", "12 TTK 22", "06 CMK 231", "12 IIK 67", "15 KHK 663"),
    "Yargıtay 2. CD, 21 Mayıs 2019",
    "Yargıtay 4. CD. 10 Ekim 2019",
    "Yargıtay 2. CD, 21",
    "Yargıtay 11. CD No: 2019/123",
    "YARGITAY 11. CD NO: 12",
    "2. CD. 12",
    "6100 SK 114/1",
    "Ankara 5. İdare Mah. No: 2019/123",
    "Ankara 2. Vergi Mah., 12",
    "İSTANBUL 3. ASLİYE HUKUK MAH. NO: 2019/123",
    "İZMİR 1. TÜKETİCİ MAH. NO: 12",
    "Ankara 7. Kadastro Mah. No: 12",
    "Gazi Mah. No: 2019/123",
    "Gazi Mah. 10 EKİM 2019",
    "... Mahallesi, ... Sokak, No:...",  # blanked by the court
    "32118 sayılı Resmî Gazete",
    "01.02.2019-12.11.2020 arasında 2019/1234-2020/567",
    "kxqmvt3a@posta.invalid ve https://kxq.invalid/a",  # what pseudonyms are made of
    "Kurgu Mah. Bakemulo Sok. No: 12",
]


@pytest.mark.parametrize(("text", "kind", "expected"), FOUND)
def test_found_and_masked(text: str, kind: str, expected: str) -> None:
    found = find_identifiers(text)
    assert [(i.kind, i.text) for i in found] == [(kind, expected)]
    assert text[found[0].start : found[0].end] == expected
    assert mask(text, found) == text.replace(expected, TAGS[found[0].kind])


@pytest.mark.parametrize("text", LOOKALIKES)
def test_lookalikes_are_not_found(text: str) -> None:
    assert find_identifiers(text) == []


def test_all_kinds_in_one_text_in_order() -> None:
    text = "Ali 10000000146, 0532 123 45 67, a@b.com.tr, 34 ABC 123, TR330006100519786457841326, esas 2019/1234"
    assert mask(text, find_identifiers(text)) == "Ali [TCKN], [TELEFON], [E-POSTA], [PLAKA], [IBAN], esas 2019/1234"


@pytest.mark.parametrize("joint", [" ", "/", ",", "-", ", "])
def test_two_tckn_side_by_side(joint: str) -> None:
    assert [i.text for i in find_identifiers(f"10000000146{joint}10000000146")] == ["10000000146"] * 2


@pytest.mark.parametrize("joint", ["/", ",", "-", " / ", " - "])
def test_two_phones_side_by_side(joint: str) -> None:
    found = find_identifiers(f"0532 123 45 67{joint}0533 765 43 21")
    assert [i.text for i in found] == ["0532 123 45 67", "0533 765 43 21"]


def test_of_two_that_overlap_the_longer_stays() -> None:
    # The domain of an address is a URL of its own, and an IBAN may hold a card number.
    assert [i.kind for i in find_identifiers("bilgi@ornek.com.tr")] == ["email"]


def test_mask_refuses_another_text() -> None:
    found = find_identifiers("tel 0532 123 45 67")
    with pytest.raises(InputError, match="does not fit"):
        mask("başka metin", found)


def test_mask_refuses_overlaps() -> None:
    one = Identifier("url", 0, 3, "abc")
    with pytest.raises(InputError, match="overlaps"):
        mask("abcd", [one, Identifier("url", 2, 4, "cd")])


@pytest.mark.parametrize(
    "piece",
    [
        "1",
        "@",
        "a.",
        "a@",
        "1 ",
        "(0",
        "1-",
        "a.com.",
        "http://",
        "A Mah. ",
        "A Mah. B Sok. ",
        "Sok ",
        "34 A 1",
        "TR3",
        "1.",
    ],
)
def test_time_grows_with_the_length_alone(piece: str) -> None:
    text = piece * (300_000 // len(piece))
    began = process_time()
    find_identifiers(text)
    assert process_time() - began < 5  # measured: a quarter of a second at most; a quadratic rule takes minutes


def test_the_longest_of_a_chain_of_overlaps_does_not_hide_the_first() -> None:
    def one(start: int, end: int) -> Identifier:
        return Identifier("url", start, end, "x" * (end - start))

    first, middle, last = one(0, 5), one(4, 12), one(11, 30)
    assert disjoint([middle, last, first]) == [first, last]


DIGITS = st.text(alphabet="0123456789", min_size=9, max_size=9)


@given(DIGITS.filter(lambda s: s[0] != "0"))
def test_every_valid_tckn_is_found(nine: str) -> None:
    number = nine + tckimlik.calc_check_digits(nine)
    assert [(i.kind, i.text) for i in find_identifiers(f"kimlik no {number} olan")] == [("tckn", number)]


@given(DIGITS)
def test_every_valid_vkn_is_found_beside_its_word(nine: str) -> None:
    number = nine + vkn.calc_check_digit(nine)
    assert ("vkn", number) in [(i.kind, i.text) for i in find_identifiers(f"Ulus vergi dairesi {number} no")]


@given(st.text(alphabet="0123456789", min_size=22, max_size=22))
def test_every_valid_iban_is_found(account: str) -> None:
    number = "TR" + iban.calc_check_digits("TR00" + account) + account
    assert [(i.kind, i.text) for i in find_identifiers(f"hesap {number} için")] == [("iban", number)]


@given(st.text(alphabet="0123456789", min_size=14, max_size=14))
def test_every_valid_visa_card_is_found(digits: str) -> None:
    number = "4" + digits
    number += luhn.calc_check_digit(number)
    assert [(i.kind, i.text) for i in find_identifiers(f"kart {number} ile")] == [("card", number)]


PIECES = st.lists(st.sampled_from([*(f[0] for f in FOUND), *LOOKALIKES, "ve", "\n", "İ", " "]), max_size=6).map(
    " ; ".join
)


@given(PIECES | st.text(max_size=60))
def test_masking_keeps_the_rest(text: str) -> None:
    found = find_identifiers(text)
    assert all(a.end <= b.start for a, b in pairwise(found))
    rest = mask(text, found)
    at = 0
    for one in found:
        gap = text[at : one.start]
        assert rest.startswith(gap + TAGS[one.kind])
        rest = rest[len(gap) + len(TAGS[one.kind]) :]
        at = one.end
    assert rest == text[at:]
