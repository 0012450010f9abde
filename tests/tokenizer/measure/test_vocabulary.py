import pytest

from mecelle.base.errors import ConfigError
from mecelle.tokenizer.measure.vocabulary import TokenCounts, is_pure, is_turkish, score_vocabulary

PURE = ["karar", "Karar", "KARAR", "çalış", "ıyor", "lar", "ndan", "hâkim", "ve", "o", "Ankara", "istinaf", "davacı"]
INFLECTED = ["kararı", "Kararlar", "çalışıyor", "edilmiştir", "Ankarada", "mahkemenin"]
NEITHER = ["şı", "tih", "ların", "kr", "merk", "ankara", "2019", "(", "BÖ", "LGE", "", "the", "şt"]


@pytest.mark.parametrize("token", PURE)
def test_pure_tokens(token: str) -> None:
    assert is_turkish(token)
    assert is_pure(token)


@pytest.mark.parametrize("token", INFLECTED)
def test_inflected_words_are_turkish_and_not_pure(token: str) -> None:
    assert is_turkish(token)
    assert not is_pure(token)


@pytest.mark.parametrize("token", NEITHER)
def test_fragments_are_neither(token: str) -> None:
    assert not is_turkish(token)
    assert not is_pure(token)


def test_the_example_of_mecellem_and_where_tokens_alone_say_more() -> None:
    assert all(map(is_pure, ["çalış", "ıyor", "lar"]))
    # The paper sees one pure token here, "lar", by its place in the word; alone, three of the others are suffixes, too.
    assert [token for token in ("ça", "lı", "şı", "yor", "lar") if is_pure(token)] == ["ça", "lı", "yor", "lar"]


def test_counts() -> None:
    entries = ["karar", " karar", "kararı", "lar", "tih", "2019", None, "  "]
    found = score_vocabulary(entries, {" karar": 3, "karar": 1, "tih": 4, "kararı": 2, "lar": 0})
    assert found.vocabulary == TokenCounts(unique=5, turkish=3, pure=2)
    assert found.used == TokenCounts(unique=3, turkish=2, pure=1)
    assert (found.turkish_share, found.pure_share) == (0.6, 0.4)


def test_a_text_without_tokens_has_no_share() -> None:
    assert score_vocabulary(["karar"], {}).turkish_share == 0


def test_an_unknown_analyser_is_named() -> None:
    with pytest.raises(ConfigError, match="akana"):
        score_vocabulary(["karar"], {}, analyser="akana.v9")
