"""A token is the same token however it is spelled, if it stands for the same text in the same place."""

from typing import Any

import pytest

from mecelle.encoder.transfer.matching import NONE, match

WORDS = ["karar", "kararı", "##ı", "##lar", "ı", ",", "5", "Ş"]


def pairs(old: Any, new: Any) -> dict[str, str]:
    """Entries of the new tokenizer -> of the old, special tokens left out."""
    found = {
        new.convert_ids_to_tokens(mine): old.convert_ids_to_tokens(int(theirs))
        for mine, theirs in enumerate(match(old, new))
        if theirs != NONE
    }
    return {a: b for a, b in found.items() if a not in new.all_special_tokens}


def test_one_spelling_matches_equal_entries(build: Any) -> None:
    found = pairs(build.wordpiece(["##ı", "karar", "Karar", "##lar"]), build.wordpiece(WORDS))
    assert found == {"karar": "karar", "##ı": "##ı", "##lar": "##lar"}


def test_wordpiece_and_byte_level(build: Any) -> None:
    old, new = build.bpe([" karar", "ı", " ı", "lar", ",", " 5", "Ş"]), build.wordpiece(WORDS)
    assert pairs(old, new) == {
        "karar": "Ġkarar",
        "##ı": "Ä±",
        "##lar": "lar",
        "ı": "ĠÄ±",
        ",": ",",  # not the one behind a space
        "5": "Ġ5",
    }  # "Ş" begins a word in one and stands inside in the other
    assert pairs(new, old) == {
        "Ġkarar": "karar", "Ä±": "##ı", "lar": "##lar", "ĠÄ±": "ı", ",": ",", "Ġ5": "5", "5": "5"
    }  # fmt: skip


def test_wordpiece_and_sentencepiece(build: Any) -> None:
    old = build.unigram(["▁karar", "ı", "▁", "▁ı", "lar", "▁,", ",", "▁5", "Ş"])
    assert pairs(old, build.wordpiece(WORDS)) == {
        "karar": "▁karar", "##ı": "ı", "##lar": "lar", "ı": "▁ı", ",": ",", "5": "▁5"
    }  # fmt: skip


def test_decomposed_letters_are_the_same_text(build: Any) -> None:
    assert pairs(build.unigram(["▁S\u0327ube"]), build.wordpiece(["Şube"])) == {"Şube": "▁S\u0327ube"}


def test_special_tokens_match_by_role(build: Any) -> None:
    old, new = build.unigram(["▁karar"]), build.wordpiece(["karar"])
    found = {new.convert_ids_to_tokens(a): old.convert_ids_to_tokens(int(b)) for a, b in enumerate(match(old, new))}
    assert found == {
        "[PAD]": "<pad>", "[UNK]": "<unk>", "[CLS]": "<s>", "[SEP]": "</s>", "[MASK]": "<mask>", "karar": "▁karar"
    }  # fmt: skip


def test_special_name_is_no_match_for_a_word_of_that_spelling(build: Any) -> None:
    old, new = build.wordpiece(["karar"]), build.wordpiece(["karar"])
    old.add_tokens(["[TCKN]"])
    new.add_tokens(["[VKN]", "[TCKN]"])
    assert match(old, new)[-2:].tolist() == [NONE, old.convert_tokens_to_ids("[TCKN]")]


@pytest.mark.parametrize("maker", ["wordpiece", "bpe", "unigram"])
def test_every_token_of_a_tokenizer_is_itself(build: Any, maker: str) -> None:
    tokenizer = getattr(build, maker)(["karar", "lar", "##ı", "▁ı", ","])
    origins = match(tokenizer, tokenizer)
    names = tokenizer.convert_ids_to_tokens(range(len(tokenizer)))
    assert [names[origin] for origin in origins] == names
