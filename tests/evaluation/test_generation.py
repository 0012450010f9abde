"""The generation benchmark: the same text and the same room for both models, and paired differences."""

from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import orjson
import pytest
import torch
from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, processors
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

from mecelle.base.collection import read_jsonl
from mecelle.base.errors import ConfigError, InputError
from mecelle.evaluation import generation
from mecelle.evaluation.generation import (
    Case,
    GenerationConfig,
    cases_of,
    first_tokens,
    prompt_ids,
    read_questions,
    table,
)
from mecelle.reward.conversation import Conversation
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
    """Of equal rewards that the correction for length left at `value`, and weights of a fifth."""
    rewards, gating = dict.fromkeys(OBJECTIVES, value + 1.0), dict.fromkeys(OBJECTIVES, 0.2)
    corrected = dict.fromkeys(OBJECTIVES, value)
    return Judgement(score=value, rewards=rewards, transformed=corrected, gating=gating, words=1, truncated=False)


def test_differences_are_paired() -> None:
    cases = [Case(f"q{number}", "", 5) for number in range(6)]
    base = [judgement(0.1 * number) for number in range(6)]
    adapted = [judgement(0.1 * number + 0.05) for number in range(6)]
    judged = {"reference": [judgement(0.9)] * 6, "base": base, "adapted": adapted, "worse": base[:5] + adapted[:1]}
    rows = table(cases, judged, seed=7)
    assert [row["objective"] for row in rows if row["model"] == "worse"] == ["score", *OBJECTIVES]
    assert all(row["p"] == 1.0 for row in rows if row["model"] == "worse")
    for row in (one for one in rows if one["model"] == "adapted"):
        assert row["reference"] == pytest.approx(0.9)
        assert row["difference"] == pytest.approx(0.05)
        assert row["before_debiasing"] == pytest.approx({"reference": 1.9, "base": 1.25, "mean": 1.3})
        assert (row["low"], row["high"]) == pytest.approx((0.05, 0.05))  # the spread of the questions is not in it


def test_both_names_of_the_reference_are_read_and_others_refused(tmp_path: Path) -> None:
    path = tmp_path / "q.jsonl"
    path.write_bytes(b"\n".join(map(orjson.dumps, [{"question": "?", "truth": "a"}, {"question": "!", "answer": "b"}])))
    assert list(read_questions(path)) == [("?", "a"), ("!", "b")]
    path.write_bytes(orjson.dumps({"question": "?"}))
    with pytest.raises(InputError, match=r"q\.jsonl:1"):
        list(read_questions(path))


class Judge:
    """Keeps what it is asked; the score is the number of words."""

    def __init__(self, tokenizer: Any) -> None:
        self.name, self.asked = "judge", list[Conversation]()
        self.backbone = SimpleNamespace(tokenizer=tokenizer)

    def score(self, conversations: Sequence[Conversation]) -> list[Judgement]:
        self.asked += conversations
        return [judgement(float(len(one.answer.split()))) for one in conversations]


