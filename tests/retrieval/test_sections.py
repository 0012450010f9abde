import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from mecelle.base.document import Document, make_document
from mecelle.base.errors import InputError
from mecelle.retrieval.config import IndexConfig
from mecelle.retrieval.cutting import Cutter
from mecelle.retrieval.index import build
from mecelle.retrieval.search import Filters, Searcher
from mecelle.retrieval.sections import SectionsOfFile, SectionSpan, checked

PARTS = [
    ("claim", "Davacı vekili tahliye istemiştir."),
    (None, "\n\n"),
    ("reasoning", "Kira bedeli ödenmemiştir. " * 12),
    ("dissent", "Karşı oy: tahliye koşulları yoktur."),
]
TEXT = "".join(text for _, text in PARTS)


def spans_of(text: str) -> tuple[SectionSpan, ...]:
    return tuple(SectionSpan(label, text.index(part), text.index(part) + len(part)) for label, part in PARTS if label)


class Known:
    """Knows the sections of TEXT; counts how many documents it is asked for."""

    def __init__(self, fingerprint: str = "one") -> None:
        self.fingerprint, self.asked = fingerprint, 0

    def read(self, documents: Sequence[Document]) -> list[tuple[SectionSpan, ...]]:
        self.asked += len(documents)
        return [spans_of(one.text) if one.text == TEXT else () for one in documents]


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    rows = [
        {"id": "a", "kind": "decision", "court": "Yargıtay", "text": TEXT},
        {"id": "b", "kind": "decision", "court": "Yargıtay", "text": "Kira davasıdır."},
    ]
    path = tmp_path / "kararlar.jsonl"
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


def test_no_passage_crosses_a_section_and_no_word_is_lost():
    document = make_document(TEXT, kind="decision", source="a")
    config = IndexConfig(passage_words=20, overlap_words=4)
    [cut] = Cutter(config, Known()).cut([document])
    spans = {one.label: one for one in cut.sections}
    assert {piece.section for piece in cut.pieces} == {"claim", "reasoning", "dissent"}
    for piece in cut.pieces:
        assert piece.text == TEXT[piece.start : piece.end]
        assert spans[piece.section].start <= piece.start < piece.end <= spans[piece.section].end
    covered = {at for piece in cut.pieces for at in range(piece.start, piece.end)}
    assert all(at in covered or character.isspace() for at, character in enumerate(TEXT))


def test_what_lies_between_sections_is_kept_without_a_label():
    document = make_document("Önce. Sonra.", kind="decision", source="a")

    class Second(Known):
        def read(self, documents: Sequence[Document]) -> list[tuple[SectionSpan, ...]]:
            return [(SectionSpan("ruling", 6, 12),)]

    [cut] = Cutter(IndexConfig(), Second()).cut([document])
    assert [(piece.text, piece.section) for piece in cut.pieces] == [("Önce.", None), ("Sonra.", "ruling")]


def test_fixed_cutting_knows_neither_sections_nor_articles():
    act = "Madde 1- Amaç budur.\n\nMadde 2- Kapsam şudur."
    documents = [make_document(TEXT, kind="decision", source="a"), make_document(act, kind="statute", source="b")]
    cut = list(Cutter(IndexConfig(cutting="fixed"), Known()).cut(documents))
    assert [len(one.pieces) for one in cut] == [1, 1]
    assert cut[1].pieces[0].article is None
    assert [len(one.pieces) for one in Cutter(IndexConfig(), Known()).cut(documents)] == [3, 2]


@pytest.mark.parametrize("mode", ["bm25", "dense", "hybrid"])
def test_a_search_in_one_section_finds_its_passages_alone(sources, tmp_path, encoder, mode):
    build(sources, tmp_path / "index", model=encoder, sections=Known(), workers=1)
    with Searcher(tmp_path / "index", encoder=encoder) as searcher:
        [hit] = searcher.search("tahliye kira", mode=mode, filters=Filters(sections=("dissent",)))
        assert (hit.section, hit.passage) == ("dissent", PARTS[3][1])
        best = searcher.search("tahliye", mode=mode)[0]
        assert best.section in ("claim", "dissent")
        assert {best.section, *(other.section for other in best.others)} >= {"claim", "dissent"}


def test_another_sectioner_cuts_all_anew_and_the_same_one_is_not_asked_again(sources, tmp_path, encoder):
    first = Known()
    build(sources, tmp_path / "index", model=encoder, sections=first, workers=1)
    build(sources, tmp_path / "index", model=encoder, sections=first, workers=1)
    assert first.asked == 2
    build(sources, tmp_path / "index", model=encoder, sections=(second := Known("two")), workers=1)
    assert second.asked == 2


def test_sections_of_a_file_are_known_by_id(tmp_path):
    document = make_document(TEXT, kind="decision", source="a")
    rows = [{"label": one.label, "start": one.start, "end": one.end, "confidence": 0.9} for one in spans_of(TEXT)]
    path = tmp_path / "sections.jsonl"
    path.write_text(json.dumps({"id": document.id, "text": TEXT, "sections": rows}) + "\n", encoding="utf-8")
    other = make_document("Başka.", kind="decision", source="b")
    assert SectionsOfFile(path).read([document, other]) == [spans_of(TEXT), ()]
    path.write_text('{"id": "x", "sections": [{"label": "claim", "start": 5, "end": 5}]}\n', encoding="utf-8")
    with pytest.raises(InputError, match=r"sections.jsonl:1: .*empty or overlaps"):
        SectionsOfFile(path)


def test_spans_are_sorted_and_checked():
    assert checked([SectionSpan("ruling", 4, 9), SectionSpan("claim", 0, 4)])[0].label == "claim"
    with pytest.raises(InputError, match="unknown"):
        checked([SectionSpan("gerekçe", 0, 4)])
    with pytest.raises(InputError, match="overlaps"):
        checked([SectionSpan("claim", 0, 4), SectionSpan("ruling", 3, 9)])
