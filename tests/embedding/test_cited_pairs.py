"""Pairs that look beyond their document, questions made by rule, answers."""

from pathlib import Path

import pytest

from mecelle.base.collection import write_documents
from mecelle.base.document import Document, make_document
from mecelle.embedding.pairs.build import PairsConfig, build_pairs
from mecelle.embedding.pairs.kinds.article_question import _questions, forms
from mecelle.embedding.pairs.record import Pair, read_pairs

ARTICLE = make_document(
    "MADDE 49 - Kusurlu ve hukuka aykırı bir fiille başkasına zarar veren, bu zararı gidermekle yükümlüdür.",
    kind="article", source="a#1", law_number="6098", article="49", heading="Sorumluluk", source_id="6098:m49",
)  # fmt: skip
REPEALED = make_document(
    "MADDE 50 - Eski hüküm burada durur ve artık uygulanmaz.", kind="article", source="a#2", law_number="6098",
    article="50", source_id="6098:m50", repealed=True,
)  # fmt: skip
ANSWER = "Zarar veren, Türk Borçlar Kanunu'nun 49. maddesi uyarınca bu zararı öder."
QUESTION = make_document(ANSWER, kind="question", source="q#1", question="Komşum camımı kırdı, kim öder?")
GOLD = make_document(
    "Zarar giderilir.", kind="question", source="q#2", question="Cam kırılınca ne olur?", citations=["TBK m.49"]
)
DECISION = make_document(
    "Dava tazminat istemidir. Davalının kusurlu davranışı ile davacıya zarar verdiği dosyadan anlaşıldığından 6098 "
    "sayılı Türk Borçlar Kanunu'nun 49. maddesi gereğince tazminat ödemesi gerekir. TBK 49 ve 50. maddeleri uygulanır.",
    kind="decision", source="d#1", date="2020-01-01",
)  # fmt: skip


def built(
    folder: Path, *kinds: str, documents: tuple[Document, ...] = (ARTICLE, REPEALED, QUESTION, GOLD, DECISION)
) -> list[Pair]:
    write_documents(documents, folder / "training")
    config = PairsConfig(kinds=kinds, held_out_pairs=0)
    build_pairs(folder / "training", folder / "pairs", config, seed=1)
    return list(read_pairs(folder / "pairs"))


def test_question_to_answer(tmp_path: Path) -> None:
    pairs = built(tmp_path, "question_answer.v1", documents=(QUESTION, ARTICLE))
    assert [(pair.query, pair.document) for pair in pairs] == [("Komşum camımı kırdı, kim öder?", ANSWER)]


def test_question_to_the_article_that_its_answer_cites(tmp_path: Path) -> None:
    pairs = built(tmp_path, "question_cited_article.v1")
    assert {(pair.query, pair.document) for pair in pairs} == {
        ("Komşum camımı kırdı, kim öder?", ARTICLE.text),
        ("Cam kırılınca ne olur?", ARTICLE.text),
    }
    assert {pair.document_id for pair in pairs} == {ARTICLE.id}
    assert {pair.query_id for pair in pairs} == {QUESTION.id, GOLD.id}


def test_sentence_of_a_decision_to_the_article_without_the_citation(tmp_path: Path) -> None:
    [pair] = built(tmp_path, "decision_cited_article.v1")
    assert pair.document == ARTICLE.text
    assert pair.query.startswith("Davalının kusurlu davranışı")
    assert "49" not in pair.query
    assert "6098" not in pair.query
    assert (pair.query_id, pair.document_id) == (DECISION.id, ARTICLE.id)


def test_question_by_rule_from_a_heading(tmp_path: Path) -> None:
    [pair] = built(tmp_path, "article_question.v1", documents=(ARTICLE, DECISION))
    assert pair.query in {"sorumluluk ne zaman doğar?", "sorumluluk nedir?", "sorumluluk hangi hallerde istenebilir?"}


@pytest.mark.parametrize(
    ("heading", "question"),
    [
        ("Zamanaşımı Süresi", "{heading} ne kadardır?"),
        ("Evlenmenin şartları", "{heading} nelerdir?"),
        ("Kefalet", "{heading} nedir?"),
    ],
)
def test_form_follows_the_last_word(heading: str, question: str) -> None:
    assert question in _questions(heading)
    assert [form for form in forms() if not form.ends] == [forms()[-1]]


def test_articles_that_everybody_cites_do_not_drown_the_rest(tmp_path: Path) -> None:
    decisions = tuple(
        make_document(
            DECISION.text.replace("tazminat istemidir", f"{n}. istemdir").replace("davacıya", f"{n}. davacıya"),
            kind="decision",
            source=f"d#{n}",
        )
        for n in range(6)
    )
    write_documents((ARTICLE, *decisions), tmp_path / "training")
    config = PairsConfig(kinds=("decision_cited_article.v1",), most_queries_per_document=2, held_out_pairs=0)
    build_pairs(tmp_path / "training", tmp_path / "pairs", config, seed=1)
    assert len(list(read_pairs(tmp_path / "pairs"))) == 2