def test_answers_are_judged_with_the_beginning_that_was_given_and_the_reference_in_the_same_room(
    words: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    judge = Judge(words)
    monkeypatch.setattr(generation, "RewardModel", lambda _folder, **_: judge)
    monkeypatch.setattr(generation, "generate", lambda name, cases, *_, **__: [f" {name}." for _ in cases])
    (tmp_path / "q.jsonl").write_bytes(orjson.dumps({"question": "Soru?", "answer": REFERENCE}))
    for name in ("base", "adapted", "judge"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "weights").write_text(name)
    config = GenerationConfig(contexts=(2,), answer_tokens=1)

    figures = generation.benchmark(
        {name: tmp_path / name for name in ("base", "adapted")}, tmp_path / "judge", tmp_path / "q.jsonl",
        tmp_path / "out", config, seed=7,
    )  # fmt: skip

    answers = [one.answer for one in judge.asked]
    assert answers == ["Zarar veren bu", f"Zarar veren {tmp_path / 'base'}.", f"Zarar veren {tmp_path / 'adapted'}."]
    assert {one.reference for one in judge.asked} == {"Zarar veren"}
    assert {row["reference"] for row in figures["rows"]} == {3.0}
    written = list(read_jsonl(tmp_path / "out" / "answers.jsonl"))
    assert [(row["model"], row["answer"]) for row in written] == list(
        zip(("reference", "base", "adapted"), answers, strict=True)
    )
    for given in ({"base": tmp_path}, {"base": tmp_path, "reference": tmp_path}):
        with pytest.raises(ConfigError, match="expected a base and one or more"):
            generation.benchmark(given, tmp_path, tmp_path / "q.jsonl", tmp_path / "none", config, seed=7)


@pytest.fixture
def speaker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A model that likes "veren" best and "Zarar" a little less, whatever stood before; with its tokenizer."""
    tokenizer = Tokenizer(models.WordLevel({"[UNK]": 0, "▁Zarar": 1, "▁veren": 2}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.decoder = decoders.Metaspace()  # which drops the space before a first token
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, unk_token="[UNK]").save_pretrained(tmp_path)
    sizes = {"hidden_size": 16, "intermediate_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2}
    model = LlamaForCausalLM(LlamaConfig(vocab_size=3, eos_token_id=None, max_position_embeddings=64, **sizes))
    with torch.no_grad():
        model.lm_head.weight.zero_()
        model.lm_head.bias = torch.nn.Parameter(torch.tensor([-9.0, 0.5, 1.0]))
    loaded = PreTrainedTokenizerFast.from_pretrained(tmp_path)
    monkeypatch.setattr(generation, "find_folder", lambda name: name)
    monkeypatch.setattr(generation, "load_with_head", lambda *_, **__: (model, loaded))
    return SimpleNamespace(model=model, tokenizer=loaded)


def test_a_continuation_keeps_the_space_before_it(speaker: Any) -> None:
    config = GenerationConfig(answer_tokens=2)
    assert generation.generate("one", [Case("?", "Zarar", 1)], speaker.tokenizer, config, seed=7) == [" veren veren"]


def test_a_tokenizer_of_shorter_tokens_has_as_much_room(speaker: Any) -> None:
    """Of five tokens of its own for a word: ten words are fifty."""
    counting = Tokenizer(models.WordLevel({"[UNK]": 0}, unk_token="[UNK]"))
    counting.pre_tokenizer = pre_tokenizers.Split(Regex("(?: veren){5}"), "isolated")
    words = PreTrainedTokenizerFast(tokenizer_object=counting, unk_token="[UNK]")
    said = generation.generate("one", [Case("?", "Zarar", 1)], words, GenerationConfig(answer_tokens=10), seed=7)
    assert said == [" veren" * 50]


@pytest.mark.parametrize("temperature", [0.0, 1.0])
def test_what_a_folder_says_of_decoding_does_not_count(speaker: Any, temperature: float) -> None:
    """Folders of instructed models repeat less or draw from fewer tokens; models are compared by one decoding."""
    config, cases = GenerationConfig(answer_tokens=12, temperature=temperature), [Case("?", "Zarar", 1)]
    plain = generation.generate("one", cases, speaker.tokenizer, config, seed=7)
    assert ("Zarar" in plain[0]) == (temperature > 0)  # drawn
    for setting in ({"repetition_penalty": 9.0}, {"top_k": 1}, {"top_p": 0.1}, {"no_repeat_ngram_size": 1}):
        speaker.model.generation_config.update(**setting)
        assert generation.generate("one", cases, speaker.tokenizer, config, seed=7) == plain


def test_a_prompt_begins_and_does_not_end() -> None:
    tokenizer = Tokenizer(models.WordLevel({"[UNK]": 0, "[CLS]": 1, "[SEP]": 2, "Zarar": 3}, unk_token="[UNK]"))
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", 2), ("[CLS]", 1))
    roles = {"unk_token": "[UNK]", "bos_token": "[CLS]", "eos_token": "[SEP]"}
    assert prompt_ids("Zarar", PreTrainedTokenizerFast(tokenizer_object=tokenizer, **roles)) == [1, 3]
    assert prompt_ids("Zarar", PreTrainedTokenizerFast(tokenizer_object=tokenizer, unk_token="[UNK]")) == [3]
