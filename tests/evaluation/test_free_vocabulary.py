"""The shipped sentences, and the rank of the wanted word."""

import pytest

from mecelle.base.errors import InputError
from mecelle.evaluation.tasks import free_vocabulary as task
from mecelle.evaluation.tasks.free_vocabulary import Completion, Prompt

PROMPT = Prompt("estate", "miras", "Geride kalana [MASK] denir.", ("tereke", "İRAT"))


@pytest.mark.parametrize(
    ("words", "rank"), [(["miras", "Tereke"], 2), (["irat"], 1), (["terek", "##tereke"], None), ([], None)]
)
def test_rank_of_the_first_wanted_word(words, rank):
    assert Completion(PROMPT, tuple((word, 0.1) for word in words)).rank == rank


def test_shares():
    found = task.outcome(
        [Completion(PROMPT, (("tereke", 0.9),)), Completion(Prompt("x", "", "", ("a",)), (("b", 1.0),))]
    )
    assert found.scores == {"wanted_first": 0.5, "wanted_top5": 0.5}
    assert (found.ids, found.values) == (("estate", "x"), (1.0, 0.0))


def test_the_shipped_sentences():
    prompts = task.read_prompts()
    assert len(prompts) == len({one.id for one in prompts}) == 12
    assert all(one.sentence.count("[MASK]") == 1 and one.wanted for one in prompts)
    # A word that already stands in the sentence would be no proof of knowledge.
    assert all(word not in one.sentence for one in prompts for word in one.wanted)


def test_sentences_of_ones_own(write_rows):
    path = write_rows("p.jsonl", [{"id": "x", "sentence": "bu [MASK].", "wanted": ["dava"]}])
    assert task.read_prompts(path) == [Prompt("x", "", "bu [MASK].", ("dava",))]
    with pytest.raises(InputError, match=r"p.jsonl:1: expected id"):
        task.read_prompts(write_rows("p.jsonl", [{"id": "x", "sentence": "bu.", "wanted": ["dava"]}]))
