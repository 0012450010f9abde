from concurrent.futures import ThreadPoolExecutor

import pytest

from mecelle.base.errors import ConfigError
from mecelle.text.casing import lower
from mecelle.text.stemming import content_words, prefix, search_terms, stems, stop_words
from mecelle.text.tables import table


def test_stems_join_inflected_forms_whatever_their_case() -> None:
    assert stems(["MAHKEMENİN", "mahkemesince", "Mahkemeler"]) == ["mahkeme"] * 3
    assert stems(["IĞDIR"]) == stems(["ığdır"])


def test_numbers_are_never_cut() -> None:
    assert stems(["2019/1234", "2020lerde"]) == ["2019/1234", "2020lerde"]
    assert prefix(["2019/1234", "kiracılar"]) == ["2019/1234", "kirac"]


def test_prefix_length() -> None:
    assert prefix(["İŞÇİLER", "dava"], n=3) == ["işç", "dav"]
    with pytest.raises(ConfigError, match="is 0"):
        prefix(["dava"], n=0)


def test_content_words_drop_function_words_and_suffixes() -> None:
    assert content_words("Kiracı, TBK'nın 315. maddesine göre BU durumda ne yapar?") == [
        "kiracı",
        "tbk",
        "315",
        "maddesine",
        "durumda",
        "yapar",
    ]


@pytest.mark.parametrize(
    ("method", "expected"),
    [("snowball", ["mahkeme", "karar", "2019/1"]), ("first5", ["mahke", "karar", "2019/1"])],
)
def test_search_terms(method: str, expected: list[str]) -> None:
    assert search_terms("Mahkemenin 'KARARI' ile 2019/1", method=method) != []  # type: ignore[arg-type]
    assert search_terms("Mahkemenin kararı ve 2019/1", method=method) == expected  # type: ignore[arg-type]


def test_unknown_method_is_refused() -> None:
    with pytest.raises(ConfigError, match="'lemma' is unknown; use 'snowball'"):
        search_terms("dava", method="lemma")  # type: ignore[arg-type]


def test_stems_are_the_same_in_every_thread() -> None:
    forms = ["davacının", "kiracıya", "mahkemesince", "sözleşmeler"] * 200
    with ThreadPoolExecutor(4) as pool:
        assert all(result == stems(forms) for result in pool.map(stems, [forms] * 16))


def test_stop_list_is_lower_case_without_repeats_and_keeps_negation() -> None:
    entries = table("stop_words")
    assert len(entries) == len(set(entries)) == len(stop_words())
    assert all(entry == lower(entry) for entry in entries)
    assert not {"değil", "yok"} & stop_words()
