"""The sample is neither trivial nor noise: bag-of-words baselines stay between the bounds.

Measured 2026-11-21 at seed 7, demo size (1,200 original decisions, 823 articles, 300 questions): sections macro F1 .84,
subject accuracy .77 to .80, chamber accuracy .64, BM25 with Turkish stemming nDCG@10 .57 (.63 with the act's title).
"""

import dataclasses
from collections.abc import Iterator, Sequence

import bm25s
import numpy as np
import pytest
import Stemmer
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, f1_score

from mecelle.sample import Sample, SampleSize, generate
from mecelle.sample.records import Decision

LEAST, MOST = 0.5, 0.9
LEAST_WORDS = 4


@pytest.fixture(scope="module")
def collection() -> Sample:
    size = dataclasses.replace(
        SampleSize.demo(), num_decisions=700, num_exact_groups=0, num_near_groups=0, num_twins=0, num_damaged=0
    )
    return generate(seed=7, size=size)


def paragraphs(decision: Decision) -> Iterator[tuple[str, str]]:
    for span in decision.sections:
        for line in decision.text[span.start : span.end].split("\n"):
            if len(line.split()) >= LEAST_WORDS:
                yield line, span.label


def body(decision: Decision) -> str:
    """The decision without its header, which names subject and chamber."""
    header = next(span for span in decision.sections if span.label == "header")
    return decision.text[header.end :]


def predict(train: Sequence[tuple[str, str]], test: Sequence[tuple[str, str]]) -> tuple[list[str], list[str]]:
    """Gold and predicted labels of `test`, by TF-IDF of words and word pairs with logistic regression."""
    vectors = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, min_df=2)
    model = LogisticRegression(C=10, max_iter=200)
    model.fit(vectors.fit_transform([text for text, _ in train]), [label for _, label in train])
    return [label for _, label in test], list(model.predict(vectors.transform([text for text, _ in test])))


def split(decisions: Sequence[Decision]) -> tuple[Sequence[Decision], Sequence[Decision]]:
    cut = len(decisions) * 7 // 10
    return decisions[:cut], decisions[cut:]


def test_sections_of_single_paragraphs(collection: Sample) -> None:
    train, test = split(collection.decisions)
    gold, found = predict([p for d in train for p in paragraphs(d)], [p for d in test for p in paragraphs(d)])
    assert LEAST < f1_score(gold, found, average="macro") < MOST


def test_subject_of_a_decision(collection: Sample) -> None:
    train, test = split(collection.decisions)
    gold, found = predict([(body(d), d.subject) for d in train], [(body(d), d.subject) for d in test])
    assert LEAST < accuracy_score(gold, found) < MOST


def test_chamber_of_a_decision(collection: Sample) -> None:
    """Chambers exchanged work over the years and share subjects: far above chance, below the subject."""
    high_courts = [decision for decision in collection.decisions if "Bölge" not in decision.court]
    train, test = split(high_courts)
    labels = [[(body(d), f"{d.court} {d.chamber}") for d in part] for part in (train, test)]
    gold, found = predict(*labels)
    assert 0.35 < accuracy_score(gold, found) < MOST


def test_retrieval_of_articles_by_citizens_questions(collection: Sample) -> None:
    stemmer = Stemmer.Stemmer("turkish")
    titles = {act.law_number: act.title for act in collection.acts}
    ids = [article.id for article in collection.articles]
    texts = [f"{titles[a.id.partition(':')[0]]} {a.heading} {a.text}" for a in collection.articles]
    index = bm25s.BM25()
    index.index(bm25s.tokenize(texts, stemmer=stemmer, stopwords=[], show_progress=False), show_progress=False)
    queries = [question.query for question in collection.questions]
    tokens = bm25s.tokenize(queries, stemmer=stemmer, stopwords=[], show_progress=False)
    ranked, _ = index.retrieve(tokens, k=10, show_progress=False)
    scores = []
    for question, places in zip(collection.questions, ranked, strict=True):
        gains = [1 / np.log2(rank + 2) for rank, place in enumerate(places) if ids[place] in question.gold]
        scores.append(sum(gains) / sum(1 / np.log2(rank + 2) for rank in range(min(10, len(question.gold)))))
    assert LEAST < float(np.mean(scores)) < MOST
