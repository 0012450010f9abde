"""Special tokens by family: ids, frames, errors."""

import pytest

from mecelle.base.errors import ConfigError
from mecelle.tokenizer.families import FAMILIES, TAG_TOKENS, get_family


@pytest.mark.parametrize("name", FAMILIES)
def test_order_holds_each_token_once_up_to_the_size(name):
    family = get_family(name)
    fixed = len(family.specials) + len(TAG_TOKENS)
    vocabulary = family.order(["a", "b", "a", family.specials[0], "c", "d"], size=fixed + 3)
    assert sorted(vocabulary.values()) == list(range(fixed + 3))
    assert {"a", "b", "c"} <= set(vocabulary)
    assert "d" not in vocabulary


@pytest.mark.parametrize(
    ("name", "ids"),
    [
        ("bert", {"[PAD]": 0, "[UNK]": 1, "[CLS]": 2, "[SEP]": 3, "[MASK]": 4}),
        ("modernbert", {"[UNK]": 0, "[CLS]": 1, "[SEP]": 2, "[PAD]": 3, "[MASK]": 4}),
        ("qwen3", {"a": 0, "<|endoftext|>": 1 + len(TAG_TOKENS), "<|im_end|>": 3 + len(TAG_TOKENS)}),
    ],
)
def test_ids_that_models_know(name, ids):
    assert ids.items() <= get_family(name).order(["a"], size=100).items()


def test_unknown_family():
    with pytest.raises(ConfigError, match="'qwen' is not known; did you mean 'qwen3'"):
        get_family("qwen")
