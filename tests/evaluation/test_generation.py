"""The generation benchmark: the same text and the same room for both models, and paired differences."""

from pathlib import Path
from typing import Any

import orjson
import pytest
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import PreTrainedTokenizerFast

from mecelle.base.errors import InputError
from mecelle.evaluation.generation import Case, cases_of, first_tokens, read_questions, table
from mecelle.reward.model import Judgement
from mecelle.reward.objectives import OBJECTIVES

REFERENCE = "Zarar veren bu zararı gidermekle yükümlüdür."


@pytest.fixture(scope="module")
def words() -> Any:
    """A tokenizer whose tokens are words and marks."""
    tokenizer = Tokenizer(models.WordLevel({"[UNK]": 0}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, unk_token="[UNK]")


def test_contexts_are_cut_where_tokens_end(words: Any) -> None:
    assert first_tokens(REFERENCE, words, 2) == "Zarar veren"
    assert first_tokens(REFERENCE, words, 100) == REFERENCE
    assert first_tokens("", words, 5) == ""
    cases = list(cases_of([("Soru?", REFERENCE), ("Başka?", "Evet.")], words, (1, 3)))
    assert [(case.context, case.partial) for case in cases] == [
        (1, "Zarar"),
        (1, "Evet"),
        (3, "Zarar veren bu"),
        (3, "Evet."),
    ]
    assert cases[0].prompt == "Soru: Soru?\nCevap: Zarar"
    assert cases[0].reference == REFERENCE


def judgement(value: float) -> Judgement:
    rewards = dict.fromkeys(OBJECTIVES, value)
    return Judgement(score=value, rewards=rewards, transformed=rewards, gating=rewards, words=1, truncated=False)


def test_differences_are_paired() -> None:
    cases = [Case(f"q{number}", "", 5) for number in range(6)]
    base = [judgement(0.1 * number) for number in range(6)]
    adapted = [judgement(0.1 * number + 0.05) for number in range(6)]
    rows = table(cases, reference=[judgement(0.9)] * 6, base=base, adapted=adapted, seed=7)
    assert [row["objective"] for row in rows] == ["score", *OBJECTIVES]
    for row in rows:
        assert row["reference"] == pytest.approx(0.9)
        assert row["difference"] == pytest.approx(0.05)
        assert (row["low"], row["high"]) == pytest.approx((0.05, 0.05))  # the spread of the questions is not in it


def test_both_names_of_the_reference_are_read_and_others_refused(tmp_path: Path) -> None:
    path = tmp_path / "q.jsonl"
    path.write_bytes(b"\n".join(map(orjson.dumps, [{"question": "?", "truth": "a"}, {"question": "!", "answer": "b"}])))
    assert list(read_questions(path)) == [("?", "a"), ("!", "b")]
    path.write_bytes(orjson.dumps({"question": "?"}))
    with pytest.raises(InputError, match=r"q\.jsonl:1"):
        list(read_questions(path))
