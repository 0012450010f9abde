import pytest

from mecelle.sample.grammar import capital, inflect, ordinal, read_aloud


@pytest.mark.parametrize(
    ("word", "case", "expected"),
    [
        ("kiracı", "gen", "kiracının"),
        ("kiracı", "acc", "kiracıyı"),
        ("mirasçı", "ins", "mirasçıyla"),
        ("işveren", "dat", "işverene"),
        ("senet", "gen", "senedin"),
        ("hukuk", "gen", "hukukun"),
        ("hak", "acc", "hakkı"),
        ("kayıt", "acc", "kaydı"),
        ("hüküm", "gen", "hükmün"),
        ("borç", "acc", "borcu"),
        ("talep", "gen", "talebin"),
        ("çocuk", "gen", "çocuğun"),
        ("saat", "loc", "saatte"),
        ("iptal", "gen", "iptalin"),
        ("kabul", "poss", "kabulü"),
        ("sanık", "abl", "sanıktan"),
        ("sanık", "acc", "sanığı"),
        ("ödediği", "pacc", "ödediğini"),
        ("tahsili", "pdat", "tahsiline"),
        ("dairesi", "ploc", "dairesinde"),
        ("müvekkili", "dat", "müvekkiline"),
        ("davalı idare", "gen", "davalı idarenin"),
        ("belge", "pl", "belgeler"),
        ("İCRA", "gen", "İCRAnın"),
    ],
)
def test_inflect_common_nouns(word: str, case: str, expected: str) -> None:
    assert inflect(word, case) == expected


@pytest.mark.parametrize(
    ("name", "case", "expected"),
    [
        ("İzmir", "loc", "İzmir'de"),
        ("Zonguldak", "gen", "Zonguldak'ın"),
        ("Iğdır", "abl", "Iğdır'dan"),
        ("TL", "gen", "TL'nin"),
        ("A.Y.", "dat", "A.Y.'ye"),
        ("2019", "loc", "2019'da"),
        ("2020", "gen", "2020'nin"),
        ("40", "dat", "40'a"),
        ("12/6", "gen", "12/6'nın"),
    ],
)
def test_inflect_proper_names_keep_their_spelling(name: str, case: str, expected: str) -> None:
    assert inflect(name, case, proper=True) == expected


@pytest.mark.parametrize(
    ("number", "expected"),
    [(1, "1 inci"), (2, "2 nci"), (3, "3 üncü"), (4, "4 üncü"), (6, "6 ncı"), (9, "9 uncu"), (10, "10 uncu"),
     (12, "12 nci"), (20, "20 nci"), (30, "30 uncu"), (40, "40 ıncı"), (100, "100 üncü")],
)  # fmt: skip
def test_ordinal_of_articles(number: int, expected: str) -> None:
    assert ordinal(number) == expected


def test_capital_is_turkish() -> None:
    assert capital("istanbul") == "İstanbul"
    assert capital("ıslah") == "Islah"


def test_read_aloud_takes_the_last_part_of_a_number() -> None:
    assert [read_aloud(number) for number in ("1000", "300", "2.000.000", "5,07")] == ["bin", "yüz", "milyon", "yedi"]
