import pytest

from mecelle.base.errors import ConfigError
from mecelle.tokenizer.morphemes import segment_text, segment_words
from mecelle.tokenizer.patterns import BOUNDARY


def test_words_get_boundaries_and_keep_spaces_marks_and_counts() -> None:
    words = {" kararı": 3, "(kararı": 2, "kararı": 5, "2019": 4, "Ankara'nın": 1, "MAHKEMENİN": 6}
    found = {word.replace(BOUNDARY, "·"): count for word, count in segment_words(words).items()}
    assert found == {" karar·ı": 3, "(karar·ı": 2, "karar·ı": 5, "2019": 4, "Ankara·'nın": 1, "MAHKEME·NİN": 6}


def test_nothing_is_lost_and_words_are_sorted() -> None:
    words = {"verilmesine": 2, "davacının": 1, "kararı": 7}
    found = segment_words(words)
    assert list(found) == sorted(found)
    assert {word.replace(BOUNDARY, ""): count for word, count in found.items()} == words
    assert segment_words(dict(reversed(words.items()))) == found


def test_words_that_were_segmented_before_are_added_up() -> None:
    assert segment_words({"kararı": 1, f"karar{BOUNDARY}ı": 2}) == {f"karar{BOUNDARY}ı": 3}


def test_text() -> None:
    assert segment_text("Davacının itirazlarının reddine, E. 2019/12.", between=" ##") == (
        "Davacı ##nın itiraz ##lar ##ı ##nın redd ##i ##ne, E. 2019/12."
    )


def test_an_unknown_analyser_is_named() -> None:
    with pytest.raises(ConfigError, match="akana"):
        segment_words({"karar": 1}, analyser="zemberek.v1")
