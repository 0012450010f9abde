"""How texts become words."""

import pytest

from mecelle.tokenizer.splitting import clean, normalizer, pre_tokenizer

HARD = [
    "TBK’nın 49. mad\u00addesi",
    "I\u0307stanbul i\u0307\u015f IĞDIR ığdır İİK'NIN",
    "hâlâ kâr mahkûmiyet resmî",
    "“Yargıtay” «ilamı» ''aynen''",
    "\u00a010.02.2019\u2009\u200btarih\tve\r\nE. 2019/1234",
    "g\u0306 u\u0308 s\u0327 c\u0327 NFD",
]


def words(text: str) -> list[str]:
    return [word for word, _ in pre_tokenizer().pre_tokenize_str(normalizer().normalize_str(text))]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2019/1234", "2 0 1 9 / 1 2 3 4"),
        ("md. 49/2", "md . 4 9 / 2"),
        ("%1,8", "% 1 , 8"),
        ("10.02.2019", "1 0 . 0 2 . 2 0 1 9"),
        ("TBK’nın", "TBK ' nın"),
        ("344üncü", "3 4 4 üncü"),
    ],
)
def test_numbers_and_suffixes(text, expected):
    assert words(text) == expected.split()


@pytest.mark.parametrize("text", HARD)
def test_python_and_rust_clean_alike(text):
    assert words(clean(text)) == words(text)
    assert words(text) == [w for w, _ in pre_tokenizer().pre_tokenize_str(clean(text))]


def test_turkish_letters_stay():
    assert words("Iğdır İcra ÇĞİÖŞÜçğıöşü hâlâ") == ["Iğdır", "İcra", "ÇĞİÖŞÜçğıöşü", "hâlâ"]
    assert words("I\u0307 s\u0327") == ["İ", "ş"]
