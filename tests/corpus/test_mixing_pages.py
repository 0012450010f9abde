from collections.abc import Iterable

import pytest

from mecelle.base.document import Document, make_document
from mecelle.corpus.mixing.pages import PageMerge, PageMerger


def page(thesis: str | None, number: object, text: str = "") -> Document:
    words = text or f"{thesis} tezinin {number} numaralı sayfasında anlatılan konu budur."
    return make_document(words, kind="thesis", source=f"{thesis}#{number}", source_id=thesis, page=number)


def merge(documents: Iterable[Document], **settings: int | bool) -> tuple[list[Document], PageMerger]:
    merger = PageMerger(PageMerge(**settings))  # type: ignore[arg-type]
    merged = list(merger.merge(documents))
    merger.accounts.check()
    return merged, merger


def test_pages_are_merged_in_order() -> None:
    pages = [page("a", number) for number in (3, 1, 2)]
    merged, merger = merge(pages)
    assert [one.text for one in merged] == ["\n".join(pages[at].text for at in (1, 2, 0))]
    assert merged[0].metadata["page_ids"] == [pages[at].id for at in (1, 2, 0)]
    assert (merged[0].metadata["first_page"], merged[0].metadata["last_page"]) == (1, 3)
    assert "page" not in merged[0].metadata
    assert merged[0].metadata["source_id"] == "a"
    assert merger.accounts.model_dump() == {
        "unit": "documents", "seen": 3, "kept": 1, "dropped": {"merged_page": 2}, "failed": {},
    }  # fmt: skip
    assert merger.figures["out_of_order"] == 2


def test_a_gap_parts_samples_and_is_counted() -> None:
    merged, merger = merge([page("a", number) for number in (1, 2, 5, 6, 8)])
    assert [(one.metadata["first_page"], one.metadata["last_page"]) for one in merged] == [(1, 2), (5, 6), (8, 8)]
    assert (merger.figures["gaps"], merger.figures["missing_pages"], merger.figures["samples"]) == (2, 3, 3)


def test_theses_may_be_mixed_and_other_documents_pass() -> None:
    other = make_document("Karar.", kind="decision", source="x", source_id="d")
    unread = page("c", "iii")
    merged, merger = merge([page("a", 1), other, page("b", "7"), page("a", 2), unread, page("b", 8), page(None, 3)])
    assert [one.id for one in merged[:2]] == [other.id, unread.id]
    assert sorted(one.metadata["last_page"] for one in merged if "last_page" in one.metadata) == [2, 8]
    assert merger.accounts.kept == 5


def test_page_numbers_of_a_table_with_gaps_are_numbers() -> None:
    merged, _ = merge([page("a", 1.0), page("a", 2.0), page("b", 1.5), page("c", float("nan"))])
    assert [one.metadata.get("last_page") for one in merged] == [None, None, 2]


def test_a_repeated_page_is_dropped() -> None:
    merged, merger = merge([page("a", 1), page("a", 2), page("a", 2, "Başka metin.")])
    assert merger.accounts.dropped == {"repeated_page": 1, "merged_page": 1}
    assert "Başka" not in merged[0].text


def test_samples_have_a_longest_length() -> None:
    pages = [page("a", number, f"{number}. sayfa " + "kelime " * 20) for number in range(1, 8)]
    merged, merger = merge([*pages, page("a", 8, "uzun " * 200)], longest_characters=400)
    assert all(len(one.text) <= 400 for one in merged[:-1])
    assert [word for one in merged for word in one.text.split()] == [
        word for one in (*pages, page("a", 8, "uzun " * 200)) for word in one.text.split()
    ]
    assert merger.figures["long_pages"] == 1
    assert [one.metadata["first_page"] for one in merged] == [1, 3, 5, 7, 8]


def test_memory_is_bounded_and_a_late_page_is_counted() -> None:
    merged, merger = merge([page("a", 1), page("b", 1), page("c", 1), page("a", 2)], open_documents=2)
    assert len(merged) == 4
    assert merger.figures["reopened"] == 1


def test_pages_are_mended_where_they_meet() -> None:
    pages = [
        page("a", 11, "ANKARA ÜNİVERSİTESİ TEZİ 11\nBu bölümde mahke-"),
        page("a", 12, "ANKARA ÜNİVERSİTESİ TEZİ 12\nmelerin görevi anlatılır."),
    ]
    assert merge(pages)[0][0].text == "ANKARA ÜNİVERSİTESİ TEZİ 11\nBu bölümde mahkemelerin\ngörevi anlatılır."
    assert "mahke-\nANKARA" in merge(pages, repair=False)[0][0].text


def test_same_input_same_samples() -> None:
    pages = [page("a", number) for number in (1, 2, 4)]
    assert [(one.id, one.text) for one in merge(pages)[0]] == [(one.id, one.text) for one in merge(pages)[0]]


@pytest.mark.parametrize("value", [True, "x", None, 1.5, "²"])
def test_what_is_no_page_number(value: object) -> None:
    assert merge([page("a", value)])[1].figures["pages"] == 0
