import json

import pytest

from mecelle.base.errors import InputError
from mecelle.retrieval.index import build
from mecelle.retrieval.search import Searcher
from mecelle.retrieval.sections import SectionSpan

TEXT = (
    "Davacı, TBK'nın 315. maddesine ve Yargıtay 3. HD, E. 2023/100, K. 2023/200 sayılı kararına dayanmıştır. HMK m. 1."
)


@pytest.fixture
def searcher(collection, tmp_path, encoder):
    row = {"id": "yeni", "kind": "decision", "court": "Yargıtay", "chamber": "3. Hukuk Dairesi", "text": TEXT}
    (collection / "z.jsonl").write_text(json.dumps(row, ensure_ascii=False) + "\n", encoding="utf-8")

    class Whole:
        fingerprint = "whole"

        def read(self, documents):
            return [(SectionSpan("reasoning", 0, len(one.text)),) for one in documents]

    build(collection, tmp_path / "index", model=encoder, sections=Whole(), workers=1)
    with Searcher(tmp_path / "index", encoder=encoder) as opened:
        yield opened


def identity(searcher, source_id):
    return next(hit.document_id for hit in searcher.search("davacı kira işçi", k=50) if hit.source_id == source_id)


def test_a_document_is_given_whole_with_sections_and_what_it_cites(searcher):
    found = searcher.document(identity(searcher, "yeni"))
    assert found.text == TEXT
    assert found.sections == (SectionSpan("reasoning", 0, len(TEXT)),)
    cited = {(one.key, one.kind): one for one in found.citations}
    assert cited["6098:m315", "article"].is_held
    assert cited["yargıtay:3hd:e2023/100:k2023/200", "decision"].is_held
    assert not cited["6100:m1", "article"].is_held
    place = cited["6098:m315", "article"]
    assert TEXT[place.start : place.end].startswith("TBK'nın 315")
    assert searcher.document("decision-0") is None


def test_decisions_are_found_by_the_keys_of_their_citations(searcher):
    def sources(key):
        return [searcher.document(one).metadata["source_id"] for one in searcher.decisions(key)]

    assert sources("yargıtay:4hd:e2024/3494:k2024/5460") == ["karar-2024/5460"]
    assert sources("yargıtay:4hd:e2024/3494") == ["karar-2024/5460"]
    assert sources("yargıtay:4hd:e2024/3494:k2024/5461") == []
    assert sources("yargıtay:5hd:e2024/3494") == []
    assert sorted(sources("?:e2024/3494")) == ["karar-2024/5460", "karar-2024/7001"]
    assert searcher.decisions("6098:m49") == []
    assert len(searcher.acts("6098")) == 1
    assert searcher.acts("1") == []


def test_similar_documents_leave_the_document_itself_out(searcher):
    asked = identity(searcher, "karar-2023/200")
    found = searcher.similar(asked, k=3)
    assert len(found) == 3
    assert asked not in {hit.document_id for hit in found}
    assert found[0].citation == "6098 sayılı Kanun m. 315"  # the tenant who does not pay
    with pytest.raises(InputError, match="no document of this id"):
        searcher.similar("decision-0")


def test_without_vectors_similar_documents_share_telling_words(collection, tmp_path):
    build(collection, tmp_path / "words", workers=1)
    with Searcher(tmp_path / "words") as searcher:
        asked = identity(searcher, "karar-2023/200")
        assert searcher.similar(asked, k=1)[0].citation == "6098 sayılı Kanun m. 315"
        telling = searcher.bm25.telling("Kiracı kira bedelini tahliye tahliye", 2)
        assert telling[0].startswith("tahli")
