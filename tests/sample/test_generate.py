import dataclasses
import unicodedata
from collections import Counter

import pytest
from stdnum import iban, luhn
from stdnum.tr import tckimlik, vkn

from mecelle.base.errors import ConfigError
from mecelle.sample import SECTION_LABELS, Sample, SampleSize, generate, jaccard
from mecelle.sample.records import Contract, Decision
from mecelle.text.acts import article_keys, split_articles

CHECKS = {
    "tckn": tckimlik.is_valid,
    "vkn": vkn.is_valid,
    "iban": lambda text: iban.is_valid(text, check_country=False),
    "card": luhn.is_valid,
}


def carriers(sample: Sample) -> list[Decision | Contract]:
    return [*sample.decisions, *sample.contracts]


def by_id(sample: Sample) -> dict[str, Decision]:
    return {decision.id: decision for decision in sample.decisions}


def test_same_seed_same_sample_other_seed_other_sample(sample: Sample) -> None:
    assert generate(seed=sample.seed, size=sample.size) == sample
    assert generate(seed=sample.seed + 1, size=sample.size).decisions[0].text != sample.decisions[0].text


def test_the_size_is_kept(sample: Sample) -> None:
    size = SampleSize.tiny()
    assert len(sample.decisions) == size.num_decisions == 60
    assert len(sample.acts) == size.num_acts
    assert len(sample.contracts) == size.num_contracts
    assert len(sample.questions) == size.num_questions
    assert len(sample.terms) == size.num_terms == len({term.term for term in sample.terms})
    ids = [document.id for document in (*sample.decisions, *sample.acts, *sample.contracts, *sample.terms)]
    assert len(ids) == len(set(ids))


def test_texts_are_nfc_and_without_leftovers(sample: Sample) -> None:
    pages = (*sample.acts, *carriers(sample), *sample.foreign, *sample.junk)
    for document in pages:
        assert unicodedata.is_normalized("NFC", document.text), document.id
        assert not any("\ue000" <= letter <= "\uf8ff" for letter in document.text), document.id
    for document in (*sample.acts, *carriers(sample)):
        assert not set("{}[|") & set(document.text), document.id


def test_sections_cover_the_text_in_order(sample: Sample) -> None:
    seen: Counter[str] = Counter()
    for decision in sample.decisions:
        end = 0
        for span in decision.sections:
            assert span.label in SECTION_LABELS
            assert decision.text[end : span.start].strip() == ""
            assert decision.text[span.start : span.end].strip()
            end = span.end
            seen[span.label] += 1
        if decision.sections:
            assert end == len(decision.text)
    assert set(seen) == set(SECTION_LABELS)
    assert 0 < seen["dissent"] < len(sample.decisions) / 2


def test_citations_point_to_articles_that_exist(sample: Sample) -> None:
    articles = {article.id for article in sample.articles}
    checked = 0
    for decision in sample.decisions:
        for citation in decision.citations:
            law, _, number = citation.article.partition(":m")
            phrase = decision.text[citation.start : citation.end]
            assert citation.article in articles
            assert phrase.startswith(law)
            assert number in phrase
            assert phrase.endswith("maddesi")
            checked += 1
    assert checked > len(sample.decisions)


def test_identifiers_stand_where_they_are_said_to_and_pass_their_check(sample: Sample) -> None:
    valid: Counter[str] = Counter()
    look_alikes: Counter[str] = Counter()
    for document in carriers(sample):
        for found in document.identifiers:
            assert document.text[found.start : found.end] == found.text
            if found.kind in CHECKS:
                assert CHECKS[found.kind](found.text.replace(" ", "").replace("-", "")) is found.valid, found
            (valid if found.valid else look_alikes)[found.kind] += 1
    assert {"tckn", "vkn", "iban", "phone", "email"} <= set(valid)
    assert look_alikes


def test_exact_copies_share_their_text_and_nothing_else_does(sample: Sample) -> None:
    texts = Counter(decision.text for decision in sample.decisions)
    decisions = by_id(sample)
    for group in sample.duplicates.exact:
        assert len({decisions[identity].text for identity in group}) == 1
    assert sum(count for count in texts.values() if count > 1) == sum(len(group) for group in sample.duplicates.exact)


def test_near_copies_are_near_and_not_equal(sample: Sample) -> None:
    decisions = by_id(sample)
    for group in sample.duplicates.near:
        texts = [decisions[identity].text for identity in group]
        assert len(set(texts)) == len(texts) > 1
        for left in texts:
            assert all(jaccard(left, right) >= 0.9 for right in texts)
            # Only letters were misread: a copy that differs in a digit would be another decision.
            assert "".join(filter(str.isdigit, left.replace("1", ""))) == "".join(
                filter(str.isdigit, texts[0].replace("1", ""))
            )


def test_twins_differ_in_their_numbers(sample: Sample) -> None:
    decisions = by_id(sample)
    assert len(sample.duplicates.distinct_pairs) == sample.size.num_twins
    for left, right in sample.duplicates.distinct_pairs:
        first, second = decisions[left], decisions[right]
        assert first.case_number != second.case_number
        assert first.text != second.text
        assert len(first.text) == len(second.text)


def test_unrelated_decisions_are_far_apart(sample: Sample) -> None:
    tied = {identity for group in (*sample.duplicates.exact, *sample.duplicates.near, *sample.duplicates.distinct_pairs)
            for identity in group}  # fmt: skip
    free = [decision for decision in sample.decisions if decision.id not in tied and decision.sections]
    assert max(jaccard(a.text, b.text) for at, a in enumerate(free) for b in free[:at]) < 0.7


def test_damaged_texts_keep_their_clean_text(sample: Sample) -> None:
    decisions = by_id(sample)
    assert len(sample.damaged) == sample.size.num_damaged
    for damage in sample.damaged:
        assert damage.kinds
        assert decisions[damage.id].text != damage.clean
        assert damage.clean == decisions[damage.id.removesuffix("-ocr")].text


def test_questions_have_gold_articles_and_articles_stand_in_their_act(sample: Sample) -> None:
    articles = {article.id: article for article in sample.articles}
    assert all(set(question.gold) <= set(articles) and question.gold for question in sample.questions)
    for act in sample.acts:
        for article in act.articles:
            label = "Geçici Madde 1" if article.number.startswith("Geçici") else f"MADDE {article.number}"
            assert f"\n{article.heading}\n{label} – {article.text}" in act.text


@pytest.mark.parametrize("wrong", [{"num_acts": 41}, {"num_acts": 0}, {"num_decisions": 10}])
def test_impossible_sizes_are_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(ConfigError, match=str(next(iter(wrong.values())))):
        generate(seed=1, size=dataclasses.replace(SampleSize.tiny(), **wrong))


def test_the_text_floor_splits_the_acts_as_planted(sample: Sample) -> None:
    for act in sample.acts:
        found = split_articles(act.text)
        assert [f"{act.law_number}:{key}" for key in article_keys(found)] == [article.id for article in act.articles]
        assert [article.heading for article in found] == [article.heading for article in act.articles]


def test_near_copies_stay_distinct_over_many_seeds() -> None:
    """A short source once gave a copy without any change."""
    for seed in range(5):
        made = generate(seed=seed, size=SampleSize.tiny())
        decisions = by_id(made)
        assert all(len({decisions[identity].text for identity in group}) == 3 for group in made.duplicates.near)
